"""What is saved and what is active at an endpoint, and who changed it first."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

from certwright.errors import CertwrightError, ErrorCode
from certwright.services.endpoints import (
    Choice,
    OwnEndpoint,
    WebServerProtocol,
    add_missing_endpoints,
    get_endpoint,
    list_endpoints,
    parse_endpoint_name,
    record_active,
    record_proof,
    save_choice,
)
from certwright.stores.database import add_certificate
from certwright.stores.place import PERSONAL

from ..composed_server import Clock
from ..foreign_authority import self_signed

WEB = OwnEndpoint.WEB_SERVER
PLAIN = Choice(WebServerProtocol.HTTP, None)


@pytest.fixture
def connection(database: Engine) -> Iterator[Connection]:
    with database.begin() as opened:
        add_missing_endpoints(opened)
        yield opened


def test_a_node_has_two_endpoints_that_serve_nothing_yet(connection: Connection) -> None:
    found = list_endpoints(connection)
    assert [one.name for one in found] == ["configuration-server", "web-server"]
    for one in found:
        assert one.saved == Choice(WebServerProtocol.HTTPS, None)
        assert one.active is None
        assert one.proof is None
        assert one.version == 1
        assert one.needs_activation


def test_endpoints_that_are_there_stay_as_they_are(connection: Connection) -> None:
    save_choice(connection, WEB, PLAIN, 1)
    add_missing_endpoints(connection)
    assert get_endpoint(connection, WEB).saved == PLAIN


def test_each_change_of_what_is_saved_makes_a_new_version(connection: Connection) -> None:
    assert save_choice(connection, WEB, PLAIN, 1).version == 2
    assert save_choice(connection, WEB, PLAIN, 2).version == 3
    assert get_endpoint(connection, OwnEndpoint.CONFIGURATION_SERVER).version == 1


@pytest.mark.parametrize("read_version", [0, 1, 3, -1])
def test_change_of_something_else_than_was_read_is_refused(
    connection: Connection, read_version: int
) -> None:
    saved = save_choice(connection, WEB, PLAIN, 1)
    with pytest.raises(CertwrightError) as error:
        save_choice(connection, WEB, Choice(WebServerProtocol.HTTPS, None), read_version)
    assert error.value.code is ErrorCode.CHANGED_MEANWHILE
    assert get_endpoint(connection, WEB) == saved


def test_what_is_activated_and_proven_leaves_the_saved_choice_alone(
    connection: Connection, clock: Clock
) -> None:
    certificate = self_signed(["todd.corp.example"], clock()).leaf
    add_certificate(connection, certificate, PERSONAL, clock())
    choice = Choice(WebServerProtocol.HTTPS, certificate.fingerprint)
    record_active(connection, WEB, choice, {"verdict": "pass"})
    found = get_endpoint(connection, WEB)
    assert found.active == choice
    assert found.proof == {"verdict": "pass"}
    assert found.saved == Choice(WebServerProtocol.HTTPS, None)
    assert found.version == 1
    assert found.needs_activation
    assert not save_choice(connection, WEB, choice, 1).needs_activation


def test_latest_proof_replaces_the_former(connection: Connection) -> None:
    assert not get_endpoint(connection, WEB).is_proven
    record_proof(connection, WEB, {"verdict": "pass"})
    assert get_endpoint(connection, WEB).is_proven
    record_proof(connection, WEB, {"verdict": "fail"})
    assert get_endpoint(connection, WEB).proof == {"verdict": "fail"}
    assert not get_endpoint(connection, WEB).is_proven


@pytest.mark.parametrize("name", ["", "other", "web-server ", "WEB-SERVER", "x' or 1=1"])
def test_endpoint_that_is_not_there_is_told_of(name: str) -> None:
    with pytest.raises(CertwrightError) as error:
        parse_endpoint_name(name)
    assert error.value.code is ErrorCode.NOT_FOUND
    assert "web-server" in error.value.remedy


def test_protocols_that_come_later_are_shown_as_such() -> None:
    available = {protocol for protocol in WebServerProtocol if protocol.is_available}
    assert available == {WebServerProtocol.HTTP, WebServerProtocol.HTTPS}
    assert WebServerProtocol.HTTP.label == "HTTP - Unrestricted"
    assert WebServerProtocol.HTTPS.label == "HTTPS - Unrestricted"
    assert [protocol for protocol in WebServerProtocol if not protocol.is_encrypted] == ["http"]
