"""The way of a renewal as a line of phases: which are behind it, and where it stands. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from certwright.designer.renewal_lines import standing, waits_for_window
from certwright.lifecycle.renewal.record import Renewal, RenewalState
from certwright.lifecycle.renewal.story import Story, StoryStep, has_failed, would_ask


class Standing(StrEnum):
    """How a phase stands; the value is its icon."""

    DONE = "good"
    FAILED = "broken"
    ASKING = "attention"
    NOW = "running"
    TO_COME = "to-come"


@dataclass(frozen=True)
class Phase:
    """One phase: what it is called, how it stands, and when it was reached last."""

    title: str
    standing: Standing
    at: datetime | None

    @property
    def word(self) -> str:
        """How it stands, for who does not see the icon."""
        return _WORDS[self.standing]


_WORDS = {
    Standing.DONE: "done",
    Standing.FAILED: "failed",
    Standing.ASKING: "waits for you",
    Standing.NOW: "under way",
    Standing.TO_COME: "to come",
}
_STEPS = {
    "Request": ("key", "request"),
    "Issue": ("issue",),
    "Check": ("check", "compare"),
    "Store": ("check",),
    "Select": ("select",),
    "Activate": ("switch",),
    "Prove": ("prove",),
    "Put back": ("prove-former",),
    "Retire": ("retire",),
}
"""The steps on record that belong to each phase."""
_FIRST = ("Request", "Issue", "Check", "Store")
_WHOLE = (*_FIRST, "Select", "Activate", "Prove", "Retire")
_REHEARSAL = (*_FIRST, "Activate", "Prove", "Put back")


def phases_of(story: Story) -> tuple[Phase, ...]:
    """The phases of a renewal, in their order."""
    titles = _titles(story.renewal)
    behind = _number_behind(story, titles)
    current = _current(story.renewal)
    return tuple(
        Phase(
            title,
            Standing.DONE if index < behind else current if index == behind else Standing.TO_COME,
            _reached(story.steps, title) if index <= behind else None,
        )
        for index, title in enumerate(titles)
    )


def _titles(renewal: Renewal) -> tuple[str, ...]:
    if renewal.wanted.rehearsed_at is not None:
        return _REHEARSAL
    return _WHOLE if renewal.wanted.certificate is not None else _FIRST


def _number_behind(story: Story, titles: Sequence[str]) -> int:
    """How many phases are done."""
    renewal = story.renewal
    if renewal.state is RenewalState.DONE or would_ask(renewal):
        return len(titles)
    if renewal.issued is None:
        return 0 if renewal.key_fingerprint is None else titles.index("Issue")
    if renewal.state is RenewalState.ASKING and not renewal.agreed:
        return titles.index("Check")
    return _behind_activation(story, titles)


def _behind_activation(story: Story, titles: Sequence[str]) -> int:
    """The same, for one whose certificate is there and found right."""
    taken = {(step.name, step.ok) for step in _latest_activation(story.steps)}
    is_selected = any(step.name == "select" for step in story.steps)
    if waits_for_window(story.renewal) or not taken:
        following = "Activate" if "Select" not in titles or is_selected else "Select"
    elif ("switch", True) not in taken:
        following = "Activate"
    elif ("prove", None) in taken or ("prove", False) in taken or ("prove", True) not in taken:
        following = "Prove"
    else:
        following = titles[-1]
    return titles.index(following) if following in titles else len(titles)


def _latest_activation(steps: Sequence[StoryStep]) -> tuple[StoryStep, ...]:
    """The steps from the last switch on, at the endpoint that was switched."""
    begun = [index for index, step in enumerate(steps) if step.name == "switch"]
    if not begun:
        return ()
    endpoint = steps[begun[-1]].endpoint
    return tuple(step for step in steps[begun[-1] :] if step.endpoint == endpoint)


def _current(renewal: Renewal) -> Standing:
    if has_failed(renewal) or renewal.state is RenewalState.FAILED:
        return Standing.FAILED
    if renewal.state.is_over:
        return Standing.TO_COME
    return Standing.ASKING if standing(renewal)[0] == "attention" else Standing.NOW


def _reached(steps: Sequence[StoryStep], title: str) -> datetime | None:
    taken = [step.at for step in steps if step.name in _STEPS[title]]
    return taken[-1] if taken else None
