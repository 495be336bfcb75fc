"""Deleting: the certificate and its key, but nothing that is in use."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from certwright.access.rights import Caller, Right
from certwright.database.tables import certificates, private_keys
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.activation import activate
from certwright.lifecycle.deleting import delete_certificate, uses_of
from certwright.lifecycle.events import latest_events
from certwright.lifecycle.first_start import provide_certificate
from certwright.lifecycle.importing import import_certificate
from certwright.lifecycle.selection import select_certificate
from certwright.lifecycle.server import Server
from certwright.services.endpoints import OwnEndpoint
from certwright.stores.database import entries_with_key, find_certificate
from certwright.stores.place import INTERMEDIATE, PERSONAL, TRUSTED_ROOT, Place
from certwright.x509.certificate import Certificate

from ..composed_server import Clock
from ..foreign_authority import ForeignAuthority, Issued

NAMES = ["todd.corp.example"]
WEB = OwnEndpoint.WEB_SERVER
CURRENT_USER = Place("local", "CurrentUser", "My")


@pytest.fixture
def issued(server: Server, company: ForeignAuthority, admin: Caller) -> Issued:
    """A certificate of the company's in Personal, its chain beside it."""
    made = company.issue(NAMES)
    import_certificate(server, made.pem, None, friendly_name="", caller=admin)
    return made


def has_key(server: Server, certificate: Certificate) -> bool:
    with server.database.connect() as connection:
        found = connection.execute(
            select(private_keys).where(
                private_keys.c.key_fingerprint == certificate.key_fingerprint
            )
        )
        return found.one_or_none() is not None


def is_stored(server: Server, certificate: Certificate) -> bool:
    with server.database.connect() as connection:
        return bool(entries_with_key(connection, certificate.key_fingerprint))


def refusal(
    server: Server, certificate: Certificate, caller: Caller, place: Place | None = None
) -> CertwrightError:
    with pytest.raises(CertwrightError) as error:
        delete_certificate(server, certificate.fingerprint, place=place, caller=caller)
    assert is_stored(server, certificate)
    return error.value


def select_and_activate(server: Server, certificate: Certificate, caller: Caller) -> None:
    select_certificate(
        server, WEB, certificate.fingerprint, read_version=None, confirmed=True, caller=caller
    )
    assert activate(server, WEB, caller).state == "proven"


def test_certificate_goes_with_its_key(server: Server, issued: Issued, admin: Caller) -> None:
    deleted = delete_certificate(server, issued.leaf.thumbprint[:10], caller=admin)
    assert deleted.entry.certificate == issued.leaf
    assert deleted.private_key
    assert not is_stored(server, issued.leaf)
    assert not has_key(server, issued.leaf)
    event = latest_events(server, 1)[0]
    assert (event.kind, event.actor, event.subject) == (
        "certificate-deleted",
        "ada",
        issued.leaf.fingerprint,
    )
    assert event.message == (
        f"{issued.leaf.name_on_record} deleted from Local Machine > Personal with its private key"
    )


def test_key_that_another_certificate_has_stays(
    server: Server, company: ForeignAuthority, issued: Issued, admin: Caller
) -> None:
    import_certificate(
        server, issued.leaf.der, None, friendly_name="", caller=admin, place=CURRENT_USER
    )
    deleted = delete_certificate(server, issued.leaf.fingerprint, place=PERSONAL, caller=admin)
    assert not deleted.private_key
    assert has_key(server, issued.leaf)
    assert is_stored(server, issued.leaf)
    last = delete_certificate(server, issued.leaf.fingerprint, caller=admin)
    assert last.entry.place == CURRENT_USER
    assert last.private_key
    assert not has_key(server, issued.leaf)


def test_what_an_endpoint_serves_stays(serving: Server, admin: Caller) -> None:
    with serving.database.connect() as connection:
        (leaf,) = [
            Certificate.from_der(row.der)
            for row in connection.execute(select(certificates))
            if not row.is_authority
        ]
    error = refusal(serving, leaf, admin)
    assert error.code is ErrorCode.CERTIFICATE_IN_USE
    assert "what the Configuration Server serves, what the Web Server serves" in error.message
    assert has_key(serving, leaf)


def test_what_is_selected_stays(server: Server, issued: Issued, admin: Caller) -> None:
    provide_certificate(server, None)
    select_certificate(
        server, WEB, issued.leaf.fingerprint, read_version=None, confirmed=True, caller=admin
    )
    assert "selected for the Web Server" in refusal(server, issued.leaf, admin).message


