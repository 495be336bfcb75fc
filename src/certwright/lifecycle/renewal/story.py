"""The story of a renewal: its steps and those of its activations by time, and what comes next."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from certwright.database.tables import activations_of_nodes
from certwright.lifecycle.activation_record import read_activation
from certwright.lifecycle.renewal.by_hand import steps_by_hand
from certwright.lifecycle.renewal.record import (
    WOULD_ASK,
    Renewal,
    RenewalState,
    get_renewal,
    latest_renewal_of,
    renewal_that_issued,
)
from certwright.services.endpoints import EndpointName
from certwright.stores.thumbprints import thumbprints_of

_MOST_ACTIVATIONS = 50
"""Of a certificate beside its renewal: each start of a node is one."""


@dataclass(frozen=True)
class StoryStep:
    """One step; `endpoint` is where an activation took it, None for the renewal's own."""

    at: datetime
    name: str
    ok: bool | None
    sentence: str
    endpoint: EndpointName | None


@dataclass(frozen=True)
class Story:
    """A renewal and all its steps, the first one first.

    `thumbprints` are those of its certificates, by their fingerprints; without what is gone.
    """

    renewal: Renewal
    steps: tuple[StoryStep, ...]
    thumbprints: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Next:
    """What happens next, in a sentence; `at` is None for at once, for never, or for people."""

    at: datetime | None
    sentence: str


def story_of(connection: Connection, identifier: int) -> Story:
    """Everything that was recorded of a renewal; raises NOT_FOUND."""
    renewal = get_renewal(connection, identifier)
    own = (
        StoryStep(datetime.fromisoformat(one.at), one.name, one.ok, one.sentence, None)
        for one in renewal.steps
    )
    rows = connection.execute(
        select(activations_of_nodes)
        .where(activations_of_nodes.c.renewal == identifier)
        .order_by(activations_of_nodes.c.id)
    )
    steps = sorted((*own, *_of_activations(rows)), key=lambda step: step.at)
    concerned = (renewal.wanted.certificate, renewal.issued)
    return Story(renewal, tuple(steps), thumbprints_of(connection, concerned))


@dataclass(frozen=True)
class CertificateStory:
    """What brought a certificate, every step at which it was in hand, and what replaced it.

    `brought_by` is None for one that came by an import, or before renewals were on record.
    """

    brought_by: Renewal | None
    steps: tuple[StoryStep, ...]
    replaced_by: Renewal | None


def certificate_story(connection: Connection, fingerprint: str) -> CertificateStory:
    """Everything that was recorded of a certificate, but for rehearsals."""
    brought_by = renewal_that_issued(connection, fingerprint)
    steps = story_of(connection, brought_by.id).steps if brought_by else ()
    others = select(activations_of_nodes).where(
        activations_of_nodes.c.certificate == fingerprint,
        activations_of_nodes.c.rehearsal.is_(False),
    )
    if brought_by is not None:  # whose activations are in its steps
        others = others.where(activations_of_nodes.c.renewal.is_distinct_from(brought_by.id))
    latest = others.order_by(activations_of_nodes.c.id.desc()).limit(_MOST_ACTIVATIONS)
    by_hand = _of_activations(connection.execute(latest))
    return CertificateStory(
        brought_by,
        tuple(sorted((*steps, *by_hand), key=lambda step: step.at)),
        latest_renewal_of(connection, fingerprint),
    )


def words_of(renewal: Renewal) -> str:
    """Why it waits or how it ended; "" while it is gone on with, whatever hindered it before."""
    return "" if renewal.state is RenewalState.WORKING else renewal.sentence


def next_of(renewal: Renewal) -> Next:
    """What happens next to a renewal, or that nothing does."""
    number = renewal.id
    match renewal.state:
        case RenewalState.WORKING if renewal.agreed and not renewal.is_wanted_now:
            return Next(
                None,
                "It goes on within seconds; where an endpoint has a maintenance window, it is "
                "activated in that.",
            )
        case RenewalState.WORKING:
            return Next(None, "It goes on within seconds.")
        case RenewalState.ASKING if not renewal.waits_for_agreement:
            return Next(None, "It goes on within seconds.")
        case RenewalState.ASKING:
            return Next(
                None,
                "It waits for somebody's agreement; the former certificate is served meanwhile. "
                f"Decide: certwright renewals agree {number}, or decline {number}",
            )
        case RenewalState.WAITING if renewal.waits_for_nodes:
            return Next(None, renewal.sentence)
        case RenewalState.WAITING if renewal.again_at is None:
            return Next(
                None, f"It goes on as soon as the answer is brought. {steps_by_hand(renewal)}"
            )
        case RenewalState.WAITING if has_failed(renewal):
            return Next(renewal.again_at, "It is tried again by itself.")
        case RenewalState.WAITING:
            return Next(renewal.again_at, "It goes on by itself.")
        case RenewalState.DONE:
            return Next(None, "It is done.")
        case RenewalState.DECLINED:
            return Next(None, "It was declined; nothing more happens by itself.")
        case RenewalState.OBSOLETE:
            return Next(None, "It is over.")
        case RenewalState.FAILED:
            return Next(None, "It was a rehearsal, and is over.")


def _of_activations(rows: Iterable[Row[Any]]) -> Iterator[StoryStep]:
    for activation in map(read_activation, rows):
        for one in activation.steps:
            at = datetime.fromisoformat(one.at)
            yield StoryStep(at, one.name, one.ok, one.sentence, activation.endpoint)


def waits_for(renewal: Renewal) -> str | None:
    """What it waits for, in a word for programs; None for one that is gone on with."""
    if renewal.waits_for_agreement:
        return "agreement"
    if renewal.state is not RenewalState.WAITING:
        return None
    if has_failed(renewal):
        return "retry"
    if renewal.again_at is not None:
        return "time"
    return "answer" if renewal.waits_for_answer else "nodes"


def would_ask(renewal: Renewal) -> bool:
    """Whether it is a rehearsal that showed that somebody would be asked to agree."""
    is_over = renewal.state is RenewalState.FAILED
    return is_over and bool(renewal.steps) and renewal.steps[-1].name == WOULD_ASK


def has_failed(renewal: Renewal) -> bool:
    """Whether it waits because its last attempt failed."""
    is_waiting = renewal.state is RenewalState.WAITING
    return is_waiting and bool(renewal.steps) and renewal.steps[-1].ok is False
