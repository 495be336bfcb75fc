"""What can be set: each value is looked at, and secrets are neither kept nor shown in the clear."""

import pytest
from sqlalchemy import Engine, text, update

from certwright.access.rights import Caller
from certwright.database.tables import settings
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import latest_events
from certwright.lifecycle.server import Server
from certwright.lifecycle.settings import change_setting, every_setting, read_setting
from certwright.lifecycle.telling.settings import (
    SECRET_SETTINGS,
    TELLING_SETTINGS,
    keep_telling_setting,
    shown_telling_settings,
    telling_values,
)

from .conftest import SECRET

RIGHT = {
    "mail.server": "Mail.corp.example",
    "mail.port": "2525",
    "mail.encryption": "tls",
    "mail.user": "certwright",
    "mail.password": SECRET,
    "mail.from": "todd@corp.example",
    "mail.to": "a@corp.example,b@corp.example, a@corp.example",
    "webhook.url": "https://hooks.corp.example/x",
    "webhook.secret": SECRET,
    "syslog.address": "tls://log.corp.example",
    "telling.gather": "5",
}


def keep(server: Server, key: str, value: str) -> str:
    with server.database.begin() as connection:
        return keep_telling_setting(server, connection, key, value)


def test_each_is_kept_and_taken_back(server: Server) -> None:
    assert RIGHT.keys() == TELLING_SETTINGS.keys()
    for key, value in RIGHT.items():
        keep(server, key, value)
    with server.database.connect() as connection:
        shown = shown_telling_settings(connection)
        values = telling_values(server, connection)
    assert shown["mail.server"] == "mail.corp.example"
    assert values["mail.to"] == "a@corp.example, b@corp.example"
    assert values["mail.password"] == values["webhook.secret"] == SECRET
    for key in RIGHT:
        assert keep(server, key, "") == ""
    with server.database.connect() as connection:
        assert set(shown_telling_settings(connection).values()) == {""}


def test_a_secret_is_shown_nowhere_and_encrypted_where_it_lies(
    server: Server, database: Engine
) -> None:
    passwords = SECRET_SETTINGS - {"webhook.url"}
    for key in passwords:
        assert keep(server, key, SECRET) == "(secret)"
    host = "https://hooks.corp.example:8443"
    assert keep(server, "webhook.url", f"{host}/{SECRET}?a={SECRET}") == host
    with database.connect() as connection:
        shown = shown_telling_settings(connection)
        rows = connection.execute(text("select value, encrypted_secret from settings")).all()
    assert {shown[key] for key in passwords} == {"(secret)"}
    assert shown["webhook.url"] == host
    assert len(rows) == len(SECRET_SETTINGS)
    assert all(SECRET not in row.value for row in rows)
    assert all(SECRET.encode() not in row.encrypted_secret for row in rows)


def test_the_address_of_a_webhook_is_whole_for_whoever_sends_alone(
    server: Server, admin: Caller
) -> None:
    url = f"https://hooks.corp.example/{SECRET}"
    assert change_setting(server, "webhook.url", url, caller=admin) == "https://hooks.corp.example"
    with server.database.connect() as connection:
        assert telling_values(server, connection)["webhook.url"] == url
    assert read_setting(server, "webhook.url") == "https://hooks.corp.example"
    assert SECRET not in str(every_setting(server))
    assert SECRET not in str(latest_events(server, 5))


def test_an_address_kept_before_it_was_a_secret_is_sent_to_and_not_shown(server: Server) -> None:
    url = f"https://hooks.corp.example/{SECRET}"
    with server.database.begin() as connection:
        keep_telling_setting(server, connection, "webhook.url", url)
        connection.execute(update(settings).values(value=url, encrypted_secret=None))
        assert telling_values(server, connection)["webhook.url"] == url
        assert SECRET not in shown_telling_settings(connection)["webhook.url"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("mail.server", "not a host"),
        ("mail.port", "0"),
        ("mail.port", "65536"),
        ("mail.port", "²"),
        ("mail.port", "9" * 5000),
        ("mail.encryption", "ssl"),
        ("mail.user", "a\nb"),
        ("mail.password", "a\r\nRCPT TO:<x@y>"),
        ("mail.from", "todd"),
        ("mail.from", "todd@corp.example\nBcc: x@y.example"),
        ("mail.to", "a@corp.example, b@"),
        ("mail.to", ",".join(f"u{n}@corp.example" for n in range(51))),
        ("webhook.url", "file:///etc/passwd"),
        ("webhook.secret", "short"),
        ("syslog.address", "log"),
        ("telling.gather", "0"),
    ],
)
def test_what_is_wrong_is_refused_without_repeating_it(
    server: Server, key: str, value: str
) -> None:
    with pytest.raises(CertwrightError) as caught:
        keep(server, key, value)
    assert caught.value.code is ErrorCode.INVALID_INPUT
    with server.database.connect() as connection:
        assert shown_telling_settings(connection)[key] == ""
