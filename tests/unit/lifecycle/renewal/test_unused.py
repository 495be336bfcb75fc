"""What no endpoint uses is not renewed by itself: it is told in time, once, and how to renew it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from certwright.access.rights import Caller
from certwright.lifecycle.events import latest_events
from certwright.lifecycle.exporting import export_certificate
from certwright.lifecycle.importing import import_certificate
from certwright.lifecycle.renewal.advancing import advance
from certwright.lifecycle.renewal.asking import renew
from certwright.lifecycle.renewal.requesting import Ordered, request_certificate
from certwright.lifecycle.renewal.unused import KIND, Unused, tell_of_unused, unused_and_expiring
from certwright.lifecycle.server import Server
from certwright.stores.database import get_certificate, set_entry_archived
from certwright.stores.place import PERSONAL
from certwright.x509.building import build_request
from certwright.x509.certificate import Certificate
from certwright.x509.keys import KeyType, generate_private_key
from certwright.x509.names import parse_server_name
from certwright.x509.profile import Profile
from certwright.x509.writing.formats import ExportFormat

from ...composed_server import Clock
from ...foreign_authority import ForeignAuthority
from .conftest import SURROUNDINGS

CLIENT = Ordered(("reports.corp.example",), profile=Profile.CLIENT, lifetime=timedelta(days=100))
Getter = Callable[[Ordered], Certificate]


@pytest.fixture
def got(serving: Server, admin: Caller) -> Getter:
    """Gets a certificate from the internal authority."""

    def get(ordered: Ordered) -> Certificate:
        begun = request_certificate(serving, ordered, caller=admin)
        done = advance(serving, begun.id, SURROUNDINGS)
        assert done.issued is not None
        with serving.database.connect() as connection:
            return get_certificate(connection, done.issued)

    return get


def found(server: Server) -> tuple[Unused, ...]:
    with server.database.connect() as connection:
        return unused_and_expiring(server, connection)


def told(server: Server) -> list[str]:
    tell_of_unused(server)
    return [one.message for one in latest_events(server, 100) if one.kind == KIND]


def test_a_client_certificate_is_told_once_in_time_with_who_has_it_and_the_command(
    serving: Server, got: Getter, admin: Caller, clock: Clock
) -> None:
    certificate = got(CLIENT)
    export_certificate(
        serving,
        certificate.fingerprint,
        ExportFormat.PFX,
        with_key=True,
        password="four odd words",
        caller=admin,
    )
    clock.move(timedelta(days=74))
    assert (found(serving), told(serving)) == ((), [])
    clock.move(timedelta(days=2))
    short = certificate.thumbprint[:8]
    sentence = (
        f"The client certificate reports.corp.example (thumbprint {short}) runs out on 4 March "
        "2027. No endpoint uses it, so it is not renewed by itself. It was exported with its "
        "private key by ada on 24 November 2026. If it is needed still: "
        f"certwright renew {short}, then export the new one"
    )
    assert found(serving) == (Unused(certificate, sentence),)
    assert told(serving) == [sentence]
    clock.move(timedelta(days=1))
    assert told(serving) == [sentence]


def test_what_has_a_successor_is_archived_or_is_used_is_not_told(
    serving: Server, got: Getter, admin: Caller, clock: Clock
) -> None:
    first, archived = got(CLIENT), got(Ordered(("a.corp.example",)))
    with serving.database.begin() as connection:
        set_entry_archived(connection, archived.fingerprint, PERSONAL, archived=True)
    clock.move(timedelta(days=76))  # what the endpoints serve has run out, which is told elsewhere
    assert [one.certificate for one in found(serving)] == [first]
    got(Ordered(CLIENT.names))  # of that name, but a server's
    assert [one.certificate for one in found(serving)] == [first]
    got(CLIENT)
    assert found(serving) == ()


def test_one_that_is_being_renewed_is_not_told(
    serving: Server, got: Getter, admin: Caller, clock: Clock
) -> None:
    certificate = got(CLIENT)
    clock.move(timedelta(days=76))
    begun = renew(serving, certificate.fingerprint, caller=admin)
    assert found(serving) == ()
    advance(serving, begun.id, SURROUNDINGS)
    assert found(serving) == ()


def test_an_imported_one_names_who_could_issue_it_and_an_authority_is_passed_over(
    serving: Server, admin: Caller, clock: Clock, company: ForeignAuthority
) -> None:
    soon = clock() + timedelta(days=20)
    issued = company.issue(["bi.corp.example"], not_after=soon)
    import_certificate(serving, issued.pem, None, friendly_name="", caller=admin)
    short = company.issue(["keyless.corp.example"], not_after=soon)
    import_certificate(serving, short.pem_without_key, None, friendly_name="", caller=admin)
    assert found(serving) == ()  # 20 of 21 days are left
    clock.move(timedelta(days=16))
    (one,) = found(serving)
    assert one.certificate == issued.leaf
    assert f"certwright renew {issued.leaf.thumbprint[:8]} --authority internal" in one.sentence


def test_one_whose_key_lies_elsewhere_needs_a_new_signing_request(
    serving: Server, got: Getter, clock: Clock
) -> None:
    key = generate_private_key(KeyType.EC_P256)
    request = build_request(key, (parse_server_name("a.corp.example"),), "a.corp.example")
    got(Ordered(signing_request=request))
    clock.move(timedelta(days=40))
    assert any("certwright request --csr FILE" in one.sentence for one in found(serving))
