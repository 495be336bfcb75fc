"""What can be set: known keys, checked values, and an event for each change."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from certwright.access.rights import Caller, Right
from certwright.database.node_views import endpoints
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import latest_events
from certwright.lifecycle.renewal.preferences import internal_lifetime, quiet_hours
from certwright.lifecycle.server import Server
from certwright.lifecycle.settings import change_setting, every_setting, read_setting
from certwright.machine.services.service import MaterialForm
from certwright.rules.environment import Environment
from certwright.services.endpoints import (
    OwnEndpoint,
    RenewalKey,
    RenewalSettings,
    WebServerProtocol,
    get_endpoint,
)
from certwright.services.registered import RegisteredService, add_service


def renewal_settings(server: Server) -> RenewalSettings:
    with server.database.connect() as connection:
        return get_endpoint(connection, OwnEndpoint.WEB_SERVER).renewal


@pytest.fixture
def nginx(server: Server) -> Server:
    """With a service of two endpoints, whose name has a dot in it."""
    with server.database.begin() as connection:
        service = RegisteredService(
            name="nginx.1",
            kind="nginx",
            machine="local",
            configuration="/etc/nginx/nginx.conf",
            options=(),
            environment=Environment.TEST,
            takes=MaterialForm.PEM,
            version="1.22",
            activation="reload",
            interrupts=False,
            notes=(),
        )
        add_service(connection, service, server.now())
        for name in ("a.corp.example", "b.corp.example"):
            connection.execute(
                insert(endpoints).values(
                    name=f"nginx.1/{name}",
                    service="nginx.1",
                    saved_protocol=WebServerProtocol.HTTPS.value,
                    version=1,
                )
            )
    return server


def test_an_endpoint_has_its_authority_its_key_and_its_window(
    server: Server, admin: Caller
) -> None:
    assert change_setting(server, "web-server.authority", "internal", caller=admin) == "internal"
    assert change_setting(server, "web-server.renewal-key", "same", caller=admin) == "same"
    kept = change_setting(server, "web-server.window", "sun 2:00-04:00", caller=admin)
    assert kept == "Sun 02:00-04:00"
    assert renewal_settings(server) == RenewalSettings("internal", RenewalKey.SAME, kept)
    assert read_setting(server, "web-server.window") == kept
    event = latest_events(server, 1)[0]
    assert (event.kind, event.subject, event.actor) == (
        "setting-changed",
        "web-server.window",
        "ada",
    )
    for key in ("web-server.authority", "web-server.renewal-key", "web-server.window"):
        change_setting(server, key, "", caller=admin)
    assert renewal_settings(server) == RenewalSettings()


def test_quiet_hours_are_those_of_all_renewals(server: Server, admin: Caller) -> None:
    assert read_setting(server, "renewal.quiet-hours") == ""
    change_setting(server, "renewal.quiet-hours", "Mon-Fri 8:00-18:00", caller=admin)
    change_setting(server, "renewal.quiet-hours", "Mon-Fri 7:00-18:00", caller=admin)
    with server.database.connect() as connection:
        quiet = quiet_hours(connection, server.zone)
    assert quiet is not None
    assert quiet.hours.text == "Mon-Fri 07:00-18:00"
    change_setting(server, "renewal.quiet-hours", "", caller=admin)
    assert read_setting(server, "renewal.quiet-hours") == ""


def test_the_lifetime_of_our_own_authority_is_kept_as_a_length_of_time(
    server: Server, admin: Caller
) -> None:
    assert change_setting(server, "internal.lifetime", " 6d ", caller=admin) == "6d"
    with server.database.connect() as connection:
        assert internal_lifetime(connection) == timedelta(days=6)
    change_setting(server, "internal.lifetime", "", caller=admin)
    with server.database.connect() as connection:
        assert internal_lifetime(connection) is None


def test_the_key_of_a_service_sets_all_its_endpoints(nginx: Server, admin: Caller) -> None:
    change_setting(nginx, "nginx.1.renewal-key", "same", caller=admin)
    assert read_setting(nginx, "nginx.1.renewal-key") == "same"
    assert read_setting(nginx, "nginx.1/b.corp.example.renewal-key") == "same"
    change_setting(nginx, "nginx.1/b.corp.example.renewal-key", "new", caller=admin)
    assert read_setting(nginx, "nginx.1/a.corp.example.renewal-key") == "same"
    assert read_setting(nginx, "nginx.1.renewal-key") == "(different)"
    assert read_setting(nginx, "web-server.renewal-key") == "new"


def test_all_settings_are_listed(nginx: Server) -> None:
    listed = every_setting(nginx)
    assert listed["web-server.protocol"] == "https"
    assert listed["renewal.quiet-hours"] == ""
    assert listed["nginx.1/a.corp.example.window"] == ""
    assert "nginx.1/a.corp.example.protocol" not in listed
    assert all(read_setting(nginx, key) == value for key, value in listed.items())


@pytest.mark.parametrize(
    "key",
    [
        "",
        "window",
        "web-server",
        "web-server.",
        "web-server.colour",
        "renewal.window",
        "no-such.window",
        "no-such/endpoint.window",
        "configuration-server.protocol",
        "a\0.window",
        "a/\0.window",
    ],
)
def test_an_unknown_key_is_not_found(key: str, server: Server, admin: Caller) -> None:
    with pytest.raises(CertwrightError) as unread:
        read_setting(server, key)
    with pytest.raises(CertwrightError) as unset:
        change_setting(server, key, "new", caller=admin)
    assert unread.value.code is unset.value.code is ErrorCode.NOT_FOUND


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("web-server.authority", "no-such", ErrorCode.NOT_FOUND),
        ("web-server.renewal-key", "old", ErrorCode.INVALID_INPUT),
        ("web-server.window", "sometimes", ErrorCode.INVALID_INPUT),
        ("web-server.protocol", "gopher", ErrorCode.INVALID_INPUT),
        ("renewal.quiet-hours", "never", ErrorCode.INVALID_INPUT),
        ("internal.lifetime", "long", ErrorCode.INVALID_INPUT),
    ],
)
def test_a_wrong_value_changes_nothing(
    key: str, value: str, code: ErrorCode, server: Server, admin: Caller
) -> None:
    before = every_setting(server)
    with pytest.raises(CertwrightError) as refused:
        change_setting(server, key, value, caller=admin)
    assert refused.value.code is code
    assert every_setting(server) == before


def test_changing_needs_the_right_modify(server: Server) -> None:
    for key in ("web-server.protocol", "web-server.window", "renewal.quiet-hours"):
        with pytest.raises(CertwrightError) as refused:
            change_setting(server, key, "", caller=Caller("eve", Right.READ))
        assert refused.value.code is ErrorCode.NOT_PERMITTED
