"""Telling as a whole, on a real database: nothing lost, nothing twice, no storm about itself."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, insert, select

from certwright.access.rights import Caller, Right
from certwright.database.tables import events
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import Event, latest_events, record_event
from certwright.lifecycle.importing import import_certificate
from certwright.lifecycle.server import Server
from certwright.lifecycle.telling import telling
from certwright.lifecycle.telling.channel import telling_failed
from certwright.lifecycle.telling.channels import Channels
from certwright.lifecycle.telling.message import Message
from certwright.lifecycle.telling.record import ChannelRecord, list_records
from certwright.lifecycle.telling.settings import keep_telling_setting
from certwright.lifecycle.telling.telling import channels_set_up, tell, try_channels
from certwright.stores.place import TRUSTED_ROOT

from ...composed_server import Clock
from .conftest import SECRET, Receiver, Trust

MINUTE = timedelta(minutes=1)


@dataclass
class Script:
    """A channel that keeps what it is sent; `failures` are raised first."""

    failures: list[BaseException] = field(default_factory=list)
    sent: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> str:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(message)
        return "250 taken"


def channels(**by_name: Script) -> Channels:
    return Channels(by_name, gather=MINUTE)


def set_up(server: Server, values: Mapping[str, str]) -> None:
    with server.database.begin() as connection:
        for key, value in values.items():
            keep_telling_setting(server, connection, key, value)


@pytest.fixture
def mail(server: Server) -> Script:
    """A channel whose record begins now."""
    set_up(server, {"mail.server": "localhost", "webhook.url": "https://localhost/"})
    channels_set_up(server)
    return Script()


def happen(server: Server, connection: Connection | None = None, **changes: object) -> None:
    made = Event(
        at=server.now(),
        actor="node",
        kind="proof-changed",
        subject="web-server",
        message="Web Server not proven: gone.",
        good=False,
    )
    values = {**made.__dict__, **changes}
    if connection is not None:
        record_event(connection, Event(**values))
        return
    with server.database.begin() as own:
        record_event(own, Event(**values))


def record(server: Server, channel: str = "mail") -> ChannelRecord:
    with server.database.connect() as connection:
        return next(one for one in list_records(connection) if one.channel == channel)


def kinds(server: Server) -> list[str]:
    return [event.kind for event in latest_events(server, 100)]


def test_what_happens_is_told_once_after_it_was_gathered(
    server: Server, mail: Script, clock: Clock
) -> None:
    happen(server)
    tell(server, "mail", channels(mail=mail))
    assert mail.sent == []
    clock.move(MINUTE)
    for _ in range(3):
        tell(server, "mail", channels(mail=mail))
    (message,) = mail.sent
    assert message.headline == "todd.corp.example: the Web Server is not proven: gone"
    assert (record(server).answer, record(server).sent_at) == ("250 taken", clock())


def test_a_certificate_goes_by_its_thumbprint(server: Server, mail: Script, clock: Clock) -> None:
    root = server.authority.root
    gone = "ab" * 32
    for subject in (root.fingerprint, gone):
        happen(server, kind="store-changed", subject=subject, message=f"{subject[:4]} is gone.")
    clock.move(MINUTE)
    tell(server, "mail", channels(mail=mail))
    (message,) = mail.sent
    assert f"Certificate with the thumbprint {root.thumbprint[:16]}\n" in message.text
    assert f"Certificate with the fingerprint {gone[:16]}\n" in message.text


def test_a_flood_of_five_hundred_events_is_one_message(
    server: Server, mail: Script, clock: Clock
) -> None:
    row = {"at": clock(), "actor": "node", "kind": "renewal-failed", "good": False}
    with server.database.begin() as connection:
        many = [row | {"subject": f"s{n}", "message": f"Renewal {n} failed."} for n in range(500)]
        connection.execute(insert(events), many)
    clock.move(MINUTE)
    for _ in range(5):
        tell(server, "mail", channels(mail=mail))
        clock.move(MINUTE)
    (message,) = mail.sent
    assert "(and 499 more)" in message.headline


def test_a_kill_between_sending_and_the_record_sends_it_again_and_loses_nothing(
    server: Server, mail: Script, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    happen(server)
    clock.move(MINUTE)
    with monkeypatch.context() as patch:
        patch.setattr(telling, "_record_success", _killed)
        with pytest.raises(KeyboardInterrupt):
            tell(server, "mail", channels(mail=mail))
    tell(server, "mail", channels(mail=mail))
    tell(server, "mail", channels(mail=mail))
    first, second = mail.sent
    assert first.identifier == second.identifier


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_an_event_that_is_committed_after_a_later_one_is_told_too(
    server: Server, mail: Script, clock: Clock
) -> None:
    with server.database.begin() as slow:
        happen(server, slow, message="Web Server not proven: the first.")
        happen(server, message="Web Server not proven: the second.")
        clock.move(MINUTE)
        tell(server, "mail", channels(mail=mail))
        assert mail.sent == []
    tell(server, "mail", channels(mail=mail))
    (message,) = mail.sent
    assert len(message.entries) == 2


def test_a_failure_is_tried_again_with_growing_pauses_and_is_one_event(
    server: Server, mail: Script, clock: Clock
) -> None:
    mail.failures = [telling_failed(f"450 busy {n}.", "Wait.") for n in range(3)]
    happen(server)
    clock.move(MINUTE)
    pauses = []
    while mail.failures:
        tell(server, "mail", channels(mail=mail))
        again_at = record(server).again_at
        assert again_at is not None
        pauses.append((again_at - clock()).total_seconds())
        tell(server, "mail", channels(mail=mail))  # too early, so nothing is tried
        clock.at = again_at
    assert pauses == [30, 60, 120]
    assert (record(server).attempts, record(server).failure) == (3, "450 busy 2. Wait.")
    assert kinds(server).count("telling-failed") == 1
    tell(server, "mail", channels(mail=mail))
    assert len(mail.sent) == 1
    assert (record(server).attempts, record(server).failure) == (0, "")
    assert kinds(server)[0] == "telling-mended"


def test_pauses_end_at_an_hour_and_a_clock_set_back_does_not_lengthen_them(
    server: Server, mail: Script, clock: Clock
) -> None:
    mail.failures = [telling_failed("450 busy.", "Wait.") for _ in range(20)]
    happen(server)
    clock.move(MINUTE)
    for _ in range(12):
        tell(server, "mail", channels(mail=mail))
        again_at = record(server).again_at
        assert again_at is not None
        assert again_at - clock() <= timedelta(hours=1)
        clock.at = again_at
    clock.move(timedelta(days=-30))
    tell(server, "mail", channels(mail=mail))
    assert record(server).attempts == 13


def test_the_failure_of_one_channel_is_told_by_the_other_once(
    server: Server, mail: Script, clock: Clock
) -> None:
    webhook = Script()
    both = channels(mail=mail, webhook=webhook)
    mail.failures = [telling_failed(f"450 {n}.", "Wait.") for n in range(100)]
    happen(server)
    for _ in range(60):
        clock.move(MINUTE)
        tell(server, "mail", both)
        tell(server, "webhook", both)
    (message,) = webhook.sent
    assert len(message.entries) == 2
    assert "Nobody can be told by mail. 450 0. Wait." in message.text


def test_a_fault_nobody_foresaw_is_kept_without_its_text(
    server: Server, mail: Script, clock: Clock
) -> None:
    mail.failures = [RuntimeError(f"with {SECRET}")]
    happen(server)
    clock.move(MINUTE)
    tell(server, "mail", channels(mail=mail))
    assert "RuntimeError" in record(server).failure
    assert SECRET not in record(server).failure
    assert all(SECRET not in event.message for event in latest_events(server, 100))


@dataclass
class Slow:
    """A channel that is at it until it is let go."""

    begun: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    sent: int = 0

    def send(self, message: Message) -> str:
        del message
        self.sent += 1
        self.begun.set()
        self.go_on.wait(20)
        return "250"


def test_one_node_of_several_tells(server: Server, mail: Script, clock: Clock) -> None:
    slow = Slow()
    both = Channels({"mail": slow}, MINUTE)
    happen(server)
    clock.move(MINUTE)
    other = threading.Thread(target=tell, args=(server, "mail", both))
    other.start()
    assert slow.begun.wait(20)
    tell(server, "mail", both)
    slow.go_on.set()
    other.join(20)
    tell(server, "mail", both)
    assert slow.sent == 1


def test_a_channel_set_up_anew_begins_with_what_happens_from_then_on(
    server: Server, mail: Script, clock: Clock
) -> None:
    set_up(server, {"mail.server": ""})
    assert "mail" not in channels_set_up(server).by_name
    happen(server)
    set_up(server, {"mail.server": "localhost"})
    channels_set_up(server)
    clock.move(MINUTE)
    tell(server, "mail", channels(mail=mail))
    assert mail.sent == []


@pytest.fixture
def reachable(server: Server, receiver: Receiver, trust: Trust, admin: Caller) -> Server:
    """A node that may tell the receiver, whose root it knows."""
    root = trust.root.encode()
    import_certificate(server, root, None, friendly_name="", caller=admin, place=TRUSTED_ROOT)
    set_up(server, {"webhook.url": receiver.url, "webhook.secret": SECRET})
    return replace(server, fetches_inside=True)


def test_a_test_message_shows_the_words_of_the_other_side(
    reachable: Server, receiver: Receiver, admin: Caller
) -> None:
    (tried,) = try_channels(reachable, None, admin)
    assert (tried.channel, tried.ok, tried.words) == ("webhook", True, "200 thanks")
    assert "This is a test, sent because ada asked" in receiver.documents[0]["subject"]
    receiver.status, receiver.answer = 500, b"out of order"
    (tried,) = try_channels(reachable, "webhook", admin)
    assert (tried.ok, "500 out of order" in tried.words) == (False, True)
    assert kinds(reachable).count("telling-failed") == 0


@pytest.mark.parametrize(
    ("name", "right", "code"),
    [
        ("pigeon", Right.ADMIN, ErrorCode.NOT_FOUND),
        ("mail", Right.ADMIN, ErrorCode.NOT_AVAILABLE),
        (None, Right.ADMIN, ErrorCode.NOT_AVAILABLE),
        (None, Right.READ, ErrorCode.NOT_PERMITTED),
    ],
)
def test_a_test_that_cannot_be_is_refused(
    server: Server, name: str | None, right: Right, code: ErrorCode
) -> None:
    with pytest.raises(CertwrightError) as caught:
        try_channels(server, name, Caller("ada", right))
    assert caught.value.code is code


def test_an_event_in_the_making_is_not_waited_for(server: Server, mail: Script) -> None:
    with server.database.begin() as slow:
        happen(server, slow)
        tell(server, "mail", channels(mail=mail))
        with server.database.connect() as connection:
            assert connection.execute(select(events)).all() == []
