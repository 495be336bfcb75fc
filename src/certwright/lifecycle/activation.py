"""Activation as one recorded transaction: switch, prove, and keep it or put the former back.

Every step is stored when it is taken, and taking it twice does no harm: a process killed between
two of them leaves an activation that `resume_activations` brings to its end.
"""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from certwright.access.rights import Caller, Right, require
from certwright.database.node_views import activations
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.activation_record import Activation, ActivationState, Step, get_activation
from certwright.lifecycle.endpoint_lock import endpoint_lock
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.proof import Proof, failed_proof
from certwright.lifecycle.proving import listening_places, prove_choice
from certwright.lifecycle.server import Server
from certwright.lifecycle.switching import confirm, left_to_people, switch, switch_back
from certwright.services.endpoints import (
    Choice,
    Endpoint,
    EndpointName,
    OwnEndpoint,
    get_endpoint,
    record_active,
    record_proof,
)
from certwright.stores.database import get_certificate

_PROOF_PATIENCE = 5.0
"""Seconds; a switch is visible after milliseconds, a first start of the front after 0.1 s."""
_SERVICE_PATIENCE = 30.0
"""Seconds; a service that is restarted takes its time until it answers again."""


def begin_activation(
    server: Server, endpoint: EndpointName, caller: Caller, renewal: int | None = None
) -> int:
    """Record the intent to make `endpoint` use what is saved; returns the activation's number.

    `renewal` is the number of the one that it belongs to.
    """
    require(caller, Right.MODIFY, "restart the server")
    with server.database.begin() as connection:
        current = get_endpoint(connection, endpoint)
        if current.saved.protocol.is_encrypted and current.saved.certificate is None:
            raise CertwrightError(
                ErrorCode.NOT_FOUND,
                f"No certificate is selected for {endpoint.in_words}.",
                f"Select one: certwright select {endpoint} ID",
            )
        return _begin(server, connection, current, current.saved, caller, renewal)


def begin_rehearsal(
    server: Server, endpoint: EndpointName, certificate: str, caller: Caller, renewal: int
) -> int:
    """Record the intent to serve `certificate` for as long as its proof takes."""
    require(caller, Right.MODIFY, "restart the server")
    with server.database.begin() as connection:
        current = get_endpoint(connection, endpoint)
        choice = replace(current.saved, certificate=certificate)
        return _begin(server, connection, current, choice, caller, renewal, rehearsal=True)


def _begin(
    server: Server,
    connection: Connection,
    current: Endpoint,
    choice: Choice,
    caller: Caller,
    renewal: int | None,
    *,
    rehearsal: bool = False,
) -> int:
    identifier: int = connection.execute(
        insert(activations)
        .values(
            endpoint=current.name,
            renewal=renewal,
            rehearsal=rehearsal,
            actor=caller.name,
            state=ActivationState.RUNNING.value,
            certificate=choice.certificate,
            protocol=choice.protocol.value,
            steps=[],
            started_at=server.now(),
            **_former_columns(current.active),
        )
        .returning(activations.c.id)
    ).scalar_one()
    return identifier


def run_activation(server: Server, identifier: int) -> Activation:
    """Take the steps of an activation; returns it as it ended."""
    endpoint = get_activation(server, identifier).endpoint
    with endpoint_lock(server, endpoint):
        current = get_activation(server, identifier)
        if current.state is not ActivationState.RUNNING:
            return current
        return _Run(server, _from_the_start(server, current)).take_steps()


def _from_the_start(server: Server, activation: Activation) -> Activation:
    # The one before may have ended while this one waited for its turn: what was activated last,
    # and is put back if need be, is known only now.
    with server.database.begin() as connection:
        former = get_endpoint(connection, activation.endpoint).active
        connection.execute(
            update(activations)
            .where(activations.c.id == activation.id)
            .values(**_former_columns(former))
        )
    return replace(activation, former=former, steps=())


def _former_columns(former: Choice | None) -> dict[str, str | None]:
    return {
        "former_certificate": former.certificate if former else None,
        "former_protocol": former.protocol.value if former else None,
    }


def activate(server: Server, endpoint: EndpointName, caller: Caller) -> Activation:
    """Make the running service use what is saved, and prove it, or put the former back."""
    return run_activation(server, begin_activation(server, endpoint, caller))


def resume_activations(server: Server) -> None:
    """Bring to their end the activations that a killed process left half-way."""
    with server.database.connect() as connection:
        unfinished = connection.scalars(
            select(activations.c.id)
            .where(activations.c.state == ActivationState.RUNNING.value)
            .order_by(activations.c.id)
        ).all()
    for identifier in unfinished:
        run_activation(server, identifier)


