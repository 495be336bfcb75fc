"""Chains that are taken in: completed, and their root trusted when somebody says so."""

from dataclasses import replace

from certwright.access.rights import Caller
from certwright.lifecycle.server import Server
from certwright.stores.place import INTERMEDIATE, TRUSTED_ROOT

from ..composed_server import Clock
from ..foreign_authority import ForeignAuthority
from .authority_on_the_web import ladder, publishing
from .importing import NAMES, bring, bring_all, contents_of, counted, places_with, plan, told


def test_root_is_trusted_when_told(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    issued = company.issue(NAMES)
    imported = bring_all(server, issued.pem, caller=admin, trust_root=True)
    assert imported.plan.root is None
    assert imported.plan.chain.ok
    assert places_with(server, company.root.fingerprint) == {TRUSTED_ROOT}
    assert places_with(server, company.intermediate.fingerprint) == {INTERMEDIATE}
    assert (
        "root-trusted",
        f"The root {company.root.name_on_record} is trusted: Local Machine > Trusted Root",
    ) in told(server, 2)
    # From now on it is at hand, and no second copy comes to lie elsewhere.
    assert plan(server, company.issue(NAMES).pem, caller=admin).root is None
    bring_all(server, company.issue(NAMES).pem, caller=admin)
    assert places_with(server, company.root.fingerprint) == {TRUSTED_ROOT}


def test_only_the_root_that_was_asked_about_is_trusted(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    other = ForeignAuthority(server.now(), "Other")
    content = other.root.pem.encode() + company.issue(NAMES).pem
    assert plan(server, content, caller=admin).root == company.root
    bring_all(server, content, caller=admin, trust_root=True)
    assert company.root in contents_of(server, TRUSTED_ROOT)
    assert other.root not in contents_of(server, TRUSTED_ROOT)


def test_root_that_this_machine_trusts_is_not_asked_about(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    trusting = replace(server, trust=replace(server.trust, machine_roots=lambda: (company.root,)))
    assert plan(trusting, company.issue(NAMES).pem, caller=admin).root is None
    assert plan(server, company.issue(NAMES).pem, caller=admin).root == company.root


def test_chain_is_completed_from_the_stores(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    bring(server, (company.root.pem + company.intermediate.pem).encode(), admin)
    planned = plan(server, company.issue(NAMES, with_root=False).leaf.der, caller=admin)
    assert [one.origin for one in planned.entries] == ["file", "store", "store"]
    assert [one.is_new for one in planned.entries] == [True, False, False]


def test_missing_issuer_is_fetched_when_asked_and_allowed(
    server: Server, admin: Caller, clock: Clock
) -> None:
    inside = replace(server, fetches_inside=True)
    with publishing() as publisher:
        issued, (one, two, root) = ladder(publisher, clock(), 3)
        publisher.pages |= {"/1": one.der, "/2": two.der}
        bring(server, root.pem.encode(), admin)
        plan(inside, issued.pem, caller=admin)
        assert publisher.asked == []
        refused = plan(server, issued.pem, caller=admin, fetch_issuers=True)
        assert publisher.asked == []
        assert any("not an address of the Internet" in note for note in refused.notes)
        before = counted(server)
        planned = plan(inside, issued.pem, caller=admin, fetch_issuers=True)
        assert counted(server) == before
        assert [entry.origin for entry in planned.entries] == [
            "file",
            publisher.address("/1"),
            publisher.address("/2"),
            "store",
        ]
        imported = bring_all(inside, issued.pem, caller=admin, fetch_issuers=True)
    assert imported.plan.chain.path == (issued.leaf, one, two, root)
    assert {one, two, root} <= contents_of(server, INTERMEDIATE)
