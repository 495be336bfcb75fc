"""What Envoy reads once at its start; all else comes through files that it watches."""

from certwright.front.files import FrontFiles, JsonObject, watched
from certwright.services.endpoints import OwnEndpoint

_MONITORS = "type.googleapis.com/envoy.extensions.resource_monitors"
_HEAP_BYTES = 2 * 1024 * 1024 * 1024
_OWNER_ONLY = 0o600


def bootstrap(files: FrontFiles, maximum_connections: int) -> JsonObject:
    """The static part; the administration interface is a socket of the node's account alone."""
    return {
        "node": {"id": "certwright", "cluster": "certwright"},
        "admin": {
            "address": {"pipe": {"path": str(files.admin_socket), "mode": _OWNER_ONLY}},
        },
        "dynamic_resources": {
            "lds_config": watched(files.listeners),
            "cds_config": watched(files.clusters),
        },
        "layered_runtime": {
            "layers": [
                {
                    "name": "static",
                    "static_layer": {
                        # One client's flood of calls must not starve the others of its worker.
                        "http": {"max_requests_per_io_cycle": 10},
                        "envoy": {"resource_limits": {"listener": _shares(maximum_connections)}},
                    },
                }
            ]
        },
        "overload_manager": _overload_manager(maximum_connections),
    }


def _shares(maximum_connections: int) -> JsonObject:
    """A flood of one port must leave the others their part, the Designer above all."""
    web = {"connection_limit": maximum_connections * 8 // 10}
    return {
        **{f"{OwnEndpoint.WEB_SERVER}-{scheme}": web for scheme in ("http", "https")},
        "publication": {"connection_limit": maximum_connections // 10},
    }


def _overload_manager(maximum_connections: int) -> JsonObject:
    return {
        "refresh_interval": "0.25s",
        "resource_monitors": [
            _monitor("fixed_heap", "FixedHeapConfig", {"max_heap_size_bytes": _HEAP_BYTES}),
            _monitor(
                "global_downstream_max_connections",
                "DownstreamConnectionsConfig",
                {"max_active_downstream_connections": maximum_connections},
                module="downstream_connections",
            ),
        ],
        "actions": [
            _action("envoy.overload_actions.shrink_heap", 0.9),
            _action("envoy.overload_actions.stop_accepting_requests", 0.95),
            _action("envoy.overload_actions.stop_accepting_connections", 0.98),
        ],
    }


def _monitor(name: str, message: str, limits: JsonObject, module: str = "") -> JsonObject:
    return {
        "name": f"envoy.resource_monitors.{name}",
        "typed_config": {"@type": f"{_MONITORS}.{module or name}.v3.{message}", **limits},
    }


def _action(name: str, threshold: float) -> JsonObject:
    trigger = {"name": "envoy.resource_monitors.fixed_heap", "threshold": {"value": threshold}}
    return {"name": name, "triggers": [trigger]}