class _Run:
    """The steps of one activation, each recorded as it is taken."""

    def __init__(self, server: Server, activation: Activation) -> None:
        self._server = server
        self._activation = activation

    def take_steps(self) -> Activation:
        activation, server = self._activation, self._server
        endpoint, choice, former = activation.endpoint, activation.choice, activation.former
        proof = self._switch_and_prove(choice, lambda: switch(server, endpoint, choice, former))
        if proof.ok and not activation.rehearsal:
            self._confirm()
            return self._finish(ActivationState.PROVEN, choice, proof)
        if former is None:
            return self._finish(ActivationState.FAILED, None, proof)
        put_back = self._put_back(former)
        if put_back.ok:
            undone = ActivationState.REHEARSED if proof.ok else ActivationState.PUT_BACK
            return self._finish(undone, former, put_back)
        return self._finish(ActivationState.FAILED, None, put_back)

    def _say_what_is_left_to_people(self, choice: Choice) -> None:
        sentence = left_to_people(self._server, self._activation.endpoint, choice)
        if sentence:
            self._begin("store", sentence)
            self._end(ok=False, sentence=sentence)

    def _confirm(self) -> None:
        try:
            confirm(self._server, self._activation.endpoint)
        except CertwrightError as error:
            # It is served and proven: that the way back could not be tidied up changes nothing.
            self._begin("confirm", "Keeping the former as the previous one.")
            self._end(ok=False, sentence=f"{error.message} {error.remedy}")

    def _switch_and_prove(self, choice: Choice, take: Callable[[], None]) -> Proof:
        refusal = self._take(choice, take, "switch")
        if refusal is None:
            proof = self._prove(choice, "prove")
        else:
            proof = self._without_handshake(choice, refusal.message)
        if not proof.ok and (refusal is None or refusal.code is ErrorCode.SERVICE_FAILED):
            self._say_what_is_left_to_people(choice)
        return proof

    def _put_back(self, former: Choice) -> Proof:
        server, endpoint = self._server, self._activation.endpoint
        self._take(former, lambda: switch_back(server, endpoint, former), "put-back")
        # Even where that failed: a program that took nothing on serves the former one still.
        return self._prove(former, "prove-former")

    def _take(self, choice: Choice, take: Callable[[], None], step: str) -> CertwrightError | None:
        """Why the step could not be taken, None where it was."""
        place = self._activation.endpoint.in_words
        self._begin(step, f"Switching {place} to {self._describe(choice)}.")
        try:
            take()
        except CertwrightError as error:
            self._end(ok=False, sentence=f"{error.message} {error.remedy}")
            return error
        self._end(ok=True, sentence=f"Switched {place} to {self._describe(choice)}.")
        return None

    def _prove(self, choice: Choice, step: str) -> Proof:
        self._begin(step, f"Shaking hands with {self._activation.endpoint.in_words} from outside.")
        proof = prove_choice(
            self._server,
            self._activation.endpoint,
            choice,
            patience=self._patience,
            # What a staging authority issues ends in a root that nobody trusts.
            trusting=self._activation.rehearsal and choice != self._activation.former,
        )
        for check in proof.checks[:-1]:
            self._end(ok=check.ok, sentence=check.sentence)
            self._begin(step, "Looking further.")
        sentence = f"{proof.checks[-1].sentence} {proof.document.get('remedy', '')}".rstrip()
        self._end(ok=proof.checks[-1].ok, sentence=sentence)
        return proof

    @property
    def _patience(self) -> float:
        is_own = isinstance(self._activation.endpoint, OwnEndpoint)
        return _PROOF_PATIENCE if is_own else _SERVICE_PATIENCE

    def _without_handshake(self, choice: Choice, sentence: str) -> Proof:
        server = self._server
        place = listening_places(server, self._activation.endpoint, choice)[0]
        return failed_proof(sentence, place.address, place.port, place.name, server.now())

    def _describe(self, choice: Choice) -> str:
        if choice.certificate is None or not choice.protocol.is_encrypted:
            return choice.protocol.label
        with self._server.database.connect() as connection:
            certificate = get_certificate(connection, choice.certificate)
        return certificate.name_on_record

    def _begin(self, name: str, sentence: str) -> None:
        self._record((*self._activation.steps, Step(name, None, sentence, self._time())))

    def _end(self, *, ok: bool, sentence: str) -> None:
        *before, last = self._activation.steps
        self._record((*before, Step(last.name, ok, sentence, self._time())))

    def _record(self, steps: tuple[Step, ...]) -> None:
        self._activation = replace(self._activation, steps=steps)
        with self._server.database.begin() as connection:
            connection.execute(
                update(activations)
                .where(activations.c.id == self._activation.id)
                .values(steps=[asdict(step) for step in steps])
            )

    def _finish(self, state: ActivationState, active: Choice | None, proof: Proof) -> Activation:
        now = self._server.now()
        endpoint = self._activation.endpoint
        with self._server.database.begin() as connection:
            if active is not None:
                record_active(connection, endpoint, active, proof.document)
            else:  # the place to go back to stays; that it is not served now has to show
                record_proof(connection, endpoint, proof.document)
            connection.execute(
                update(activations)
                .where(activations.c.id == self._activation.id)
                .values(state=state.value, proof=proof.document, finished_at=now)
            )
            record_event(connection, self._event(state, now))
        return get_activation(self._server, self._activation.id)

    def _event(self, state: ActivationState, now: datetime) -> Event:
        title = self._activation.endpoint.label
        sentence = f"{title} proven: {self._describe(self._activation.choice)}"
        if state is ActivationState.REHEARSED:
            sentence = f"{title} rehearsed, and the former certificate put back"
        elif state is not ActivationState.PROVEN:
            reasons = self._activation.failure
            outcome = (
                "The former certificate was put back."
                if state is ActivationState.PUT_BACK
                else "There is no former certificate that works."
            )
            sentence = f"{title} not proven: {reasons} {outcome}"
        return Event(
            at=now,
            actor=self._activation.actor,
            kind=f"activation-{state}",
            subject=self._activation.endpoint,
            message=sentence,
            good=state in {ActivationState.PROVEN, ActivationState.REHEARSED},
        )

    def _time(self) -> str:
        return self._server.now().isoformat()