def test_way_back_stays_until_it_has_expired(
    serving: Server, company: ForeignAuthority, admin: Caller, clock: Clock
) -> None:
    first, second = (
        company.issue(NAMES, not_after=clock() + timedelta(days=days)) for days in (10, 90)
    )
    for one in (first, second):
        import_certificate(serving, one.pem, None, friendly_name="", caller=admin)
        select_and_activate(serving, one.leaf, admin)
    assert "the way back of the Web Server" in refusal(serving, first.leaf, admin).message
    clock.move(timedelta(days=11))
    assert delete_certificate(serving, first.leaf.fingerprint, caller=admin).private_key


def test_authoritys_certificates_stay(server: Server, admin: Caller) -> None:
    authority = server.authority
    assert (
        f"the root of the authority {authority.name}"
        in refusal(server, authority.root, admin).message
    )
    assert "issues with" in refusal(server, authority.intermediate, admin).message


def test_chain_of_what_is_served_stays(
    serving: Server, company: ForeignAuthority, issued: Issued, admin: Caller
) -> None:
    other = ForeignAuthority(serving.now(), "Other")
    import_certificate(serving, other.root.pem.encode(), None, friendly_name="", caller=admin)
    select_and_activate(serving, issued.leaf, admin)
    for one in (company.intermediate, company.root):
        error = refusal(serving, one, admin)
        assert "in the chain of what the Web Server serves" in error.message
    # One that nothing served leads to may go.
    assert not delete_certificate(serving, other.root.fingerprint, caller=admin).private_key


def test_trust_in_what_is_served_stays_though_the_root_lies_in_intermediate_too(
    serving: Server, company: ForeignAuthority, issued: Issued, admin: Caller
) -> None:
    select_and_activate(serving, issued.leaf, admin)
    root = company.root.pem.encode()
    import_certificate(serving, root, None, friendly_name="", caller=admin, place=TRUSTED_ROOT)
    fingerprint = company.root.fingerprint
    assert refusal(serving, company.root, admin, TRUSTED_ROOT).code is ErrorCode.CERTIFICATE_IN_USE
    assert (
        delete_certificate(serving, fingerprint, place=INTERMEDIATE, caller=admin).entry.place
        == INTERMEDIATE
    )


def test_issued_certificate_stays_on_record(server: Server, admin: Caller) -> None:
    made = provide_certificate(server, None).issued
    assert made is not None
    other = provide_and_replace(server, admin)
    delete_certificate(server, made.fingerprint, caller=admin)
    assert not is_stored(server, made)
    assert is_stored(server, other)
    with server.database.connect() as connection:
        kept = connection.execute(
            select(certificates.c.der).where(certificates.c.fingerprint == made.fingerprint)
        ).scalar_one()
    assert kept == made.der


def provide_and_replace(server: Server, caller: Caller) -> Certificate:
    other = ForeignAuthority(server.now(), "Other").issue(NAMES)
    import_certificate(server, other.pem, None, friendly_name="", caller=caller)
    for endpoint in OwnEndpoint:
        select_certificate(
            server,
            endpoint,
            other.leaf.fingerprint,
            read_version=None,
            confirmed=True,
            caller=caller,
        )
    return other.leaf


def test_uses_are_told_before_anybody_tries(server: Server, issued: Issued, admin: Caller) -> None:
    provide_certificate(server, None)

    def uses() -> tuple[str, ...]:
        with server.database.connect() as connection:
            entry = find_certificate(connection, issued.leaf.fingerprint)
        return uses_of(server, entry)

    assert uses() == ()
    select_certificate(
        server, WEB, issued.leaf.fingerprint, read_version=None, confirmed=True, caller=admin
    )
    assert uses() == ("selected for the Web Server",)


@pytest.mark.parametrize(
    ("right", "with_key", "code"),
    [
        (Right.READ, False, ErrorCode.NOT_PERMITTED),
        (Right.MODIFY, False, ErrorCode.NOT_PERMITTED),
        (Right.CREATE, False, None),
        (Right.CREATE, True, ErrorCode.NOT_PERMITTED),
        (Right.ADMIN, True, None),
    ],
)
def test_right_that_is_needed(
    server: Server,
    company: ForeignAuthority,
    admin: Caller,
    right: Right,
    with_key: bool,
    code: ErrorCode | None,
) -> None:
    made = company.issue(NAMES)
    content = made.pem if with_key else made.pem_without_key
    import_certificate(server, content, None, friendly_name="", caller=admin)
    caller = Caller("bob", right)
    if code is not None:
        assert refusal(server, made.leaf, caller).code is code
        assert has_key(server, made.leaf) == with_key
    else:
        delete_certificate(server, made.leaf.fingerprint, caller=caller)
        assert not is_stored(server, made.leaf)


def test_what_is_not_there_cannot_be_deleted(server: Server, admin: Caller) -> None:
    with pytest.raises(CertwrightError) as error:
        delete_certificate(server, "ab" * 32, caller=admin)
    assert error.value.code is ErrorCode.NOT_FOUND
