"""Taking in what somebody brings: all of it, in the right store, or nothing."""

from collections.abc import Sequence

import pytest

from certwright.access.rights import Caller, Right
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import latest_events
from certwright.lifecycle.importing import (
    import_certificate,
)
from certwright.lifecycle.server import Server
from certwright.stores.place import INTERMEDIATE, PERSONAL, TRUSTED_ROOT
from certwright.x509.building import build_root
from certwright.x509.keys import KeyType, generate_private_key

from ..composed_server import Clock
from ..foreign_authority import ForeignAuthority, Issued
from .importing import (
    CURRENT_USER,
    NAMES,
    bring,
    bring_all,
    contents_of,
    counted,
    key_pem,
    places_with,
    plan,
    told,
)


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
