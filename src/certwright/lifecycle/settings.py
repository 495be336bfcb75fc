"""What can be set, by keys such as `web-server.window`: known, checked, and put on record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from certwright.access.rights import Caller, Right, require
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.renewal.durations import parse_duration
from certwright.lifecycle.renewal.hours import parse_hours
from certwright.lifecycle.renewal.preferences import (
    INTERNAL_LIFETIME,
    QUIET_HOURS,
    keep_preference,
    preference,
)
from certwright.lifecycle.renewal.record import wake_for_windows
from certwright.lifecycle.selection import select_protocol
from certwright.lifecycle.server import Server
from certwright.lifecycle.telling.hindrances import webhook_hindrances
from certwright.lifecycle.telling.settings import (
    TELLING_SETTINGS,
    keep_telling_setting,
    shown_telling_settings,
)
from certwright.services.endpoints import (
    Endpoint,
    OwnEndpoint,
    RenewalKey,
    RenewalSettings,
    WebServerProtocol,
    get_endpoint,
    list_all_endpoints,
    list_service_endpoints,
    parse_endpoint_name,
    save_renewal_settings,
)
from certwright.services.registered import get_service
from certwright.x509.text import printable

_PROTOCOL = "web-server.protocol"
_SEVERAL = "(different)"


@dataclass(frozen=True)
class _Part:
    """One part of the renewal settings of an endpoint: how it is shown, and how it is changed."""

    shown: Callable[[RenewalSettings], str]
    changed: Callable[[Server, Connection, RenewalSettings, str], RenewalSettings]


def every_setting(server: Server) -> Mapping[str, str]:
    """The value of each setting by its key, "" where nothing is set."""
    with server.database.connect() as connection:
        values = {name: preference(connection, name) for name in _PREFERENCES}
        values[_PROTOCOL] = _protocol(connection)
        values |= shown_telling_settings(connection)
        for endpoint in list_all_endpoints(connection):
            values |= {
                f"{endpoint.name}.{name}": part.shown(endpoint.renewal)
                for name, part in _PARTS.items()
            }
    return values


def read_setting(server: Server, key: str) -> str:
    """The value of one setting; raises NOT_FOUND."""
    with server.database.connect() as connection:
        if key in _PREFERENCES:
            return preference(connection, key)
        if key in TELLING_SETTINGS:
            return shown_telling_settings(connection)[key]
        if key == _PROTOCOL:
            return _protocol(connection)
        endpoints, part = _named(connection, key)
        values = {part.shown(endpoint.renewal) for endpoint in endpoints}
    return values.pop() if len(values) == 1 else _SEVERAL


def change_setting(server: Server, key: str, value: str, *, caller: Caller) -> str:
    """Set `key` to `value` ("" takes it back) and return it as it is kept.

    The key of a service sets all its endpoints. Raises NOT_PERMITTED, NOT_FOUND or INVALID_INPUT.
    """
    require(caller, Right.MODIFY, "change a setting")
    if key in TELLING_SETTINGS:
        # Whoever sets where messages go decides what this machine sends where.
        require(caller, Right.ADMIN, "change how people are told")
    if key == _PROTOCOL:
        return _change_protocol(server, value, caller)
    with server.database.begin() as connection:
        if key in _PREFERENCES:
            kept = _PREFERENCES[key](value) if value else ""
            keep_preference(connection, key, kept, server.now())
        elif key in TELLING_SETTINGS:
            kept = keep_telling_setting(server, connection, key, value)
        else:
            kept = _change_renewal(server, connection, key, value)
        record_event(
            connection,
            Event(
                at=server.now(),
                actor=caller.name,
                kind="setting-changed",
                subject=key,
                message=f"{key} set to {kept}" if kept else f"{key} is no longer set",
                good=True,
            ),
        )
    return kept


def hindrances(server: Server, key: str) -> tuple[str, ...]:
    """Why what `key` belongs to does nothing as it is set now, a sentence each."""
    if not key.startswith("webhook."):
        return ()
    with server.database.connect() as connection:
        shown = shown_telling_settings(connection)
    return webhook_hindrances(shown, allow_private=server.fetches_inside)


def _change_renewal(server: Server, connection: Connection, key: str, value: str) -> str:
    endpoints, part = _named(connection, key)
    kept = ""
    for endpoint in endpoints:
        settings = part.changed(server, connection, endpoint.renewal, value)
        save_renewal_settings(connection, endpoint.name, settings)
        kept = part.shown(settings)
    wake_for_windows(connection, server.now())
    return kept


def _change_protocol(server: Server, value: str, caller: Caller) -> str:
    try:
        protocol = WebServerProtocol(value)
    except ValueError:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"There is no protocol {printable(value, 80)!r}.",
            f"Choose one of: {', '.join(WebServerProtocol)}.",
        ) from None
    endpoint = select_protocol(
        server, OwnEndpoint.WEB_SERVER, protocol, read_version=None, caller=caller
    )
    return endpoint.saved.protocol.value


def _named(connection: Connection, key: str) -> tuple[tuple[Endpoint, ...], _Part]:
    """The endpoints and the part that `key` names; raises NOT_FOUND."""
    name, _, part = key.rpartition(".")
    if part not in _PARTS or not name.isprintable():
        raise _unknown(key)
    try:
        return _endpoints(connection, name), _PARTS[part]
    except CertwrightError as error:
        if error.code is not ErrorCode.NOT_FOUND:
            raise
        raise _unknown(key) from None


def _endpoints(connection: Connection, name: str) -> tuple[Endpoint, ...]:
    if name in set(OwnEndpoint) or "/" in name:
        return (get_endpoint(connection, parse_endpoint_name(name)),)
    return list_service_endpoints(connection, get_service(connection, name).name)


def _protocol(connection: Connection) -> str:
    return get_endpoint(connection, OwnEndpoint.WEB_SERVER).saved.protocol.value


def _with_authority(
    server: Server, connection: Connection, settings: RenewalSettings, value: str
) -> RenewalSettings:
    if value:
        server.authorities.records.get(connection, value)
    return replace(settings, authority=value or None)


def _with_key(
    _server: Server, _connection: Connection, settings: RenewalSettings, value: str
) -> RenewalSettings:
    try:
        return replace(settings, key=RenewalKey(value or RenewalKey.NEW))
    except ValueError:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"There is no choice of keys {printable(value, 80)!r}.",
            f"Choose one of: {', '.join(RenewalKey)}.",
        ) from None


def _with_window(
    _server: Server, _connection: Connection, settings: RenewalSettings, value: str
) -> RenewalSettings:
    return replace(settings, window=parse_hours(value).text if value else "")


_PARTS = {
    "authority": _Part(lambda settings: settings.authority or "", _with_authority),
    "renewal-key": _Part(lambda settings: settings.key.value, _with_key),
    "window": _Part(lambda settings: settings.window, _with_window),
}


def _duration(value: str) -> str:
    parse_duration(value)
    return value.strip()


_PREFERENCES: Mapping[str, Callable[[str], str]] = {
    QUIET_HOURS: lambda value: parse_hours(value).text,
    INTERNAL_LIFETIME: _duration,
}
"""What counts for all renewals, and how each is looked at before it is kept."""


def _unknown(key: str) -> CertwrightError:
    of_endpoints = (f"ENDPOINT.{name}" for name in _PARTS)
    known = ", ".join((_PROTOCOL, *_PREFERENCES, *TELLING_SETTINGS, *of_endpoints))
    return CertwrightError(
        ErrorCode.NOT_FOUND,
        f"There is no setting {printable(key, 80)!r}.",
        f"There are: {known}; ENDPOINT is configuration-server, web-server, SERVICE or "
        "SERVICE/ENDPOINT.",
    )
