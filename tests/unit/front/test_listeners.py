"""The configuration that Envoy gets; what it does with it stands in tests/interop/front."""

from pathlib import Path
from typing import Any

import pytest

from certwright.front.bootstrap import bootstrap
from certwright.front.clusters import clusters
from certwright.front.files import FrontFiles
from certwright.front.listeners import listeners
from certwright.front.ports import EVERY_ADDRESS
from certwright.front.routes import web_routes
from certwright.front.session_cookie import COOKIE
from certwright.front.settings import FrontSettings, parse_upstream
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
    made = {listener["name"]: listener for listener in listeners(settings, protocol)}
    assert set(made) == {"configuration-server", f"web-server-{protocol}", "publication"}
    ports = {number for listener in made.values() for _, number in _addresses(listener)}
    assert ports == {8064, port, 8080}
    for listener in made.values():
        assert [address for address, _ in _addresses(listener)] == list(EVERY_ADDRESS)
    encrypted = {
        name for name, made_ in made.items() if "transport_socket" in made_["filter_chains"][0]
    }
    assert encrypted == {"configuration-server"} | (
        {"web-server-https"} if protocol.is_encrypted else set()
    )


def test_no_key_stands_in_the_configuration(settings: FrontSettings) -> None:
    text = str(listeners(settings, WebServerProtocol.HTTPS))
    assert "private_key" not in text
    assert "/run/front/secrets/web-server.json" in text


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
