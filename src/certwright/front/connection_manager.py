"""How Envoy treats HTTP on its listeners: limits, time-outs, and what it believes of a client.

Follows Envoy's page "Configuring Envoy as an edge proxy", with the departures told where they are.
"""

from dataclasses import dataclass

from certwright.front.files import JsonObject
from certwright.front.session_cookie import session_filter
from certwright.front.settings import LARGEST_REQUEST

_MANAGER = (
    "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3"
    ".HttpConnectionManager"
)
_ROUTER = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"
_BUFFER = "type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer"
_KIB = 1024
_SILENT_UPSTREAM = "The server behind this address does not answer.\n"


@dataclass(frozen=True)
class HttpPolicy:
    """Where the listening places differ.

    `whole_request_seconds` bounds the time until a request's last byte, 0 for no bound.
    `is_ours`: the paths and headers are those of our own app, so all that is odd is refused; what
    goes to somebody else's server is left as it is as far as is safe.
    """

    whole_request_seconds: int
    is_ours: bool


OURS = HttpPolicy(whole_request_seconds=60, is_ours=True)
PASSED_ON = HttpPolicy(whole_request_seconds=0, is_ours=False)


def connection_manager(
    name: str, server_name: str, routes: JsonObject, policy: HttpPolicy
) -> JsonObject:
    """The network filter that turns a connection's bytes into calls on `routes`.

    These are `{"route_config": ...}`, or `{"rds": ...}` for routes that Envoy watches.
    """
    return {
        "name": "envoy.filters.network.http_connection_manager",
        "typed_config": {
            "@type": _MANAGER,
            "stat_prefix": name,
            "codec_type": "AUTO",
            **routes,
            "http_filters": [
                _whole_request_filter() if policy.is_ours else session_filter(),
                {
                    "name": "envoy.filters.http.router",
                    "typed_config": {"@type": _ROUTER, "suppress_envoy_headers": True},
                },
            ],
            **_what_is_believed(),
            **_what_is_refused(policy),
            **_time_limits(policy),
            **_protocols(server_name, policy),
            "local_reply_config": _local_replies(),
        },
    }


def _whole_request_filter() -> JsonObject:
    # Our app gets a request when all of it is there, and never one that is too large: an app that
    # answers while the rest still comes leaves the client with a broken connection and no word.
    return {
        "name": "envoy.filters.http.buffer",
        "typed_config": {"@type": _BUFFER, "max_request_bytes": LARGEST_REQUEST},
    }


def _what_is_believed() -> JsonObject:
    return {
        # The client is who connects; its X-Forwarded-For and X-Envoy-... count for nothing, not
        # even from a private address (Envoy's older default trusted those).
        "use_remote_address": True,
        "internal_address_config": {"unix_sockets": False},
        "skip_xff_append": True,
        "generate_request_id": False,
        "server_header_transformation": "PASS_THROUGH",
    }


def _what_is_refused(policy: HttpPolicy) -> JsonObject:
    return {
        "normalize_path": True,
        "merge_slashes": policy.is_ours,
        # An escaped slash may mean one thing to us and another to the server behind; for our own
        # app it is refused, for others it stays what the client wrote.
        "path_with_escaped_slashes_action": "REJECT_REQUEST"
        if policy.is_ours
        else "KEEP_UNCHANGED",
        # Room for a Kerberos ticket of a user with very many groups (up to 48 KiB, in Base64).
        "max_request_headers_kb": 80,
        "common_http_protocol_options": {
            "idle_timeout": "300s",
            "max_headers_count": 100,
            # Servers that turn - into _ cannot tell X-Forwarded-For from X_Forwarded_For.
            "headers_with_underscores_action": (
                "REJECT_REQUEST" if policy.is_ours else "DROP_HEADER"
            ),
        },
    }


def _time_limits(policy: HttpPolicy) -> JsonObject:
    return {
        # A client that dribbles its headers holds a connection no longer than this.
        "request_headers_timeout": "10s",
        "request_timeout": f"{policy.whole_request_seconds}s",
        # Counts from the last byte that moved either way: cuts what is stuck, not what is long.
        "stream_idle_timeout": "300s",
        "delayed_close_timeout": "1s",
    }


def _protocols(server_name: str, policy: HttpPolicy) -> JsonObject:
    protocols: JsonObject = {
        # Downloaders of revocation lists are among the last to speak HTTP/1.0.
        "http_protocol_options": {
            "accept_http_10": True,
            "default_host_for_http_10": server_name,
        },
        "http2_protocol_options": {
            "max_concurrent_streams": 100,
            "initial_stream_window_size": 256 * _KIB,
            "initial_connection_window_size": 1024 * _KIB,
            "connection_keepalive": {"interval": "60s", "timeout": "20s"},
        },
    }
    if not policy.is_ours:
        # Over HTTP/1.1 only: of one over HTTP/2 (RFC 8441) Envoy would make an upgrade without
        # Sec-WebSocket-Key, which servers refuse (RFC 6455 4.2.1).
        protocols["upgrade_configs"] = [{"upgrade_type": "websocket"}]
    return protocols


def _local_replies() -> JsonObject:
    """Envoy's own words for a silent server tell strangers what is behind; say less."""
    at_fault = {
        "status_code_filter": {
            "comparison": {
                "op": "GE",
                "value": {"default_value": 500, "runtime_key": "front.silent_upstream"},
            }
        }
    }
    return {"mappers": [{"filter": at_fault, "body": {"inline_string": _SILENT_UPSTREAM}}]}
