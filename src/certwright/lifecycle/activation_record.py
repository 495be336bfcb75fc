"""What is recorded of an activation, and what the record tells later."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, select, update

from certwright.database.node_views import activations
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.server import Server
from certwright.services.endpoints import (
    Choice,
    Endpoint,
    EndpointName,
    OwnEndpoint,
    WebServerProtocol,
    parse_endpoint_name,
)


class ActivationState(StrEnum):
    """How an activation stands."""

    RUNNING = "running"
    PROVEN = "proven"
    PUT_BACK = "put-back"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    REHEARSED = "rehearsed"
    """Proven, and undone as was wanted."""


@dataclass(frozen=True)
class Step:
    """One step and how it went; `ok` is None while it is under way."""

    name: str
    ok: bool | None
    sentence: str
    at: str


@dataclass(frozen=True)
class Activation:
    """The record of one activation."""

    id: int
    endpoint: EndpointName
    actor: str
    state: ActivationState
    choice: Choice
    former: Choice | None
    rehearsal: bool
    steps: tuple[Step, ...]
    proof: dict[str, Any] | None
    started_at: datetime
    finished_at: datetime | None

    @property
    def failure(self) -> str:
        """The sentences of the steps that failed, each once: what is put back may fail alike."""
        return " ".join(dict.fromkeys(step.sentence for step in self.steps if step.ok is False))

    @property
    def advice(self) -> str:
        """What to do where the former was put back.

        A step that could not be taken, such as a file that may not be written, says what to mend:
        another certificate would fare no better.
        """
        was_taken = all(step.ok is not False for step in self.steps if step.name == "switch")
        return (
            "Select another certificate."
            if was_taken
            else f"Once that is mended: certwright activate {self.endpoint}"
        )


def abandon_activations(server: Server) -> None:
    """Close what a node left half-way when it was killed; its next start activates anew.

    Those of services go on: their programs were not killed with the node.
    """
    with server.database.begin() as connection:
        connection.execute(
            update(activations)
            .where(
                activations.c.state == ActivationState.RUNNING.value,
                activations.c.endpoint.in_(list(OwnEndpoint)),
            )
            .values(state=ActivationState.INTERRUPTED.value, finished_at=server.now())
        )


def get_activation(server: Server, identifier: int) -> Activation:
    """The record of an activation; raises NOT_FOUND."""
    with server.database.connect() as connection:
        row = connection.execute(
            select(activations).where(activations.c.id == identifier)
        ).one_or_none()
    if row is None:
        raise CertwrightError(
            ErrorCode.NOT_FOUND,
            f"There is no activation {identifier}.",
            "Look at what is active now: certwright status",
        )
    return read_activation(row)


def require_at_rest(connection: Connection, endpoint: EndpointName) -> None:
    """Raises BUSY while an activation of `endpoint` has not come to its end."""
    running = activations.c.state == ActivationState.RUNNING.value
    found = select(activations.c.id).where(activations.c.endpoint == endpoint, running).limit(1)
    if connection.execute(found).one_or_none() is not None:
        raise CertwrightError(
            ErrorCode.BUSY,
            f"{endpoint.label} is being activated at this moment.",
            "Wait until that has come to its end, then try again.",
        )


def why_put_back(connection: Connection, endpoint: Endpoint) -> str | None:
    """Why what is saved at `endpoint` was put back when it was last tried, and what to do.

    None if it was not.
    """
    row = connection.execute(
        select(activations)
        .where(activations.c.endpoint == endpoint.name)
        .order_by(activations.c.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None or row.state != ActivationState.PUT_BACK.value:
        return None
    last = read_activation(row)
    return f"{last.failure} {last.advice}" if last.choice == endpoint.saved else None


def read_activation(row: Row[Any]) -> Activation:
    """An activation from its row."""
    former = None
    if row.former_protocol is not None:
        former = Choice(WebServerProtocol(row.former_protocol), row.former_certificate)
    return Activation(
        id=row.id,
        endpoint=parse_endpoint_name(row.endpoint),
        actor=row.actor,
        state=ActivationState(row.state),
        choice=Choice(WebServerProtocol(row.protocol), row.certificate),
        former=former,
        rehearsal=row.rehearsal,
        steps=tuple(Step(**step) for step in row.steps),
        proof=row.proof,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
