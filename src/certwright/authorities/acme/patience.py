"""Waiting for an authority: a while here, and for longer than that by asking again later."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from certwright.authorities.acme.retry_after import again_at

_SLOWEST_POLL = timedelta(seconds=15)
_LONGEST_WAIT = timedelta(days=1)
_LATER = timedelta(minutes=1)


class NotYet(Exception):  # noqa: N818 - an outcome, named as people say it
    """It takes longer than a job should; `again_at` is when to go on."""

    def __init__(self, sentence: str, again_at: datetime) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.again_at = again_at


@dataclass
class Patience:
    """How long one go may wait (`length`), and how often it looks; `sleep` takes seconds."""

    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    length: timedelta
    poll: timedelta
    began: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.clock()

    def renew(self) -> None:
        """Begin anew: what was waited for until now was not the authority."""
        self.began = self.clock()

    def wait(self, retry_after: str | None, sentence: str) -> None:
        """Sleep as long as the server wants, or a little longer each time; raises `NotYet`."""
        now = self.clock()
        next_look = again_at(
            retry_after, now, least=self.poll, most=_LONGEST_WAIT, otherwise=self.poll
        )
        if next_look > self.began + self.length:
            raise NotYet(sentence, next_look)
        self.sleep((next_look - now).total_seconds())
        self.poll = min(self.poll * 1.5, max(_SLOWEST_POLL, self.poll))

    def endure(self) -> None:
        """To be called before each request: raises `NotYet` if slow answers used up the time."""
        now = self.clock()
        if now > self.began + 2 * self.length:
            raise NotYet("The authority answers very slowly.", now + _LATER)
