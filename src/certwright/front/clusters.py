"""Where Envoy passes calls on to: the node's app, and the upstream behind the Web Server."""

from pathlib import Path

from certwright.front.files import JsonObject
from certwright.front.settings import Upstream
from certwright.front.tls import TLS_PARAMETERS

APPLICATION = "application"
UPSTREAM = "upstream"
UPSTREAM_WEBSOCKET = "upstream-websocket"

_CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
_TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"
_HTTP = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_CONNECT_TIMEOUT = "5s"
# Shorter than what common servers keep a silent connection for (Node.js 5 s is the exception),
# so that it is nearly always this side that closes first.
_IDLE_TIMEOUT = "30s"
_MIB = 1024 * 1024


def clusters(
    app_socket: Path, upstream: Upstream | None, trust_file: Path, maximum_connections: int
) -> list[JsonObject]:
    """All of them; `trust_file` holds the roots (PEM) that an https upstream's chain may end in."""
    if upstream is None:
        return [_application(app_socket)]
    return [
        _application(app_socket),
        _upstream(UPSTREAM, upstream, trust_file, maximum_connections),
        # HTTP/1.1 only, since few servers take a WebSocket over HTTP/2 (RFC 8441).
        _upstream(UPSTREAM_WEBSOCKET, upstream, trust_file, maximum_connections, http1_only=True),
    ]


def _application(app_socket: Path) -> JsonObject:
    return {
        "@type": _CLUSTER,
        "name": APPLICATION,
        "type": "STATIC",
        "connect_timeout": _CONNECT_TIMEOUT,
        "typed_extension_protocol_options": _http1_only(),
        "load_assignment": _endpoint(APPLICATION, {"pipe": {"path": str(app_socket)}}),
    }


def _upstream(
    name: str,
    upstream: Upstream,
    trust_file: Path,
    maximum_connections: int,
    *,
    http1_only: bool = False,
) -> JsonObject:
    address = {"socket_address": {"address": upstream.host, "port_value": upstream.port}}
    cluster: JsonObject = {
        "@type": _CLUSTER,
        "name": name,
        "type": "STATIC" if upstream.is_address else "STRICT_DNS",
        # A name server that does not answer must not hold up the node's own pages.
        "wait_for_warm_on_init": False,
        "connect_timeout": _CONNECT_TIMEOUT,
        "per_connection_buffer_limit_bytes": _MIB,
        "circuit_breakers": {"thresholds": [_unlimited_below(maximum_connections)]},
        "load_assignment": _endpoint(name, address),
    }
    if not upstream.is_address:
        cluster["dns_lookup_family"] = "ALL"
    if not upstream.is_tls:
        cluster["typed_extension_protocol_options"] = _http1_only()
        return cluster
    protocols = ["http/1.1"] if http1_only else ["h2", "http/1.1"]
    cluster["transport_socket"] = {
        "name": "envoy.transport_sockets.tls",
        "typed_config": _tls(upstream, trust_file, protocols),
    }
    cluster["typed_extension_protocol_options"] = (
        _http1_only() if http1_only else _protocol_by_alpn()
    )
    return cluster


def _tls(upstream: Upstream, trust_file: Path, protocols: list[str]) -> JsonObject:
    """Verify as any client would: chain to a known root, and the name (RFC 9525 6)."""
    name = {
        "san_type": "IP_ADDRESS" if upstream.is_address else "DNS",
        "matcher": {"exact": upstream.host},
    }
    context: JsonObject = {
        "@type": _TLS,
        "common_tls_context": {
            "tls_params": TLS_PARAMETERS,
            "alpn_protocols": protocols,
            "validation_context": {
                "trusted_ca": {"filename": str(trust_file)},
                "match_typed_subject_alt_names": [name],
            },
        },
    }
    if not upstream.is_address:  # RFC 6066 3: no literal addresses in SNI
        context["sni"] = upstream.host
    return context


def _endpoint(name: str, address: JsonObject) -> JsonObject:
    endpoint = {"endpoint": {"address": address}}
    return {"cluster_name": name, "endpoints": [{"lb_endpoints": [endpoint]}]}


def _unlimited_below(maximum_connections: int) -> JsonObject:
    """Envoy's own limit of 1024 a cluster would bite long before that of the listeners."""
    limits = ("max_connections", "max_pending_requests", "max_requests")
    return dict.fromkeys(limits, maximum_connections)


def _http1_only() -> JsonObject:
    return _protocol_options({"explicit_http_config": {"http_protocol_options": {}}})


def _protocol_by_alpn() -> JsonObject:
    windows = {
        "initial_stream_window_size": _MIB,
        "initial_connection_window_size": 16 * _MIB,
    }
    options = {"http_protocol_options": {}, "http2_protocol_options": windows}
    return _protocol_options({"auto_config": options})


def _protocol_options(chosen: JsonObject) -> JsonObject:
    return {
        _HTTP: {
            "@type": f"type.googleapis.com/{_HTTP}",
            "common_http_protocol_options": {"idle_timeout": _IDLE_TIMEOUT},
            **chosen,
        }
    }
