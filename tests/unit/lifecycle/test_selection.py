"""Choosing: the best certificate first, the rules named, and the first change wins."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from certwright.access.rights import Caller, Right
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import latest_events
from certwright.lifecycle.first_start import provide_certificate
from certwright.lifecycle.importing import import_certificate
from certwright.lifecycle.offering import offered_certificates
from certwright.lifecycle.selection import (
    RulesFailed,
    Selection,
    select_certificate,
    select_protocol,
)
from certwright.lifecycle.server import Server
from certwright.services.endpoints import (
    Endpoint,
    OwnEndpoint,
    WebServerProtocol,
    get_endpoint,
)
from certwright.stores.place import PERSONAL

from ..composed_server import Clock
from ..foreign_authority import ForeignAuthority, Issued

NAMES = ["todd.corp.example"]
WEB = OwnEndpoint.WEB_SERVER


def bring(server: Server, data: bytes, caller: Caller) -> None:
    import_certificate(server, data, None, friendly_name="", caller=caller)


def choose(
    server: Server,
    issued: Issued,
    caller: Caller,
    *,
    confirmed: bool = False,
    read_version: int | None = None,
) -> Selection:
    return select_certificate(
        server,
        WEB,
        issued.leaf.fingerprint,
        read_version=read_version,
        confirmed=confirmed,
        caller=caller,
    )


def web(server: Server) -> Endpoint:
    with server.database.connect() as connection:
        return get_endpoint(connection, WEB)


def test_right_certificate_is_saved_and_not_yet_active(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    issued = company.issue(NAMES)
    bring(server, issued.pem, admin)
    selection = choose(server, issued, admin)
    assert selection.endpoint.saved.certificate == issued.leaf.fingerprint
    assert selection.endpoint.active is None
    event = latest_events(server, 1)[0]
    assert (event.kind, event.good) == ("certificate-selected", True)


def test_rule_that_fails_is_named_and_nothing_is_saved(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    issued = company.issue(["other.example"])
    bring(server, issued.pem, admin)
    before = web(server)
    with pytest.raises(RulesFailed) as error:
        choose(server, issued, admin)
    assert error.value.code is ErrorCode.RULES_FAILED
    assert {finding.code for finding in error.value.findings} == {"san-lacks-name", "cn-lacks-name"}
    assert "todd.corp.example" in error.value.message
    assert error.value.remedy
    assert web(server) == before


def test_confirmed_choice_is_saved_and_the_record_says_despite_what(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    issued = company.issue(["other.example"])
    bring(server, issued.pem, admin)
    assert choose(server, issued, admin, confirmed=True).findings
    assert web(server).saved.certificate == issued.leaf.fingerprint
    event = latest_events(server, 1)[0]
    assert not event.good
    assert "although not right" in event.message


def test_certificate_without_its_key_is_not_saved_even_when_confirmed(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    issued = company.issue(NAMES)
    bring(server, issued.pem_without_key, admin)
    with pytest.raises(RulesFailed) as error:
        choose(server, issued, admin, confirmed=True)
    assert "private-key-missing" in {finding.code for finding in error.value.findings}
    assert web(server).saved.certificate is None


def test_change_of_what_somebody_else_changed_is_refused(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    one, other = company.issue(NAMES), company.issue(NAMES)
    bring(server, one.pem, admin)
    bring(server, other.pem, admin)
    read = web(server).version
    choose(server, one, admin, read_version=read)
    with pytest.raises(CertwrightError) as error:
        choose(server, other, admin, read_version=read)
    assert error.value.code is ErrorCode.CHANGED_MEANWHILE
    assert web(server).saved.certificate == one.leaf.fingerprint


def test_of_many_at_once_with_one_version_exactly_one_is_saved(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    candidates = [company.issue(NAMES) for _ in range(8)]
    for issued in candidates:
        bring(server, issued.pem, admin)
    read = web(server).version

    def attempt(issued: Issued) -> ErrorCode | None:
        try:
            choose(server, issued, admin, read_version=read)
        except CertwrightError as error:
            return error.code
        return None

    with ThreadPoolExecutor(8) as pool:
        refusals = list(pool.map(attempt, candidates))
    assert sorted(map(str, refusals)) == ["None", *7 * ["changed-meanwhile"]]
    assert web(server).version == read + 1
    saved = candidates[refusals.index(None)].leaf.fingerprint
    assert web(server).saved.certificate == saved


@pytest.mark.parametrize("right", [Right.READ])
def test_right_to_read_is_not_enough(server: Server, right: Right) -> None:
    reader = Caller("bob", right)
    with pytest.raises(CertwrightError) as error:
        select_certificate(server, WEB, "abcd", read_version=None, confirmed=True, caller=reader)
    assert error.value.code is ErrorCode.NOT_PERMITTED
    with pytest.raises(CertwrightError) as error:
        select_protocol(server, WEB, WebServerProtocol.HTTP, read_version=None, caller=reader)
    assert error.value.code is ErrorCode.NOT_PERMITTED


def test_best_certificate_comes_first(
    server: Server, company: ForeignAuthority, admin: Caller, clock: Clock
) -> None:
    provide_certificate(server, None)
    longest = company.issue(NAMES, not_after=clock() + timedelta(days=300))
    wrong = company.issue(["other.example"], not_after=clock() + timedelta(days=400))
    keyless = company.issue(NAMES, not_after=clock() + timedelta(days=500))
    bring(server, longest.pem, admin)
    bring(server, wrong.pem, admin)
    bring(server, keyless.pem_without_key, admin)
    judged = offered_certificates(server, PERSONAL).judged
    assert judged[0].stored.certificate == longest.leaf
    assert [one.is_right for one in judged] == [True, True, False, False]
    assert all(one.findings for one in judged if not one.is_right)


@pytest.mark.parametrize("protocol", [p for p in WebServerProtocol if not p.is_available])
def test_protocols_to_come_are_refused_as_such(
    server: Server, admin: Caller, protocol: WebServerProtocol
) -> None:
    with pytest.raises(CertwrightError) as error:
        select_protocol(server, WEB, protocol, read_version=None, caller=admin)
    assert error.value.code is ErrorCode.NOT_AVAILABLE_YET
    assert protocol.label in error.value.message


def test_configuration_server_is_never_in_the_clear(server: Server, admin: Caller) -> None:
    with pytest.raises(CertwrightError) as error:
        select_protocol(
            server,
            OwnEndpoint.CONFIGURATION_SERVER,
            WebServerProtocol.HTTP,
            read_version=None,
            caller=admin,
        )
    assert error.value.code is ErrorCode.INVALID_INPUT


def test_protocol_and_certificate_do_not_undo_each_other(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    issued = company.issue(NAMES)
    bring(server, issued.pem, admin)
    choose(server, issued, admin)
    select_protocol(server, WEB, WebServerProtocol.HTTP, read_version=None, caller=admin)
    saved = web(server).saved
    assert saved.protocol is WebServerProtocol.HTTP
    assert saved.certificate == issued.leaf.fingerprint
