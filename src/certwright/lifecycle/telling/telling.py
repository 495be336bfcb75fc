"""Telling people over each channel, and a test of it: the one place that sends.

A message is sent first and put on record then: after a kill in between it is sent again, so it may
come twice, and is never lost. Each node tells what happened at it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import text

from certwright.access.rights import Caller, Right, require
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.server import Server
from certwright.lifecycle.telling.channel import Channel, send_in_time, telling_failed
from certwright.lifecycle.telling.channels import CHANNELS, Channels, build_channels
from certwright.lifecycle.telling.deciding import Decision, Outlook, decide
from certwright.lifecycle.telling.kinds import TELLING_FAILED
from certwright.lifecycle.telling.message import Entry, Message
from certwright.lifecycle.telling.record import (
    ChannelRecord,
    events_after,
    forget_others,
    get_record,
    keep_record,
    what_stands,
)
from certwright.stores.thumbprints import thumbprints_of
from certwright.x509.text import printable

_ACTOR = "telling"
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=1)
_MOST_DOUBLINGS = 8


def channels_set_up(server: Server) -> Channels:
    """The channels as they are set up now; the record of others is forgotten."""
    with server.database.begin() as connection:
        channels = build_channels(server, connection)
        forget_others(connection, frozenset(channels.by_name))
        for name in channels.by_name:
            get_record(connection, name)
    return channels


def tell(server: Server, name: str, channels: Channels) -> None:
    """Send over the channel `name` what there is to tell now, if anything."""
    with _turn(server, name) as is_ours:
        if not is_ours:
            return
        with server.database.begin() as connection:
            record = get_record(connection, name)
        if _must_wait(record, server.now()):
            return
        decision = _decide(server, record, channels.gather)
        if decision is None:
            return
        if decision.message is None:
            if (decision.upto, decision.told) != (record.upto, record.told):
                _keep(server, replace(record, upto=decision.upto, told=decision.told))
            return
        try:
            answer = _send(channels.by_name[name], decision.message)
        except CertwrightError as error:
            _record_failure(server, record, error)
        else:
            _record_success(server, record, decision, answer)


@dataclass(frozen=True)
class Tried:
    """How a test went: `words` of the other side, or why it failed and what to do."""

    channel: str
    ok: bool
    words: str
    remedy: str


def try_channels(server: Server, name: str | None, caller: Caller) -> tuple[Tried, ...]:
    """Send a test message over the channel `name`, or over each that is set up.

    Raises NOT_PERMITTED, NOT_FOUND for a name that no channel has, and NOT_AVAILABLE where none is
    set up.
    """
    require(caller, Right.MODIFY, "send a test message")
    if name is not None and name not in CHANNELS:
        raise CertwrightError(
            ErrorCode.NOT_FOUND,
            f"There is no channel {printable(name, 80)!r}.",
            f"There are: {', '.join(CHANNELS)}.",
        )
    with server.database.connect() as connection:
        channels = build_channels(server, connection).by_name
    wanted = [one for one in channels if name in (None, one)]
    if not wanted:
        raise CertwrightError(
            ErrorCode.NOT_AVAILABLE,
            f"The channel {name} is not set up." if name else "No channel is set up.",
            "Set mail.server, webhook.url or syslog.address: certwright settings set",
        )
    message = _test_message(server, caller)
    return tuple(_try(one, channels[one], message) for one in wanted)


def _try(name: str, channel: Channel, message: Message) -> Tried:
    try:
        return Tried(name, ok=True, words=_send(channel, message), remedy="")
    except CertwrightError as error:
        return Tried(name, ok=False, words=error.message, remedy=error.remedy)


def _test_message(server: Server, caller: Caller) -> Message:
    now = server.now()
    sentence = f"This is a test, sent because {printable(caller.name, 64)} asked for it"
    entry = Entry("test", "", sentence, now, now, 1, "", good=True)
    return Message(f"test-{now:%Y%m%d%H%M%S%f}", server.name, now, (entry,))


def _decide(server: Server, record: ChannelRecord, gather: timedelta) -> Decision | None:
    with server.database.connect() as connection:
        # In this order: that something is mended stands in the record by the time it is seen.
        standing = what_stands(connection)
        events = events_after(connection, record.upto)
        if events is None:
            return None
        subjects = [one.event.subject for one in events]
        subjects += [one.subject for one in record.told.values()]
        thumbprints = thumbprints_of(connection, subjects)
    outlook = Outlook(
        channel=record.channel,
        server_name=server.name,
        now=server.now(),
        gather=gather,
        upto=record.upto,
        sent_at=record.sent_at,
        told=record.told,
        standing=standing,
        thumbprints=thumbprints,
    )
    return decide(outlook, events)


def _send(channel: Channel, message: Message) -> str:
    try:
        return send_in_time(channel, message)
    except CertwrightError:
        raise
    except Exception as error:  # noqa: BLE001 - its text may hold a secret: it is not logged
        # The kind alone: the text of an unknown error may hold a secret.
        kind = type(error).__name__
        raise telling_failed(
            f"Something went wrong that should not ({kind}).", "Report it with the node's version."
        ) from None


def _must_wait(record: ChannelRecord, now: datetime) -> bool:
    if record.again_at is None:
        return False
    # The clock may have been set back meanwhile.
    return timedelta() < record.again_at - now <= _LONGEST_PAUSE


def _record_failure(server: Server, record: ChannelRecord, error: CertwrightError) -> None:
    now = server.now()
    pause = min(_FIRST_PAUSE * 2 ** min(record.attempts, _MOST_DOUBLINGS), _LONGEST_PAUSE)
    failed = replace(
        record,
        attempts=record.attempts + 1,
        again_at=now + pause,
        failure=f"{error.message} {error.remedy}",
    )
    # Only the first of a row is an event: telling of it must not make more to tell.
    event = None
    if record.attempts == 0:
        sentence = f"Nobody can be told by {record.channel}. {failed.failure}"
        event = Event(now, _ACTOR, TELLING_FAILED, record.channel, sentence, good=False)
    _keep(server, failed, event)


def _record_success(server: Server, record: ChannelRecord, decision: Decision, answer: str) -> None:
    now = server.now()
    event = None
    if record.attempts:
        sentence = f"People can be told by {record.channel} again."
        event = Event(now, _ACTOR, "telling-mended", record.channel, sentence, good=True)
    sent = ChannelRecord(record.channel, decision.upto, decision.told, answer=answer, sent_at=now)
    _keep(server, sent, event)


def _keep(server: Server, record: ChannelRecord, event: Event | None = None) -> None:
    with server.database.begin() as connection:
        keep_record(connection, record)
        if event is not None:
            record_event(connection, event)


@contextmanager
def _turn(server: Server, channel: str) -> Iterator[bool]:
    name = {"name": f"telling {server.node} {channel}"}
    with server.database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        is_ours = bool(
            connection.scalar(text("select pg_try_advisory_lock(hashtext(:name))"), name)
        )
        try:
            yield is_ours
        finally:
            if is_ours:
                connection.execute(text("select pg_advisory_unlock(hashtext(:name))"), name)
