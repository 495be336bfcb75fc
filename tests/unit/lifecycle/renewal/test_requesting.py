"""A first certificate, with a key of ours or of others."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from certwright.access.rights import Caller, Right
from certwright.authorities.authority import CertificateRequest, IssuedCertificate, Progress
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.renewal.advancing import advance
from certwright.lifecycle.renewal.asking import renew
from certwright.lifecycle.renewal.record import RenewalState
from certwright.lifecycle.renewal.requesting import Ordered, request_certificate
from certwright.lifecycle.server import Server
from certwright.stores.database import find_certificate, get_certificate
from certwright.stores.store import StoredCertificate
from certwright.x509.building import build_request
from certwright.x509.keys import KeyType, generate_private_key, key_fingerprint
from certwright.x509.names import parse_certificate_name
from certwright.x509.profile import Profile
from certwright.x509.refusals import CLIENT_AUTH, SERVER_AUTH

from .conftest import SURROUNDINGS
from .scripted_authority import ScriptedAuthority, with_authority


def got(server: Server, ordered: Ordered, caller: Caller) -> StoredCertificate:
    """What came of an order."""
    done = advance(server, request_certificate(server, ordered, caller=caller).id, SURROUNDINGS)
    assert done.state is RenewalState.DONE, done.sentence
    assert done.issued is not None
    with server.database.connect() as connection:
        return find_certificate(connection, done.issued)


def test_it_is_issued_and_stored_with_its_key(server: Server, admin: Caller) -> None:
    ordered = Ordered(
        names=("mail.corp.example", "*.corp.example", "192.0.2.7"),
        common_name="Todd.Corp.Example",
        key_type=KeyType.RSA_2048,
        lifetime=timedelta(days=10),
    )
    stored = got(server, ordered, admin)
    assert stored.has_private_key
    certificate = stored.certificate
    assert certificate.common_name == "todd.corp.example"
    assert set(certificate.names) == {
        *("todd.corp.example", "mail.corp.example", "*.corp.example", "192.0.2.7")
    }
    assert certificate.key_description == "RSA 2048"
    assert certificate.not_after == server.now() + timedelta(days=10)


def test_a_lifetime_that_the_authority_decided_on_is_told(server: Server, admin: Caller) -> None:
    def longer(request: CertificateRequest, progress: Progress, now: datetime) -> IssuedCertificate:
        issued = server.authority.issue(
            replace(request, lifetime=timedelta(days=90)), progress, now
        )
        assert isinstance(issued, IssuedCertificate)
        return issued

    deciding = with_authority(server, ScriptedAuthority([longer]))
    sentences = {}
    for days in (30, 90):
        ordered = Ordered((f"a{days}.corp.example",), lifetime=timedelta(days=days))
        done = advance(
            deciding, request_certificate(deciding, ordered, caller=admin).id, SURROUNDINGS
        )
        sentences[days] = next(step.sentence for step in done.steps if step.name == "issue")
    decided = "Its lifetime is 90 days and not 30 days: the authority decides on that."
    assert sentences[30].endswith(decided)
    assert "lifetime" not in sentences[90]


def test_the_same_order_again_is_the_one_at_work(server: Server, admin: Caller) -> None:
    first = request_certificate(server, Ordered(("a.corp.example",)), caller=admin)
    again = request_certificate(server, Ordered(("A.corp.example.",)), caller=admin)
    other = request_certificate(server, Ordered(("b.corp.example",)), caller=admin)
    assert again == first
    assert other.id != first.id
    advance(server, first.id, SURROUNDINGS)
    assert request_certificate(server, Ordered(("a.corp.example",)), caller=admin).id > other.id


def test_with_a_signing_request_the_key_stays_elsewhere(server: Server, admin: Caller) -> None:
    key = generate_private_key(KeyType.EC_P384)
    names = tuple(map(parse_certificate_name, ("a.corp.example", "b.corp.example")))
    made = build_request(key, names, "b.corp.example")
    stored = got(server, Ordered(signing_request=made), admin)
    assert not stored.has_private_key
    assert stored.certificate.key_fingerprint == key_fingerprint(key.public_key())
    assert stored.certificate.common_name == "b.corp.example"
    assert set(stored.certificate.names) == {"a.corp.example", "b.corp.example"}


@pytest.mark.parametrize(
    ("profile", "usages"),
    [
        (Profile.SERVER, (SERVER_AUTH,)),
        (Profile.CLIENT, (CLIENT_AUTH,)),
        (Profile.SERVER_AND_CLIENT, (SERVER_AUTH, CLIENT_AUTH)),
    ],
)
def test_it_is_for_what_was_asked_for_and_so_is_the_next_one(
    server: Server, admin: Caller, profile: Profile, usages: tuple[str, ...]
) -> None:
    first = got(server, Ordered(("a.corp.example",), profile=profile), admin).certificate
    assert first.extended_key_usages == usages
    renewal = renew(server, first.fingerprint, key=None, authority=None, caller=admin)
    again = advance(server, renewal.id, SURROUNDINGS)
    assert again.issued not in {None, first.fingerprint}
    with server.database.connect() as connection:
        assert get_certificate(connection, again.issued or "").extended_key_usages == usages


def test_for_a_client_and_for_a_server_are_two_orders(server: Server, admin: Caller) -> None:
    names = ("a.corp.example",)
    first = request_certificate(server, Ordered(names), caller=admin)
    other = request_certificate(server, Ordered(names, profile=Profile.CLIENT), caller=admin)
    assert other.id != first.id


def test_other_names_than_those_of_the_signing_request_are_refused(
    server: Server, admin: Caller
) -> None:
    key = generate_private_key(KeyType.EC_P256)
    made = build_request(key, (parse_certificate_name("a.corp.example"),), "a.corp.example")
    request_certificate(server, Ordered(("a.corp.example",), signing_request=made), caller=admin)
    with pytest.raises(CertwrightError, match="for other names"):
        request_certificate(
            server, Ordered(("b.corp.example",), signing_request=made), caller=admin
        )


@pytest.mark.parametrize(
    "wrong",
    [
        Ordered(),
        Ordered(("*.com",)),
        Ordered(("not a name",)),
        Ordered(tuple(f"a{number}.corp.example" for number in range(101))),
        Ordered(("a.corp.example",), lifetime=timedelta(0)),
        Ordered(("a.corp.example",), lifetime=timedelta(days=4000)),
        Ordered(("a.corp.example",), common_name=""),
        Ordered(signing_request=b"no request"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(wrong: Ordered, server: Server, admin: Caller) -> None:
    with pytest.raises(CertwrightError) as refused:
        request_certificate(server, wrong, caller=admin)
    assert refused.value.code is ErrorCode.INVALID_INPUT


def test_it_needs_the_right_create_and_an_authority(server: Server, admin: Caller) -> None:
    ordered = Ordered(("a.corp.example",))
    with pytest.raises(CertwrightError) as refused:
        request_certificate(server, ordered, caller=Caller("eve", Right.MODIFY))
    assert refused.value.code is ErrorCode.NOT_PERMITTED
    with pytest.raises(CertwrightError) as unknown:
        request_certificate(server, Ordered(("a.corp.example",), "no-such"), caller=admin)
    assert unknown.value.code is ErrorCode.NOT_FOUND
