"""The places where Envoy listens: the Configuration Server, the Web Server, and publication.

While an authority validates a name it may be where none of these is; then there is a further one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from certwright.front.connection_manager import OURS, PASSED_ON, connection_manager
from certwright.front.files import FrontFiles, JsonObject, watched
from certwright.front.routes import (
    configuration_routes,
    no_routes,
    publication_routes,
    validation_routes,
    web_routes,
)
from certwright.front.settings import FrontSettings
from certwright.front.state import FrontState
from certwright.front.tls import (
    VALIDATING,
    tls_filter_chain,
    tls_inspector,
    validation_filter_chain,
)
from certwright.front.validation import ClearValidation, TlsValidation
from certwright.services.endpoints import EndpointName, OwnEndpoint

_LISTENER = "type.googleapis.com/envoy.config.listener.v3.Listener"
_ROUTES = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"
_LIMIT = "type.googleapis.com/envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit"
_MIB = 1024 * 1024
_MOST_VALIDATING = 100
"""Connections to a place that is there for validations: an authority looks from a few places."""


@dataclass(frozen=True)
class _Place:
    """`endpoint` is the one whose certificate is served; `filters` turn bytes into calls."""

    name: str
    port: int
    is_encrypted: bool
    filters: tuple[JsonObject, ...] = ()
    endpoint: EndpointName | None = None


def listeners(settings: FrontSettings, state: FrontState) -> list[JsonObject]:
    """All of them; of the Web Server's two ports only the one that its protocol is for."""
    shown = [one for one in state.validations if isinstance(one, TlsValidation)]
    return [_listener(settings, place, shown) for place in _places(settings, state)]


def listening_ports(settings: FrontSettings, state: FrontState, *, encrypted: bool) -> set[int]:
    """The ports at which there is a listener with TLS, or without."""
    return {one.port for one in _places(settings, state) if one.is_encrypted == encrypted}


def watched_web_routes(settings: FrontSettings, state: FrontState) -> list[JsonObject]:
    """What the Web Server's clear port reads beside its listener, which so stays as it is."""
    tokens = [
        one.token
        for one in state.validations
        if isinstance(one, ClearValidation) and one.port == settings.http_port
    ]
    return [{"@type": _ROUTES, **web_routes(settings.server_name, settings.upstream, tokens)}]


def _places(settings: FrontSettings, state: FrontState) -> list[_Place]:
    own = [_configuration(settings), _web(settings, state), _publication(settings)]
    return own + list(_further(settings, state, own))


def _configuration(settings: FrontSettings) -> _Place:
    name = OwnEndpoint.CONFIGURATION_SERVER
    routes = {"route_config": configuration_routes(settings.server_name)}
    calls = connection_manager(name, settings.server_name, routes, OURS)
    return _Place(name, settings.configuration_port, True, (calls,), name)


def _web(settings: FrontSettings, state: FrontState) -> _Place:
    # By its port, so that a change of protocol makes one listener and ends the other.
    is_encrypted = state.protocol.is_encrypted
    name = f"{OwnEndpoint.WEB_SERVER}-{'https' if is_encrypted else 'http'}"
    if is_encrypted:
        routes = {"route_config": web_routes(settings.server_name, settings.upstream)}
    else:
        source = watched(FrontFiles(settings.runtime_folder).web_routes)
        routes = {"rds": {"route_config_name": "web-server", "config_source": source}}
    calls = connection_manager(name, settings.server_name, routes, PASSED_ON)
    endpoint = OwnEndpoint.WEB_SERVER if is_encrypted else None
    return _Place(name, settings.web_port(state.protocol), is_encrypted, (calls,), endpoint)


def _publication(settings: FrontSettings) -> _Place:
    routes = {"route_config": publication_routes(settings.server_name)}
    calls = connection_manager("publication", settings.server_name, routes, OURS)
    return _Place("publication", settings.publication_port, False, (calls,))


def _further(settings: FrontSettings, state: FrontState, own: Sequence[_Place]) -> Iterator[_Place]:
    there = {(one.port, one.is_encrypted) for one in own}
    wanted = {(one.port, one.is_encrypted) for one in state.validations}
    for port, is_encrypted in sorted(wanted - there):
        if is_encrypted:
            yield _Place(f"validation-tls-{port}", port, True)
        else:
            routes = {"route_config": validation_routes(settings.server_name)}
            calls = connection_manager("validation", settings.server_name, routes, OURS)
            yield _Place(f"validation-http-{port}", port, False, (_few_connections(), calls))


def _listener(settings: FrontSettings, place: _Place, shown: Sequence[TlsValidation]) -> JsonObject:
    first, *others = (_address(address, place.port) for address in settings.bind)
    return {
        "@type": _LISTENER,
        "name": str(place.name),
        "address": first,
        "additional_addresses": [{"address": other} for other in others],
        "per_connection_buffer_limit_bytes": _MIB,
        **(
            _encrypted(settings, place, [one for one in shown if one.port == place.port])
            if place.is_encrypted
            else {"filter_chains": [{"filters": list(place.filters)}]}
        ),
    }


def _encrypted(
    settings: FrontSettings, place: _Place, shown: Sequence[TlsValidation]
) -> JsonObject:
    """The endpoint's own chain is the default one: Envoy, having found a chain by the name that a
    client asks for, looks for no other when the protocol does not fit.
    """
    # The later one where two orders at the same time are for one name: matches have to differ.
    by_name = {one.server_name: one for one in shown}
    filters = _nothing_to_call(settings)
    chains = [{"filters": filters, **validation_filter_chain(one)} for one in by_name.values()]
    made: JsonObject = {**tls_inspector(), "filter_chains": chains}
    if place.endpoint is not None:
        tls = tls_filter_chain(place.endpoint, FrontFiles(settings.runtime_folder).secrets)
        # Without one beside the default, Envoy would make the listener anew for the first.
        chains.append({"filter_chain_match": VALIDATING, "filters": filters, **tls})
        made["default_filter_chain"] = {"filters": list(place.filters), **tls}
    return made


def _nothing_to_call(settings: FrontSettings) -> list[JsonObject]:
    routes = {"route_config": no_routes(settings.server_name)}
    calls = connection_manager("validation", settings.server_name, routes, OURS)
    return [_few_connections(), calls]


def _few_connections() -> JsonObject:
    limit = {"stat_prefix": "validation", "max_connections": _MOST_VALIDATING}
    return {
        "name": "envoy.filters.network.connection_limit",
        "typed_config": {"@type": _LIMIT, **limit},
    }


def _address(address: str, port: int) -> JsonObject:
    place: JsonObject = {"address": address, "port_value": port}
    if isinstance(ip_address(address), IPv6Address):
        place["ipv4_compat"] = False
    return {"socket_address": place}
