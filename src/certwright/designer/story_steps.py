"""The steps of a story in chapters: an activation is one, so that its checks fold away. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from certwright.lifecycle.renewal.record import OUTCOME
from certwright.lifecycle.renewal.story import Story, StoryStep
from certwright.services.endpoints import EndpointName

_OUTCOMES = {
    "good": "Activated and proven",
    "broken": "Not proven",
    "running": "Being activated",
}


@dataclass(frozen=True)
class Chapter:
    """A step of a renewal's own, or all that was done at an endpoint in a row.

    `day` is set where another one begins; `place` is what a sentence calls the endpoint, "" for a
    step of the renewal's own.
    """

    day: date | None
    place: str
    steps: tuple[StoryStep, ...]

    @property
    def title(self) -> str:
        """What came of it at its endpoint."""
        return f"{_OUTCOMES[self.health]} at {self.place}"

    @property
    def at(self) -> datetime:
        """When it began."""
        return self.steps[0].at

    @property
    def health(self) -> str:
        """The icon: how the worst of its steps went; what the new one lacks is to be answered."""
        if any(step.ok is False for step in self.steps):
            return "attention" if self.steps[0].name == "compare" else "broken"
        return "running" if any(step.ok is None for step in self.steps) else "good"


def chapters_of(steps: Sequence[StoryStep]) -> tuple[Chapter, ...]:
    """The chapters of `steps`, which are in the order of their times."""
    chapters: list[Chapter] = []
    day: date | None = None
    for _, together in groupby(enumerate(_told_once(steps)), key=_belongs_to):
        taken = tuple(step for _, step in together)
        endpoint, began = taken[0].endpoint, taken[0].at.date()
        place = "" if endpoint is None else endpoint.in_words
        chapters.append(Chapter(None if began == day else began, place, taken))
        day = began
    return tuple(chapters)


def _told_once(steps: Sequence[StoryStep]) -> Iterator[StoryStep]:
    """Without the outcome at an endpoint where its steps come right before: they are titled so."""
    place: EndpointName | None = None
    for step in steps:
        if step.name != OUTCOME or place is None:
            yield step
        place = step.endpoint


def _belongs_to(numbered: tuple[int, StoryStep]) -> str | int:
    index, step = numbered
    return index if step.endpoint is None else step.endpoint


def progress_of(story: Story) -> str:
    """Changes whenever there is something new to show."""
    renewal, last = story.renewal, story.steps[-1] if story.steps else None
    number = sum(step.ok is not None for step in story.steps)
    at = last.at.timestamp() if last else 0
    again = renewal.again_at.timestamp() if renewal.again_at else 0
    return f"{renewal.state}.{len(story.steps)}.{number}.{at:.0f}.{again:.0f}"
