"""Taking in what somebody brings: all of it, in the right store, or nothing."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from certwright.access.rights import Caller, Right
from certwright.database.tables import certificates, events, private_keys, store_entries
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import latest_events
from certwright.lifecycle.importing import (
    Imported,
    ImportFile,
    ImportPlan,
    import_certificate,
    import_files,
    plan_import,
)
from certwright.lifecycle.server import Server
from certwright.stores.database import list_certificates, places_of
from certwright.stores.place import INTERMEDIATE, PERSONAL, TRUSTED_ROOT, Place
from certwright.x509.building import build_root
from certwright.x509.certificate import Certificate
from certwright.x509.keys import KeyType, generate_private_key, private_key_to_pem

from ..composed_server import Clock
from ..foreign_authority import ForeignAuthority, Issued
from .authority_on_the_web import ladder, publishing

NAMES = ["todd.corp.example"]
CURRENT_USER = Place("local", "CurrentUser", "My")


def bring(
    server: Server,
    data: bytes,
    caller: Caller,
    password: str | None = None,
    place: Place | None = None,
) -> Imported:
    return import_certificate(
        server, data, password, friendly_name="Web", caller=caller, place=place
    )


def bring_all(
    server: Server,
    *contents: bytes,
    caller: Caller,
    trust_root: bool = False,
    exportable: bool = True,
    fetch_issuers: bool = False,
) -> Imported:
    return import_files(
        server,
        files(*contents),
        None,
        friendly_name="",
        caller=caller,
        trust_root=trust_root,
        exportable=exportable,
        fetch_issuers=fetch_issuers,
    )


def plan(
    server: Server, *contents: bytes, caller: Caller, fetch_issuers: bool = False
) -> ImportPlan:
    return plan_import(server, files(*contents), None, caller=caller, fetch_issuers=fetch_issuers)


def files(*contents: bytes) -> list[ImportFile]:
    return [ImportFile(f"file {number}", one) for number, one in enumerate(contents, start=1)]


def key_pem(issued: Issued) -> bytes:
    return private_key_to_pem(issued.key).encode()


def counted(server: Server) -> tuple[int, ...]:
    with server.database.connect() as connection:
        return tuple(
            connection.scalar(select(func.count()).select_from(table)) or 0
            for table in (certificates, store_entries, private_keys, events)
        )


def places_with(server: Server, fingerprint: str) -> set[Place]:
    with server.database.connect() as connection:
        return set(places_of(connection, fingerprint))


def contents_of(server: Server, place: Place) -> set[Certificate]:
    with server.database.connect() as connection:
        return {entry.certificate for entry in list_certificates(connection, [place])}


def told(server: Server, number: int) -> list[tuple[str, str]]:
    return [(event.kind, event.message) for event in latest_events(server, number)]


def test_leaf_goes_to_personal_and_its_chain_to_intermediate(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    issued = company.issue(NAMES)
    imported = bring(server, issued.pfx("correct horse"), admin, "correct horse")
    assert imported.added
    assert imported.leaf.place == PERSONAL
    assert imported.leaf.has_private_key
    assert imported.leaf.friendly_name == "Web"
    assert places_with(server, company.intermediate.fingerprint) == {INTERMEDIATE}
    # A root that somebody put into a file is not thereby one that everybody trusts.
    assert places_with(server, company.root.fingerprint) == {INTERMEDIATE}
    event = latest_events(server, 1)[0]
    assert (event.kind, event.actor) == ("certificate-imported", "ada")
    assert event.subject == issued.leaf.fingerprint
    assert event.message == (
        f"{issued.leaf.name_on_record} imported into Local Machine > Personal, "
        "with Company Issuing, Company Root"
    )


def test_named_store_is_used(server: Server, company: ForeignAuthority, admin: Caller) -> None:
    issued = company.issue(NAMES)
    assert bring(server, issued.pem, admin, place=CURRENT_USER).leaf.place == CURRENT_USER
    other = ForeignAuthority(server.now(), "Other")
    root = other.root.pem.encode()
    assert bring(server, root, admin, place=TRUSTED_ROOT).leaf.place == TRUSTED_ROOT
    assert told(server, 1) == [
        (
            "root-trusted",
            f"The root {other.root.name_on_record} is trusted: Local Machine > Trusted Root",
        )
    ]


def test_same_file_twice_is_one_and_the_second_is_no_event(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    issued = company.issue(NAMES)
    bring(server, issued.pem, admin)
    before = counted(server)
    again = bring(server, issued.pem, admin)
    assert not again.added
    assert not any(entry.is_new for entry in again.plan.entries)
    assert again.leaf.certificate == issued.leaf
    assert counted(server) == before


def test_second_store_is_what_the_answer_tells_of(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    issued = company.issue(NAMES)
    bring(server, issued.pem, admin)
    again = bring(server, issued.pem, admin, place=CURRENT_USER)
    assert again.added
    assert again.leaf.place == CURRENT_USER


def test_self_signed_server_certificate_is_personal_though_it_says_it_is_an_authority(
    server: Server, admin: Caller, clock: Clock
) -> None:
    key = generate_private_key(KeyType.EC_P256)
    root = build_root("todd.corp.example", "Todd", key, not_before=clock(), days=9, serial=1)
    imported = bring(server, Issued(root, key, ()).pem, admin)
    assert imported.leaf.place == PERSONAL
    assert imported.plan.root is None


def test_authority_alone_goes_to_intermediate(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    imported = bring(server, company.root.pem.encode(), admin)
    assert imported.leaf.place == INTERMEDIATE
    assert imported.plan.root == company.root
    assert imported.findings == ()


def test_friendly_name_of_the_file_is_kept_unless_another_is_given(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    def name_of(issued: Issued, given: str) -> str:
        pfx = issued.pfx("x")  # says "server"
        return import_certificate(
            server, pfx, "x", friendly_name=given, caller=admin
        ).leaf.friendly_name

    assert name_of(company.issue(NAMES), "") == "server"
    assert name_of(company.issue(NAMES), " \t") == "server"
    assert name_of(company.issue(NAMES), " Web ") == "Web"


# Plans


def test_plan_saves_nothing_and_says_what_the_import_then_does(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    issued = company.issue(NAMES)
    before = counted(server)
    planned = plan(server, issued.pem, caller=admin)
    assert counted(server) == before
    assert planned.format == "PEM"
    assert [
        (one.certificate, one.place, one.has_private_key, one.is_new, one.origin)
        for one in planned.entries
    ] == [
        (issued.leaf, PERSONAL, True, True, "file"),
        (company.intermediate, INTERMEDIATE, False, True, "file"),
        (company.root, INTERMEDIATE, False, True, "file"),
    ]
    assert planned.root == company.root
    assert planned.chain.path == (issued.leaf, company.intermediate, company.root)
    imported = bring_all(server, issued.pem, caller=admin)
    assert imported.plan == planned
    assert imported.findings == planned.findings
    assert not any(one.is_new for one in plan(server, issued.pem, caller=admin).entries)


def test_plan_finds_what_the_rules_will_find(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    issued = company.issue(["gregor.corp.example"])
    codes = {finding.code for finding in plan(server, issued.pem, caller=admin).findings}
    assert "san-lacks-name" in codes
    assert "private-key-missing" not in codes


def test_plan_of_what_is_no_certificate(server: Server, admin: Caller) -> None:
    with pytest.raises(CertwrightError) as error:
        plan(server, b"garbage", caller=admin)
    assert error.value.code is ErrorCode.UNREADABLE_CERTIFICATE
    with pytest.raises(CertwrightError) as error:
        plan(server, caller=admin)
    assert error.value.code is ErrorCode.INVALID_INPUT


# Several files, and keys that come alone


def test_certificate_key_and_chain_may_be_files_of_their_own(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    issued = company.issue(NAMES)
    chain = (company.root.pem + company.intermediate.pem).encode()
    imported = bring_all(server, chain, key_pem(issued), issued.leaf.der, caller=admin)
    assert imported.leaf.certificate == issued.leaf
    assert imported.leaf.has_private_key
    assert [one.certificate for one in imported.plan.entries] == [issued.leaf, *issued.chain]
    assert len(contents_of(server, PERSONAL)) == 1


def test_file_that_cannot_be_read_among_several_is_named(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    before = counted(server)
    with pytest.raises(CertwrightError) as error:
        bring_all(server, company.issue(NAMES).pem, b"garbage", caller=admin)
    assert error.value.message.startswith("file 2: ")
    assert counted(server) == before


def test_several_identities_each_go_to_personal(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    one, two = company.issue(NAMES), company.issue(["gregor.corp.example"])
    imported = bring_all(server, one.pem + two.pem, caller=admin)
    assert contents_of(server, PERSONAL) == {one.leaf, two.leaf}
    assert all(entry.has_private_key for entry in imported.plan.entries if entry.place == PERSONAL)


def test_key_may_come_later_with_its_certificate(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    issued = company.issue(NAMES)
    assert not bring(server, issued.pem_without_key, admin).leaf.has_private_key
    assert bring(server, issued.pem, admin).leaf.has_private_key
    message = f"The private key of {issued.leaf.name_on_record} arrived"
    assert ("private-key-imported", message) in told(server, 2)


def test_key_that_comes_alone_joins_its_certificate(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    issued = company.issue(NAMES)
    bring(server, issued.pem_without_key, admin, place=CURRENT_USER)
    planned = plan(server, key_pem(issued), caller=admin)
    assert planned.entries[0].has_private_key
    assert planned.entries[0].origin == "store"
    assert planned.notes == (
        "The private key belongs to todd.corp.example, which lies in Current User > Personal.",
    )
    imported = bring_all(server, key_pem(issued), caller=admin)
    assert imported.leaf.place == CURRENT_USER
    assert imported.leaf.has_private_key
    assert not imported.added
    assert imported.key_added
    assert not bring_all(server, key_pem(issued), caller=admin).key_added
    assert told(server, 1) == [
        ("private-key-imported", f"The private key of {issued.leaf.name_on_record} arrived")
    ]


def test_key_that_belongs_to_nothing_is_refused_or_left_out(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    stranger, issued = company.issue(NAMES), company.issue(NAMES)
    before = counted(server)
    with pytest.raises(CertwrightError) as error:
        bring_all(server, key_pem(stranger), caller=admin)
    assert error.value.code is ErrorCode.UNREADABLE_CERTIFICATE
    assert "no certificate" in error.value.message
    assert counted(server) == before
    imported = bring_all(server, issued.pem, key_pem(stranger), caller=admin)
    assert "A private key in the file that no certificate belongs to: left out." in (
        imported.plan.notes
    )
    assert counted(server)[2] == before[2] + 1


def test_key_that_may_not_leave_stays_so(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    issued = company.issue(NAMES)

    def exportable() -> bool:
        with server.database.connect() as connection:
            return server.vault.is_exportable(connection, issued.leaf.key_fingerprint)

    bring_all(server, issued.pem, caller=admin, exportable=False)
    assert not exportable()
    again = bring_all(server, issued.pem, caller=admin)
    assert not exportable()
    assert any("still never leaves" in note for note in again.plan.notes)


# Roots


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


# Issuers from elsewhere


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


# What is refused


@pytest.mark.parametrize(
    ("data", "password", "code"),
    [
        (b"", None, ErrorCode.UNREADABLE_CERTIFICATE),
        (b"garbage", None, ErrorCode.UNREADABLE_CERTIFICATE),
        (bytes(2_000_000), None, ErrorCode.TOO_LARGE),
        ("pfx", None, ErrorCode.WRONG_PASSWORD),
        ("pfx", "", ErrorCode.WRONG_PASSWORD),
        ("pfx", "Correct horse", ErrorCode.WRONG_PASSWORD),
    ],
)
def test_what_cannot_be_read_leaves_nothing(
    server: Server,
    company: ForeignAuthority,
    admin: Caller,
    data: bytes | str,
    password: str | None,
    code: ErrorCode,
) -> None:
    content = data if isinstance(data, bytes) else company.issue(NAMES).pfx("correct horse")
    before = counted(server)
    with pytest.raises(CertwrightError) as error:
        bring(server, content, admin, password)
    assert error.value.code is code
    assert counted(server) == before


@pytest.mark.parametrize(
    "contents", [[b"x" * 600_000, b"y" * 600_000], [b"x"] * 21], ids=["large", "many"]
)
def test_too_much_is_refused_unread(
    server: Server, admin: Caller, contents: Sequence[bytes]
) -> None:
    with pytest.raises(CertwrightError) as error:
        bring_all(server, *contents, caller=admin)
    assert error.value.code is ErrorCode.TOO_LARGE


@pytest.mark.parametrize("right", [Right.READ, Right.MODIFY])
def test_right_to_create_is_needed(server: Server, company: ForeignAuthority, right: Right) -> None:
    before = counted(server)
    with pytest.raises(CertwrightError) as error:
        bring(server, company.issue(NAMES).pem, Caller("bob", right))
    assert error.value.code is ErrorCode.NOT_PERMITTED
    with pytest.raises(CertwrightError) as error:
        plan(server, company.issue(NAMES).pem, caller=Caller("bob", right))
    assert error.value.code is ErrorCode.NOT_PERMITTED
    assert counted(server) == before


def test_hostile_friendly_name_is_made_harmless(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    imported = import_certificate(
        server,
        company.issue(NAMES).pem,
        None,
        friendly_name="a\x00b\x1b[31m\u202ec\ud800" + "x" * 1000,
        caller=admin,
    )
    assert imported.leaf.friendly_name.isprintable()
    assert len(imported.leaf.friendly_name) <= 201
