"""Activation as one recorded transaction: proven, or put back, and never half."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from certwright.access.rights import Caller, Right
from certwright.database.node_views import activations
from certwright.database.tables import events
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle import activation as activation_module
from certwright.lifecycle.activation import (
    activate,
)
from certwright.lifecycle.activation_record import (
    Activation,
    ActivationState,
    get_activation,
)
from certwright.lifecycle.endpoint_health import Health
from certwright.lifecycle.events import latest_events
from certwright.lifecycle.first_start import provide_certificate
from certwright.lifecycle.overview import overview
from certwright.lifecycle.proving import prove_endpoint
from certwright.lifecycle.selection import select_protocol
from certwright.lifecycle.server import Server
from certwright.services.endpoints import (
    Choice,
    Endpoint,
    EndpointName,
    OwnEndpoint,
    WebServerProtocol,
    get_endpoint,
)
from certwright.x509.keys import private_key_to_pem

from ..composed_server import VAULT, Clock
from ..foreign_authority import ForeignAuthority, self_signed
from ..tls_front import TlsFront
from .conftest import Selector, served_at

NAMES = ["todd.corp.example"]
WEB = OwnEndpoint.WEB_SERVER
CONFIGURATION = OwnEndpoint.CONFIGURATION_SERVER


def endpoint_of(server: Server, name: EndpointName) -> Endpoint:
    with server.database.connect() as connection:
        return get_endpoint(connection, name)


def step_names(activation: Activation) -> list[str]:
    return list(dict.fromkeys(step.name for step in activation.steps))


def sentence_of(server: Server, name: EndpointName) -> str:
    return next(one.sentence for one in overview(server).all_endpoints if one.name == name)


def failures(activation: Activation) -> str:
    return " ".join(step.sentence for step in activation.steps if step.ok is False)


def save_protocol(server: Server, protocol: WebServerProtocol, caller: Caller) -> None:
    select_protocol(server, WEB, protocol, read_version=None, caller=caller)


def test_right_certificate_is_switched_to_and_proven(
    serving: Server, company: ForeignAuthority, select_confirmed: Selector, admin: Caller
) -> None:
    issued = company.issue(NAMES)
    select_confirmed(issued, WEB)
    assert served_at(serving, WEB) != issued.leaf  # saved is not yet active
    done = activate(serving, WEB, admin)
    assert done.state is ActivationState.PROVEN
    assert served_at(serving, WEB) == issued.leaf
    assert step_names(done) == ["switch", "prove"]
    assert all(step.ok for step in done.steps)
    assert done.proof is not None
    assert done.proof["served_fingerprint"] == issued.leaf.fingerprint
    assert len(done.proof["chain"]) == 2  # leaf and intermediate, without the root
    endpoint = endpoint_of(serving, WEB)
    assert endpoint.active == endpoint.saved == done.choice
    assert endpoint.proof == done.proof
    event = latest_events(serving, 1)[0]
    assert (event.kind, event.actor, event.good) == ("activation-proven", "ada", True)


def test_the_other_endpoint_is_left_alone(
    serving: Server, company: ForeignAuthority, select_confirmed: Selector, admin: Caller
) -> None:
    before = endpoint_of(serving, CONFIGURATION)
    select_confirmed(company.issue(NAMES), WEB)
    activate(serving, WEB, admin)
    assert endpoint_of(serving, CONFIGURATION) == before
    assert served_at(serving, CONFIGURATION).fingerprint == before.saved.certificate


@pytest.mark.parametrize(
    ("names", "days", "reason"),
    [
        (["other.example"], 365, "Its names lack todd.corp.example"),
        (NAMES, -0.5, "expired"),
    ],
)
def test_wrong_certificate_is_proven_wrong_and_the_former_put_back(
    serving: Server,
    company: ForeignAuthority,
    select_confirmed: Selector,
    admin: Caller,
    clock: Clock,
    names: list[str],
    days: float,
    reason: str,
) -> None:
    former = served_at(serving, WEB)
    wrong = company.issue(names, not_after=clock() + timedelta(days=days))
    select_confirmed(wrong, WEB)
    done = activate(serving, WEB, admin)
    assert done.state is ActivationState.PUT_BACK
    assert step_names(done) == ["switch", "prove", "put-back", "prove-former"]
    assert reason in failures(done)
    assert served_at(serving, WEB) == former
    endpoint = endpoint_of(serving, WEB)
    assert endpoint.active == Choice(WebServerProtocol.HTTPS, former.fingerprint)
    assert endpoint.saved.certificate == wrong.leaf.fingerprint
    assert endpoint.needs_activation
    event = latest_events(serving, 1)[0]
    assert (event.kind, event.good) == ("activation-put-back", False)
    assert "The former certificate was put back." in event.message
    assert reason in event.message
    assert sentence_of(serving, WEB).endswith("Select another certificate.")


def test_self_signed_certificate_is_good_enough_for_a_test(
    serving: Server, select_confirmed: Selector, admin: Caller, clock: Clock
) -> None:
    issued = self_signed(NAMES, clock())
    select_confirmed(issued, WEB)
    assert activate(serving, WEB, admin).state is ActivationState.PROVEN


def test_front_that_refuses_keeps_the_former(
    serving: Server,
    front: TlsFront,
    company: ForeignAuthority,
    select_confirmed: Selector,
    admin: Caller,
) -> None:
    former = served_at(serving, WEB)
    select_confirmed(company.issue(NAMES), WEB)
    front.refuses = 1
    done = activate(serving, WEB, admin)
    assert done.state is ActivationState.PUT_BACK
    assert step_names(done) == ["switch", "put-back", "prove-former"]
    assert "The front refuses the certificate. Choose another." in failures(done)
    # Not to select another one: what could not be done, such as writing a file, says what to mend.
    told = "Choose another. Once that is mended: certwright activate web-server"
    assert sentence_of(serving, WEB).endswith(told)
    assert served_at(serving, WEB) == former


@pytest.mark.usefixtures("impatient")
def test_switch_that_took_no_effect_is_a_failed_switch(
    serving: Server,
    front: TlsFront,
    company: ForeignAuthority,
    select_confirmed: Selector,
    admin: Caller,
) -> None:
    issued = company.issue(NAMES)
    select_confirmed(issued, WEB)
    front.ignores = True
    done = activate(serving, WEB, admin)
    assert done.state is ActivationState.PUT_BACK
    assert "Another certificate is served" in failures(done)
    assert issued.leaf.thumbprint in failures(done)


@pytest.mark.usefixtures("impatient")
def test_front_that_is_down_is_a_failure_that_shows(
    serving: Server,
    front: TlsFront,
    company: ForeignAuthority,
    select_confirmed: Selector,
    admin: Caller,
) -> None:
    before = endpoint_of(serving, WEB)
    select_confirmed(company.issue(NAMES), WEB)
    front.go_down()
    done = activate(serving, WEB, admin)
    assert done.state is ActivationState.FAILED
    assert step_names(done) == ["switch", "prove", "put-back", "prove-former"]
    endpoint = endpoint_of(serving, WEB)
    assert endpoint.active == before.active  # the place to go back to stays known
    assert endpoint.proof is not None
    assert endpoint.proof["verdict"] == "fail"  # not the one from better days
    web = next(one for one in overview(serving).endpoints if one.endpoint.name is WEB)
    assert web.health is Health.BROKEN
    event = latest_events(serving, 1)[0]
    assert (event.kind, event.good) == ("activation-failed", False)


def test_front_that_refuses_both_is_looked_at_and_serves_the_former(
    serving: Server,
    front: TlsFront,
    company: ForeignAuthority,
    select_confirmed: Selector,
    admin: Caller,
) -> None:
    select_confirmed(company.issue(NAMES), WEB)
    front.refuses = 2
    former = served_at(serving, WEB)
    done = activate(serving, WEB, admin)
    assert done.state is ActivationState.PUT_BACK
    assert step_names(done) == ["switch", "put-back", "prove-former"]
    assert "The front refuses the certificate." in failures(done)
    assert endpoint_of(serving, WEB).is_proven
    assert served_at(serving, WEB) == former


@pytest.mark.usefixtures("impatient")
def test_first_activation_that_fails_has_nothing_to_go_back_to(
    server: Server, front: TlsFront, admin: Caller
) -> None:
    provide_certificate(server, None)
    front.go_down()
    done = activate(server, WEB, admin)
    assert done.state is ActivationState.FAILED
    assert done.former is None
    assert "There is no former certificate that works." in latest_events(server, 1)[0].message
    assert endpoint_of(server, WEB).active is None


def test_nothing_selected_is_nothing_to_activate(server: Server, admin: Caller) -> None:
    with pytest.raises(CertwrightError) as error:
        activate(server, WEB, admin)
    assert error.value.code is ErrorCode.NOT_FOUND
    assert "certwright select web-server" in error.value.remedy
    with server.database.connect() as connection:
        assert connection.execute(select(activations)).all() == []


def test_right_to_read_is_not_enough(serving: Server) -> None:
    with pytest.raises(CertwrightError) as error:
        activate(serving, WEB, Caller("bob", Right.READ))
    assert error.value.code is ErrorCode.NOT_PERMITTED


def test_unknown_number_is_told_of(server: Server) -> None:
    with pytest.raises(CertwrightError) as error:
        get_activation(server, 4711)
    assert error.value.code is ErrorCode.NOT_FOUND


def test_protocol_is_switched_to_http_and_back(serving: Server, admin: Caller) -> None:
    save_protocol(serving, WebServerProtocol.HTTP, admin)
    done = activate(serving, WEB, admin)
    assert done.state is ActivationState.PROVEN
    assert done.proof is not None
    assert done.proof["port"] == serving.ports.http
    assert "tls_version" not in done.proof
    assert overview(serving).health is Health.ATTENTION  # in the clear
    save_protocol(serving, WebServerProtocol.HTTPS, admin)
    done = activate(serving, WEB, admin)
    assert done.state is ActivationState.PROVEN
    assert overview(serving).health is Health.GOOD


@pytest.mark.usefixtures("impatient")
def test_protocol_that_takes_no_effect_is_put_back(
    serving: Server, front: TlsFront, admin: Caller
) -> None:
    save_protocol(serving, WebServerProtocol.HTTP, admin)
    front.ignores = True
    done = activate(serving, WEB, admin)
    assert done.state is ActivationState.PUT_BACK
    assert f"Nothing answers on port {serving.ports.http}" in failures(done)
    active = endpoint_of(serving, WEB).active
    assert active is not None
    assert active.protocol is WebServerProtocol.HTTPS


def test_http_that_does_not_answer_is_broken(
    serving: Server, front: TlsFront, admin: Caller
) -> None:
    save_protocol(serving, WebServerProtocol.HTTP, admin)
    activate(serving, WEB, admin)
    front.go_down()
    prove_endpoint(serving, WEB)
    web = next(one for one in overview(serving).endpoints if one.endpoint.name is WEB)
    assert web.health is Health.BROKEN


def test_private_keys_are_in_no_record(
    serving: Server, company: ForeignAuthority, select_confirmed: Selector, admin: Caller
) -> None:
    issued = company.issue(NAMES)
    select_confirmed(issued, WEB)
    activate(serving, WEB, admin)
    own = endpoint_of(serving, CONFIGURATION).saved.certificate
    assert own is not None
    with serving.database.connect() as connection:
        records = [
            json.dumps(
                [dict(row._mapping) for row in connection.execute(select(table))], default=str
            )
            for table in (activations, events)
        ]
        fingerprint = served_at(serving, CONFIGURATION).key_fingerprint
        keys = [issued.key, VAULT.get(connection, fingerprint)]
    for key in keys:
        lines = private_key_to_pem(key).splitlines()[1:-1]
        for record in records:
            assert "PRIVATE KEY" not in record
            assert not any(line in record for line in lines)


def test_what_is_proven_stays_so_where_the_way_back_cannot_be_tidied_up(
    serving: Server, admin: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise CertwrightError(ErrorCode.NOT_PERMITTED, "The folder is read-only.", "Mend that.")

    monkeypatch.setattr(activation_module, "confirm", refuse)
    done = activate(serving, WEB, admin)
    assert done.state is ActivationState.PROVEN
    assert "The folder is read-only." in failures(done)
