"""Taking in what somebody brings: all of it, in the right store, or nothing."""

import pytest
from sqlalchemy import func, select

from certwright.access.rights import Caller, Right
from certwright.database.tables import certificates, events, private_keys
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import latest_events
from certwright.lifecycle.importing import Imported, import_certificate
from certwright.lifecycle.server import Server
from certwright.stores.database import list_certificates
from certwright.stores.place import INTERMEDIATE, PERSONAL, TRUSTED_ROOT, Place
from certwright.x509.building import build_root
from certwright.x509.keys import KeyType, generate_private_key

from ..composed_server import Clock
from ..foreign_authority import ForeignAuthority, Issued

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


def counted(server: Server) -> tuple[int, ...]:
    with server.database.connect() as connection:
        return tuple(
            connection.scalar(select(func.count()).select_from(table)) or 0
            for table in (certificates, private_keys, events)
        )


def places_of(server: Server, fingerprint: str) -> set[Place]:
    with server.database.connect() as connection:
        entries = list_certificates(connection)
    return {e.place for e in entries if e.certificate.fingerprint == fingerprint}


def test_leaf_goes_to_personal_and_its_chain_to_intermediate(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    issued = company.issue(NAMES)
    imported = bring(server, issued.pfx("correct horse"), admin, "correct horse")
    assert imported.added
    assert imported.leaf.place == PERSONAL
    assert imported.leaf.has_private_key
    assert imported.leaf.friendly_name == "Web"
    assert places_of(server, company.intermediate.fingerprint) == {INTERMEDIATE}
    # A root that somebody put into a file is not thereby one that everybody trusts.
    assert places_of(server, company.root.fingerprint) == {INTERMEDIATE}
    event = latest_events(server, 1)[0]
    assert (event.kind, event.actor) == ("certificate-imported", "ada")
    assert event.message == "todd.corp.example imported into Local Machine > Personal"


def test_named_store_is_used(server: Server, company: ForeignAuthority, admin: Caller) -> None:
    issued = company.issue(NAMES)
    assert bring(server, issued.pem, admin, place=CURRENT_USER).leaf.place == CURRENT_USER
    root = company.root.pem.encode()
    assert bring(server, root, admin, place=TRUSTED_ROOT).leaf.place == TRUSTED_ROOT


def test_same_file_twice_is_one_and_the_second_is_no_event(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    issued = company.issue(NAMES)
    bring(server, issued.pem, admin)
    before = counted(server)
    again = bring(server, issued.pem, admin)
    assert not again.added
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


def test_key_may_come_later(server: Server, company: ForeignAuthority, admin: Caller) -> None:
    issued = company.issue(NAMES)
    assert not bring(server, issued.pem_without_key, admin).leaf.has_private_key
    assert bring(server, issued.pem, admin).leaf.has_private_key


def test_self_signed_server_certificate_is_personal_though_it_says_it_is_an_authority(
    server: Server, admin: Caller, clock: Clock
) -> None:
    key = generate_private_key(KeyType.EC_P256)
    root = build_root("todd.corp.example", "Todd", key, not_before=clock(), days=9, serial=1)
    imported = bring(server, Issued(root, key, ()).pem, admin)
    assert imported.leaf.place == PERSONAL


def test_authority_alone_goes_to_intermediate(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    imported = bring(server, company.root.pem.encode(), admin)
    assert imported.leaf.place == INTERMEDIATE


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


@pytest.mark.parametrize("right", [Right.READ, Right.MODIFY])
def test_right_to_create_is_needed(server: Server, company: ForeignAuthority, right: Right) -> None:
    before = counted(server)
    with pytest.raises(CertwrightError) as error:
        bring(server, company.issue(NAMES).pem, Caller("bob", right))
    assert error.value.code is ErrorCode.NOT_PERMITTED
    assert counted(server) == before


def test_hostile_friendly_name_is_made_harmless(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    imported = import_certificate(
        server,
        company.issue(NAMES).pem,
        None,
        friendly_name="a\x00b\x1b[31m\u202ec\ud800",
        caller=admin,
    )
    assert imported.leaf.friendly_name.isprintable()
