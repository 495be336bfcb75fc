"""The places where Envoy listens: the Configuration Server, the Web Server, and publication."""

from ipaddress import IPv6Address, ip_address

from certwright.front.connection_manager import OURS, PASSED_ON, HttpPolicy, connection_manager
from certwright.front.files import FrontFiles, JsonObject
from certwright.front.routes import configuration_routes, publication_routes, web_routes
from certwright.front.settings import FrontSettings
from certwright.front.tls import tls_filter_chain
from certwright.services.endpoints import EndpointName, OwnEndpoint, WebServerProtocol

_LISTENER = "type.googleapis.com/envoy.config.listener.v3.Listener"
_MIB = 1024 * 1024


def listeners(settings: FrontSettings, protocol: WebServerProtocol) -> list[JsonObject]:
    """All of them; of the Web Server's two ports only the one that its protocol is for."""
    return [
        _listener(
            settings,
            OwnEndpoint.CONFIGURATION_SERVER,
            settings.configuration_port,
            configuration_routes(settings.server_name),
            OURS,
            endpoint=OwnEndpoint.CONFIGURATION_SERVER,
        ),
        _listener(
            settings,
            # By its port, so that a change of protocol makes one listener and ends the other.
            f"{OwnEndpoint.WEB_SERVER}-{'https' if protocol.is_encrypted else 'http'}",
            settings.web_port(protocol),
            web_routes(settings.server_name, settings.upstream),
            PASSED_ON,
            endpoint=OwnEndpoint.WEB_SERVER if protocol.is_encrypted else None,
        ),
        _listener(
            settings,
            "publication",
            settings.publication_port,
            publication_routes(settings.server_name),
            OURS,
            endpoint=None,
        ),
    ]


def _listener(
    settings: FrontSettings,
    name: str,
    port: int,
    routes: JsonObject,
    policy: HttpPolicy,
    *,
    endpoint: EndpointName | None,
) -> JsonObject:
    """`endpoint` is the one whose certificate is served, None for plain HTTP."""
    first, *others = (_address(address, port) for address in settings.bind)
    manager = connection_manager(name, settings.server_name, routes, policy)
    tls = {}
    if endpoint is not None:
        tls = tls_filter_chain(endpoint, FrontFiles(settings.runtime_folder).secrets)
    return {
        "@type": _LISTENER,
        "name": str(name),
        "address": first,
        "additional_addresses": [{"address": other} for other in others],
        "per_connection_buffer_limit_bytes": _MIB,
        "filter_chains": [{"filters": [manager], **tls}],
    }


def _address(address: str, port: int) -> JsonObject:
    place: JsonObject = {"address": address, "port_value": port}
    if isinstance(ip_address(address), IPv6Address):
        place["ipv4_compat"] = False
    return {"socket_address": place}
