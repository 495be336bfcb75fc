"""The configuration that Envoy gets; what it does with it stands in tests/interop/front."""

from pathlib import Path
from typing import Any

import pytest

from certwright.front.bootstrap import bootstrap
from certwright.front.clusters import clusters
from certwright.front.files import FrontFiles
from certwright.front.listeners import listeners, listening_ports, watched_web_routes
from certwright.front.ports import EVERY_ADDRESS
from certwright.front.routes import web_routes
from certwright.front.session_cookie import COOKIE
from certwright.front.settings import FrontSettings, parse_upstream
from certwright.front.state import FrontState
from certwright.front.validation import ClearValidation, TlsValidation, Validation
from certwright.services.endpoints import WebServerProtocol


@pytest.fixture
def settings() -> FrontSettings:
    return FrontSettings(
        bind=EVERY_ADDRESS,
        configuration_port=8064,
        http_port=8065,
        https_port=8165,
        publication_port=8080,
        server_name="todd.corp.example",
        upstream=None,
        runtime_folder=Path("/run/front"),
        app_socket=Path("/run/app.sock"),
    )


def _addresses(listener: Any) -> list[tuple[str, int]]:
    all_of_them = [listener["address"]] + [
        additional["address"] for additional in listener["additional_addresses"]
    ]
    places = [address["socket_address"] for address in all_of_them]
    return [(place["address"], place["port_value"]) for place in places]


@pytest.mark.parametrize(
    ("protocol", "port"), [(WebServerProtocol.HTTPS, 8165), (WebServerProtocol.HTTP, 8065)]
)
def test_web_server_listens_on_the_one_port_of_its_protocol(
    settings: FrontSettings, protocol: WebServerProtocol, port: int
) -> None:
    made = {listener["name"]: listener for listener in listeners(settings, FrontState(protocol))}
    assert set(made) == {"configuration-server", f"web-server-{protocol}", "publication"}
    ports = {number for listener in made.values() for _, number in _addresses(listener)}
    assert ports == {8064, port, 8080}
    for listener in made.values():
        assert [address for address, _ in _addresses(listener)] == list(EVERY_ADDRESS)
    encrypted = {
        name
        for name, listener in made.items()
        if "transport_socket" in listener.get("default_filter_chain", {})
    }
    assert encrypted == {"configuration-server"} | (
        {"web-server-https"} if protocol.is_encrypted else set()
    )


def test_no_key_stands_in_the_configuration(settings: FrontSettings) -> None:
    text = str(listeners(settings, FrontState(WebServerProtocol.HTTPS)))
    assert "private_key" not in text
    assert "/run/front/secrets/web-server.json" in text


def with_validations(protocol: WebServerProtocol, *validations: Validation) -> FrontState:
    return FrontState(protocol, validations)


def shown(port: int, of: str = "one") -> TlsValidation:
    return TlsValidation(port, of, "todd.corp.example", f"certificate of {of}", f"key of {of}")


def test_a_validation_adds_a_listener_only_where_there_is_none(settings: FrontSettings) -> None:
    state = with_validations(
        WebServerProtocol.HTTPS,
        *(ClearValidation(port, "token") for port in (80, 8080, 8065)),
        *(shown(port) for port in (443, 8064, 8165)),
    )
    made = {listener["name"]: _addresses(listener)[0][1] for listener in listeners(settings, state)}
    assert made == {
        "configuration-server": 8064,
        "web-server-https": 8165,
        "publication": 8080,
        "validation-http-80": 80,
        "validation-http-8065": 8065,
        "validation-tls-443": 443,
    }
    assert listening_ports(settings, state, encrypted=False) == {80, 8065, 8080}
    assert listening_ports(settings, state, encrypted=True) == {443, 8064, 8165}


@pytest.mark.parametrize("protocol", WebServerProtocol)
def test_a_validation_changes_nothing_of_a_listener_but_its_further_filter_chains(
    settings: FrontSettings, protocol: WebServerProtocol
) -> None:
    """All else would end the connections of everybody."""
    before = {one["name"]: one for one in listeners(settings, FrontState(protocol))}
    ports = (8064, 8065, 8165, 8080)
    state = with_validations(
        protocol,
        *(ClearValidation(port, "clear") for port in ports),
        *(shown(port) for port in ports),
    )
    after = {one["name"]: one for one in listeners(settings, state)}
    for name, listener in before.items():
        if "default_filter_chain" not in listener:
            assert after[name] == listener
            continue
        assert listener["filter_chains"]  # without one Envoy would make the listener anew
        assert {**after[name], "filter_chains": []} == {**listener, "filter_chains": []}
        assert len(after[name]["filter_chains"]) == len(listener["filter_chains"]) + 1
        assert [
            one for one in listener["filter_chains"] if one not in after[name]["filter_chains"]
        ] == []


def test_of_two_proofs_for_one_name_the_later_is_shown(settings: FrontSettings) -> None:
    state = with_validations(WebServerProtocol.HTTPS, shown(8165, "a"), shown(8165, "b"))
    text = str(listeners(settings, state))
    assert "certificate of b" in text
    assert "certificate of a" not in text


def test_the_web_servers_clear_port_takes_the_tokens_of_its_port_alone(
    settings: FrontSettings,
) -> None:
    state = with_validations(
        WebServerProtocol.HTTP,
        *(ClearValidation(8065, "ours"), ClearValidation(80, "other"), shown(8065, "encrypted")),
    )
    (made,) = watched_web_routes(settings, state)
    (host,) = made["virtual_hosts"]
    paths = [route["match"].get("path") for route in host["routes"]]
    assert paths == ["/.well-known/acme-challenge/ours", None]


def test_administration_is_a_unix_socket_for_the_owner() -> None:
    admin = bootstrap(FrontFiles(Path("/run/front")), 100)["admin"]
    assert admin == {"address": {"pipe": {"path": "/run/front/admin.sock", "mode": 0o600}}}


def test_https_upstream_is_always_verified(settings: FrontSettings) -> None:
    upstream = parse_upstream("https://data.corp.example")
    made = clusters(settings.app_socket, upstream, Path("/roots.pem"), 100)
    tls = [cluster["transport_socket"] for cluster in made if "transport_socket" in cluster]
    assert len(tls) == 2
    for socket in tls:
        context = socket["typed_config"]["common_tls_context"]["validation_context"]
        assert context["trusted_ca"] == {"filename": "/roots.pem"}
        (name,) = context["match_typed_subject_alt_names"]
        assert name == {"san_type": "DNS", "matcher": {"exact": "data.corp.example"}}


def test_no_call_carries_the_session_of_the_designer_to_the_upstream() -> None:
    made = web_routes("todd.corp.example", parse_upstream("http://data.corp.example"))
    (host,) = made["virtual_hosts"]
    carrying = {"name": "cookie", "string_match": {"contains": COOKIE}}
    filtered, others = host["routes"][:2], host["routes"][2:]
    assert [route["route"] for route in filtered] == [route["route"] for route in others]
    assert all(carrying in route["match"]["headers"] for route in filtered)
    assert all("typed_per_filter_config" in route for route in filtered)
