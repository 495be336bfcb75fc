"""Which call goes where, for each of the listening places."""

from collections.abc import Iterable

from certwright.front.clusters import APPLICATION, UPSTREAM, UPSTREAM_WEBSOCKET
from certwright.front.files import JsonObject
from certwright.front.session_cookie import without_session
from certwright.front.settings import Upstream
from certwright.front.status_page import content_security_policy, status_page

# No limit on the whole of an answer: connector servers stream extractions for hours. What does
# not move any more is cut by the idle limits below and in connection_manager.py.
_NO_LIMIT = "0s"
_WEBSOCKET_IDLE = "3600s"
# RFC 6797 6.1.1; one year. Without includeSubDomains: other machines are not ours to speak for.
_STRICT_TRANSPORT_SECURITY = "max-age=31536000"
_BUFFER_PER_ROUTE = "type.googleapis.com/envoy.extensions.filters.http.buffer.v3.BufferPerRoute"
# RFC 8555 8.3: where an authority looks for the answer to a token.
_CHALLENGES = "/.well-known/acme-challenge/"
_ANSWERS = "/publication/acme-challenge/"
# What a client may claim about where it comes from; each is dropped or set anew by us, since the
# server behind takes it for the truth.
_CLAIMS = (
    "forwarded",
    "x-envoy-external-address",
    "x-envoy-internal",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-server",
    "x-forwarded-ssl",
    "x-original-url",
    "x-real-ip",
    "x-rewrite-url",
)


def configuration_routes(server_name: str) -> JsonObject:
    """Everything goes to the app, but for what the publication port offers in the clear."""
    return _route_configuration(
        "configuration-server",
        server_name,
        [
            _no_tunnel(),
            {"match": {"path_separated_prefix": "/publication"}, **_not_found()},
            {"match": {"prefix": "/"}, "route": _to(APPLICATION)},
        ],
        response_headers_to_add=[_header("strict-transport-security", _STRICT_TRANSPORT_SECURITY)],
        response_headers_to_remove=["server"],
    )


def publication_routes(server_name: str) -> JsonObject:
    """GET and HEAD of certificates, revocation lists and answers to authorities; no more."""
    return _route_configuration(
        "publication",
        server_name,
        [
            _no_tunnel(),
            _reading({"path": "/root.pem"}, "/publication/root.pem"),
            _reading({"prefix": "/ca/"}, "/publication/ca/"),
            _reading({"prefix": "/crl/"}, "/publication/crl/"),
            _reading({"prefix": _CHALLENGES}, _ANSWERS),
            _nothing(),
        ],
        response_headers_to_remove=["server"],
    )


def validation_routes(server_name: str) -> JsonObject:
    """GET and HEAD of answers to authorities, and nothing else."""
    return _route_configuration(
        "validation",
        server_name,
        [_no_tunnel(), _reading({"prefix": _CHALLENGES}, _ANSWERS), _nothing()],
        response_headers_to_remove=["server"],
    )


def no_routes(server_name: str) -> JsonObject:
    """Nothing is there: who was shown a certificate has seen all there is."""
    return _route_configuration("nothing", server_name, [_no_tunnel(), _nothing()])


def web_routes(
    server_name: str, upstream: Upstream | None, tokens: Iterable[str] = ()
) -> JsonObject:
    """Everything goes to the upstream, or gets the status page where there is none.

    Just what authorities look for in `tokens` goes to the app: the upstream may be proving names
    of its own.
    """
    routes = [_status_route(server_name)] if upstream is None else _upstream_routes(upstream)
    ours = [
        _reading({"path": f"{_CHALLENGES}{token}"}, f"{_ANSWERS}{token}")
        for token in dict.fromkeys(tokens)
    ]
    return _route_configuration("web-server", server_name, ours + routes)


def _reading(match: JsonObject, rewrite: str) -> JsonObject:
    method = {"name": ":method", "string_match": {"safe_regex": {"regex": "GET|HEAD"}}}
    return {
        "match": {**match, "headers": [method]},
        "route": _to(APPLICATION, prefix_rewrite=rewrite),
    }


def _nothing() -> JsonObject:
    return {"match": {"prefix": "/"}, **_not_found()}


def _upstream_routes(upstream: Upstream) -> list[JsonObject]:
    target: JsonObject = {}
    if upstream.path_prefix:
        target["prefix_rewrite"] = f"{upstream.path_prefix}/"
    if upstream.is_tls:
        # Its virtual host goes by the name that its certificate and our SNI have.
        target["host_rewrite_literal"] = upstream.authority
    websocket = {"name": "upgrade", "string_match": {"exact": "websocket", "ignore_case": True}}
    routes: list[JsonObject] = [
        {
            "match": {"prefix": "/", "headers": [websocket]},
            "route": _to(UPSTREAM_WEBSOCKET, **target, idle_timeout=_WEBSOCKET_IDLE),
        },
        {"match": {"prefix": "/"}, "route": _to(UPSTREAM, **target)},
    ]
    return [*map(without_session, routes), *routes]


def _status_route(server_name: str) -> JsonObject:
    headers = {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": content_security_policy(),
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }
    return {
        "match": {"prefix": "/"},
        "direct_response": {"status": 200, "body": {"inline_string": status_page(server_name)}},
        "response_headers_to_add": [_header(name, value) for name, value in headers.items()],
    }


def _to(cluster: str, **more: object) -> JsonObject:
    return {
        "cluster": cluster,
        "timeout": _NO_LIMIT,
        # An idle connection that the server behind closes at the very moment of our next call is
        # nobody's fault; only what it cannot have worked on yet is tried again.
        "retry_policy": {
            "retry_on": "connect-failure,refused-stream,reset-before-request",
            "num_retries": 1,
        },
        **more,
    }


def _no_tunnel() -> JsonObject:
    """Refuses CONNECT at once: it has no end, so the filter that waits for one is left out."""
    unbuffered = {"envoy.filters.http.buffer": {"@type": _BUFFER_PER_ROUTE, "disabled": True}}
    match: JsonObject = {"connect_matcher": {}}
    return {"match": match, **_not_found(), "typed_per_filter_config": unbuffered}


def _not_found() -> JsonObject:
    return {"direct_response": {"status": 404, "body": {"inline_string": "Not found.\n"}}}


def _header(name: str, value: str) -> JsonObject:
    return {
        "header": {"key": name, "value": value},
        "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
    }


def _route_configuration(
    name: str, server_name: str, routes: list[JsonObject], **more: object
) -> JsonObject:
    return {
        "name": name,
        "virtual_hosts": [{"name": server_name, "domains": ["*"], "routes": routes}],
        "request_headers_to_remove": list(_CLAIMS),
        "request_headers_to_add": [
            # One address, the one that called; whatever list the client sent is overwritten.
            _header("x-forwarded-for", "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%"),
            _header("x-forwarded-host", "%REQ(:AUTHORITY)%"),
        ],
        **more,
    }
