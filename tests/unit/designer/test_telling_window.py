"""The window Telling people: what is set up, how it went, and a test of it."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape

import pytest

from certwright.access.rights import Right
from certwright.designer.telling_window import channel_view
from certwright.lifecycle.server import Server
from certwright.lifecycle.telling.record import ChannelRecord, get_record, keep_record
from certwright.lifecycle.telling.settings import TELLING_SETTINGS, keep_telling_setting
from certwright.lifecycle.telling.telling import Tried

from ..composed_server import Clock
from ..web_client import TestClient
from .renewal_records import NOW

LogIn = Callable[[Right], TestClient]
SECRET = "correct-horse-battery-staple"
NOTHING_SET = dict.fromkeys(TELLING_SETTINGS, "")


def set_up(server: Server, **values: str) -> None:
    with server.database.begin() as connection:
        for key, value in values.items():
            keep_telling_setting(server, connection, key.replace("_", "."), value)


def send_test(client: TestClient, channel: str, **headers: str) -> tuple[int, str]:
    token = re.search(r'name="form_token" value="([^"]+)"', client.get("/telling").text)
    assert token is not None
    sent = {"form_token": token[1], "channel": channel}
    answer = client.post("/telling/test", data=sent, headers=headers)
    return answer.status_code, " ".join(unescape(re.sub("<[^>]+>", " ", answer.text)).split())


def test_nothing_set_up_says_how_to_begin(server: Server, log_in: LogIn) -> None:
    page = unescape(log_in(Right.READ).get("/telling").text)
    assert "Nobody is told when something is not right." in page
    assert "certwright settings set mail.server mail.corp.example" in page
    assert "Send a test" not in page
    assert page.count("Not set up") == 3


def test_secrets_are_shown_to_nobody(server: Server, log_in: LogIn) -> None:
    set_up(
        server,
        mail_server="mail.corp.example",
        mail_to="team@corp.example",
        mail_password=SECRET,
        webhook_url=f"https://hooks.corp.example/{SECRET}",
        webhook_secret=SECRET,
    )
    page = log_in(Right.ADMIN).get("/telling").text
    assert SECRET not in page
    assert "https://hooks.corp.example" in page
    assert "team@corp.example" in page
    assert "Yes, with a secret" in page
    assert page.count("<button>Send a test</button>") == 2


def test_a_webhook_that_nothing_is_delivered_to_says_why(server: Server, log_in: LogIn) -> None:
    set_up(server, webhook_url="https://127.0.0.1:8443/hook")
    page = log_in(Right.READ).get("/telling").text
    assert "Nothing is delivered to 127.0.0.1" in page
    assert "webhook.secret" in page


def test_the_other_sides_words_are_told_as_text(
    server: Server, log_in: LogIn, clock: Clock
) -> None:
    set_up(server, syslog_address="/dev/no-such-log")
    with server.database.begin() as connection:
        record = get_record(connection, "syslog")
        failing = replace(record, attempts=2, failure="<b>550</b> No.", again_at=clock())
        keep_record(connection, failing)
    client = log_in(Right.MODIFY)
    page = client.get("/telling").text
    assert "&lt;b&gt;550&lt;/b&gt; No." in page
    assert "Tried 2 times; tried again 09:00." in page
    status, told = send_test(client, "syslog")
    assert (status, "The test failed." in told) == (200, True)
    status, told = send_test(client, "mail")
    assert (status, "The channel mail is not set up." in told) == (400, True)
    assert send_test(client, "pigeon")[0] == 404
    assert send_test(client, "syslog", Origin="https://evil.example")[0] == 403


def test_a_test_needs_the_right_modify(server: Server, log_in: LogIn) -> None:
    set_up(server, syslog_address="/dev/no-such-log")
    client = log_in(Right.READ)
    assert "To send a test needs the right Modify; yours is Read." in client.get("/telling").text
    assert client.post("/telling/test", data={"channel": "syslog"}).status_code == 403
    assert send_test(client, "syslog")[0] == 403


@pytest.mark.parametrize(
    ("address", "told", "attempts", "health"),
    [
        ("", True, 0, "running"),
        ("/dev/log", False, 0, "running"),
        ("/dev/log", True, 0, "good"),
        ("/dev/log", True, 3, "broken"),
    ],
)
def test_a_channel_shows_how_it_goes(address: str, told: bool, attempts: int, health: str) -> None:
    settings = {**NOTHING_SET, "syslog.address": address}
    record = ChannelRecord("syslog", 0, {}, attempts=attempts, sent_at=NOW if told else None)
    view = channel_view("syslog", settings, record, None)
    assert view.health == health
    assert view.facts == ((("To", address),) if address else ())
    assert (view.record is None) is not view.is_set_up


def test_a_test_that_was_taken_stands_with_its_channel() -> None:
    tried = Tried("mail", ok=True, words="250 taken", remedy="")
    assert channel_view("mail", NOTHING_SET, None, tried).tried == tried
