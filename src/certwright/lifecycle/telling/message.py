"""One message for all there is to tell: a subject line that says it, a text of bounded length."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby

from certwright.errors import CertwrightError
from certwright.lifecycle.telling.kinds import PROOF_CHANGED, rank_of
from certwright.services.endpoints import parse_endpoint_name
from certwright.x509.text import printable

_MOST_ENTRIES = 50
_LONGEST_HEADLINE = 80
_LONGEST_SENTENCE = 600
_FINGERPRINT_LENGTH = 64


@dataclass(frozen=True)
class Entry:
    """One sentence to tell: how often it was said, from when to when, and what to do about it."""

    kind: str
    subject: str
    sentence: str
    first_at: datetime
    last_at: datetime
    count: int
    remedy: str
    good: bool
    still: bool = False
    """It was told before, a day or longer ago, and is so still."""


@dataclass(frozen=True)
class Message:
    """What is told at once, the most urgent first.

    The same `identifier` again is the same message sent again.
    """

    identifier: str
    server_name: str
    at: datetime
    entries: tuple[Entry, ...]
    left_out: int = 0
    thumbprints: Mapping[str, str] = field(default_factory=dict)
    """Of certificates that are subjects, by their fingerprints: what people know them by."""

    @property
    def headline(self) -> str:
        """The most urgent, short enough for a telephone.

        For example "todd.corp.example: shop.corp.example of shop is not proven: Nothing listens on
        10.0.0.5:443 (and 2 more)".
        """
        others = len(self.entries) - 1 + self.left_out
        more = f" (and {others} more)" if others else ""
        what = _cut_at_a_word(printable(_in_short(self.entries[0])))
        return f"{self.server_name}: {what}{more}"

    @property
    def text(self) -> str:
        """The sentences by subject, each with its times and its remedy."""
        lines = [f"{self.headline}.", ""]
        for subject, entries in groupby(self.entries, key=lambda one: one.subject):
            lines.append(_title(subject, self.thumbprints))
            lines += [line for one in entries for line in _lines(one)]
            lines.append("")
        if self.left_out:
            lines += [f"And {self.left_out} more: certwright events", ""]
        lines.append(f"Certwright on {self.server_name}, {_clock(self.at)}")
        return "\n".join(lines) + "\n"


def compose(
    identifier: str,
    server_name: str,
    at: datetime,
    entries: Sequence[Entry],
    thumbprints: Mapping[str, str],
) -> Message:
    """A message of `entries`: the most urgent first, bounded, grouped by subject."""
    worst_first = sorted(
        entries, key=lambda one: (one.good, rank_of(one.kind), one.still, one.first_at)
    )
    told = worst_first[:_MOST_ENTRIES]
    subjects = list(dict.fromkeys(one.subject for one in told))
    told.sort(key=lambda one: subjects.index(one.subject))
    left_out = len(entries) - len(told)
    return Message(identifier, server_name, at, tuple(told), left_out, thumbprints)


def bounded(sentence: str) -> str:
    """`sentence` fit for a message: printable, and with an end."""
    return printable(" ".join(sentence.split()), _LONGEST_SENTENCE)


def _in_short(entry: Entry) -> str:
    if entry.kind != PROOF_CHANGED:
        return entry.sentence.partition(". ")[0].removesuffix(".")
    place = _in_words(entry.subject)
    if entry.good:
        return f"{place} is proven again"
    cause = entry.sentence.partition(" not proven")[2].partition(". ")[0].removesuffix(".")
    return f"{place} is {'still not' if entry.still else 'not'} proven{cause}"


def _cut_at_a_word(text: str) -> str:
    if len(text) <= _LONGEST_HEADLINE:
        return text
    words = text[: _LONGEST_HEADLINE + 1].rpartition(" ")[0] or text[:_LONGEST_HEADLINE]
    return f"{words.rstrip(',;:')} …"


def _lines(entry: Entry) -> list[str]:
    times = _clock(entry.first_at)
    if entry.count > 1:
        times = f"{entry.count} times from {times} to {_clock(entry.last_at)}"
    if entry.still:
        times = f"still so, since {times}"
    lines = [f"  {entry.sentence}", f"    {times}"]
    return lines if entry.good else [*lines, f"    {entry.remedy}"]


def _in_words(subject: str) -> str:
    try:
        return parse_endpoint_name(subject).in_words
    except CertwrightError:
        return _title(subject, {})


def _title(subject: str, thumbprints: Mapping[str, str]) -> str:
    try:
        return parse_endpoint_name(subject).label
    except CertwrightError:
        pass
    is_hexadecimal = all(character in "0123456789abcdef" for character in subject)
    if len(subject) == _FINGERPRINT_LENGTH and is_hexadecimal:
        if subject in thumbprints:
            return f"Certificate with the thumbprint {thumbprints[subject][:16]}"
        return f"Certificate with the fingerprint {subject[:16]}"
    return printable(subject, 100) or "This node"


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
