"""What is to be told over a channel now, if anything: pure, from its record and what happened.

Troubles are gathered for a while and told as one. The same sentence is told once a day, however
often it happens; that an endpoint is proven again, to whoever was told that it was not.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from certwright.lifecycle.events import Event
from certwright.lifecycle.telling.kinds import (
    EXPIRED,
    EXPIRY_ALARM,
    KINDS,
    PROOF_CHANGED,
    TELLING_FAILED,
    is_mending,
    is_trouble,
)
from certwright.lifecycle.telling.message import Entry, Message, bounded, compose

_AGAIN_AFTER = timedelta(days=1)
_FLAPPING = timedelta(hours=1)
_MOST_OUTAGES = 3
"""Whoever read that it is proven again has to hear that it is not; of one that comes and goes all
the time, so often an hour at most."""
_BETWEEN_URGENT = timedelta(minutes=1)
_MOST_REMEMBERED = 1000
_RENEWAL_TROUBLES = frozenset({"renewal-failed", "renewal-asks"})


@dataclass(frozen=True)
class Numbered:
    """An event by its place in the record."""

    id: int
    event: Event


@dataclass(frozen=True)
class Told:
    """A trouble that was told: since when it is so, and when it was told last."""

    kind: str
    subject: str
    sentence: str
    since: datetime
    at: datetime
    mended: bool = False
    earlier: tuple[datetime, ...] = ()
    """When it was told before that, as far as it matters."""

    def is_fresh(self, now: datetime) -> bool:
        """Whether it was told too lately, or too often, to be told again."""
        if self.mended:
            return len(self.lately(now)) >= _MOST_OUTAGES
        return now - self.at < _AGAIN_AFTER

    def lately(self, now: datetime) -> tuple[datetime, ...]:
        """When it was told within the last hour."""
        return tuple(one for one in (*self.earlier, self.at) if now - one < _FLAPPING)


@dataclass(frozen=True)
class Standing:
    """What is not right at this moment, whatever was told of it."""

    unproven: frozenset[str] = frozenset()
    """Endpoints."""
    renewing: frozenset[str] = frozenset()
    """Certificates whose renewal failed last, or asks."""
    expiring: frozenset[str] = frozenset()
    """Endpoints for which an alarm sounds."""

    def has(self, told: Told) -> bool:
        """Whether a trouble that was told is so now; a moment that passed is not."""
        if told.kind == PROOF_CHANGED:
            return told.subject in self.unproven
        if told.kind in {EXPIRY_ALARM, EXPIRED}:
            return told.subject in self.expiring
        return told.kind in _RENEWAL_TROUBLES and told.subject in self.renewing


@dataclass(frozen=True)
class Outlook:
    """What a decision is made from, beside the events; `upto` is the last that is done with."""

    channel: str
    server_name: str
    now: datetime
    gather: timedelta
    upto: int
    sent_at: datetime | None = None
    told: Mapping[str, Told] = field(default_factory=dict)
    standing: Standing = field(default_factory=Standing)
    thumbprints: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """What to send, if anything, and what holds once that is done."""

    message: Message | None
    upto: int
    told: Mapping[str, Told]


def decide(outlook: Outlook, events: Sequence[Numbered]) -> Decision:
    """What is to be told now, `events` being all that came after `outlook.upto`, in order."""
    gathered = _Gathered(outlook)
    for numbered in events:
        gathered.add(numbered.event)
    last = events[-1].id if events else outlook.upto
    if gathered.entries and not _is_due(outlook, gathered.entries.values()):
        return Decision(None, outlook.upto, outlook.told)
    gathered.add_reminders()
    entries = tuple(gathered.entries.values())
    told = _worth_remembering(gathered.told, outlook)
    if not entries:
        return Decision(None, last, told)
    first = min(entry.first_at for entry in entries)
    identifier = f"{outlook.channel}-{outlook.upto}-{last}-{first:%Y%m%d%H%M%S}"
    message = compose(identifier, outlook.server_name, outlook.now, entries, outlook.thumbprints)
    return Decision(message, last, told)


def _is_due(outlook: Outlook, entries: Iterable[Entry]) -> bool:
    since_sent = outlook.now - outlook.sent_at if outlook.sent_at else _BETWEEN_URGENT
    may_hurry = not timedelta() <= since_sent < _BETWEEN_URGENT
    return any(
        (may_hurry and not entry.good and KINDS[entry.kind].urgent)
        # The clock may have been set back meanwhile.
        or not timedelta() <= outlook.now - entry.first_at < outlook.gather
        for entry in entries
    )


class _Gathered:
    """What there is to tell, sentence by sentence, and what will have been told."""

    def __init__(self, outlook: Outlook) -> None:
        self._outlook = outlook
        self.told = dict(outlook.told)
        self.entries: dict[str, Entry] = {}

    def add(self, event: Event) -> None:
        """Take in what happened next."""
        if is_trouble(event, self._outlook.channel):
            self._add_trouble(event)
        elif is_mending(event):
            self._add_mending(event)

    def add_reminders(self) -> None:
        """Take in what was told long ago and is so still: the latest words for each subject."""
        spoken = {_about(one) for one in self.entries.values()}
        latest = {
            _about(one): (key, one)
            for key, one in sorted(self.told.items(), key=lambda item: item[1].at)
        }
        for about, (key, one) in latest.items():
            is_silent = about in spoken or one.is_fresh(self._outlook.now)
            if not is_silent and self._outlook.standing.has(one):
                self._put(key, _entry(one.kind, one.subject, one.sentence, one.since, one))

    def _add_trouble(self, event: Event) -> None:
        key = _key(event)
        if (known := self.entries.get(key)) is not None:
            self.entries[key] = replace(known, count=known.count + 1, last_at=event.at)
            return
        before = self.told.get(key)
        if before is not None and before.is_fresh(self._outlook.now):
            if before.mended:  # if it stays so, it is told soon, and then with this time
                self.told[key] = replace(before, since=event.at)
            return
        sentence = bounded(event.message)
        self._put(key, _entry(event.kind, event.subject, sentence, event.at, before))

    def _put(self, key: str, entry: Entry) -> None:
        self.entries[key] = entry
        now, before = self._outlook.now, self.told.get(key)
        earlier = before.lately(now) if before is not None else ()
        self.told[key] = Told(
            entry.kind, entry.subject, entry.sentence, entry.first_at, now, earlier=earlier
        )

    def _add_mending(self, event: Event) -> None:
        concerned = {
            key: one
            for key, one in self.told.items()
            if (one.kind, one.subject, one.mended) == (event.kind, event.subject, False)
        }
        if not concerned:
            return
        self.told |= {key: replace(one, mended=True) for key, one in concerned.items()}
        sentence = bounded(event.message)
        self.entries[f"mended {_key(event)}"] = Entry(
            event.kind, event.subject, sentence, event.at, event.at, 1, "", good=True
        )


def _about(one: Entry | Told) -> tuple[str, str]:
    """What ran out is no longer about to."""
    return (EXPIRY_ALARM if one.kind == EXPIRED else one.kind), one.subject


def _entry(kind: str, subject: str, sentence: str, at: datetime, before: Told | None) -> Entry:
    still = before is not None and not before.mended
    since = before.since if before is not None and still else at
    return Entry(kind, subject, sentence, since, at, 1, KINDS[kind].remedy, good=False, still=still)


def _key(event: Event) -> str:
    # A mail server's words hold numbers of its own, so they are another sentence each time.
    said = "" if event.kind == TELLING_FAILED else event.message
    whole = "\n".join((event.kind, event.subject, said))
    return hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()[:32]


def _worth_remembering(told: Mapping[str, Told], outlook: Outlook) -> Mapping[str, Told]:
    """What may not be told again yet, or has to be."""
    kept = {
        key: one
        for key, one in told.items()
        if one.is_fresh(outlook.now) or one.lately(outlook.now) or outlook.standing.has(one)
    }
    latest = sorted(kept.items(), key=lambda item: item[1].at, reverse=True)
    return dict(latest[:_MOST_REMEMBERED])
