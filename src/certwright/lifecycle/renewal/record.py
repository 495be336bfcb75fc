"""What is recorded of a renewal: who asked for it and why, each step with its words, and how far
it has come. All of it is in the database, so any process can go on with it."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, and_, cast, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import distinct_on, insert

from certwright.database.node_views import THIS_NODE
from certwright.database.tables import TIME, renewals
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.activation_record import Step
from certwright.lifecycle.renewal.turns import is_our_turn
from certwright.services.endpoints import EndpointName, RenewalKey, parse_endpoint_name
from certwright.x509.keys import KeyType
from certwright.x509.names import ServerName, parse_certificate_name
from certwright.x509.profile import Profile

_MOST_STEPS = 200
"""A renewal that fails for weeks keeps its first and its latest steps."""
_FIRST_STEPS = 20


NOW, OUTCOME, WINDOW, WOULD_ASK = "now", "activate", "window", "would-ask"
"""Steps by whose names others know what was decided, and what is waited for."""


class RenewalState(StrEnum):
    """How a renewal stands."""

    WORKING = "working"
    """Somebody is at it, or will be in a moment."""
    WAITING = "waiting"
    """For its authority, for a maintenance window, or until it is tried again."""
    ASKING = "asking"
    """For somebody's agreement to what the new certificate lacks."""
    DONE = "done"
    DECLINED = "declined"
    """Somebody did not want it, or did not want to sign it."""
    OBSOLETE = "obsolete"
    """Nothing uses the certificate any more."""
    FAILED = "failed"
    """A rehearsal that did not succeed: it is not tried again by itself."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self not in {RenewalState.WORKING, RenewalState.WAITING, RenewalState.ASKING}


@dataclass(frozen=True)
class Wanted:
    """What a renewal is to bring; `certificate` is the one to be replaced, None for a first one.

    `signing_request` is PKCS#10 in DER by whoever has the private key, None for a key of ours.
    `rehearsed_at` is the endpoint at which it is only tried; None if it is meant.
    """

    certificate: str | None
    names: tuple[ServerName, ...]
    authority: str
    key: RenewalKey
    key_type: KeyType
    lifetime: timedelta
    actor: str
    reason: str
    signing_request: bytes | None = None
    rehearsed_at: EndpointName | None = None
    profile: Profile = Profile.SERVER


@dataclass(frozen=True)
class Renewal:
    """The record of one renewal; `sentence` says what it waits for or why it failed last.

    `node` is the one that began it. `waits` is until when a node waits that waits for itself
    alone: for its own maintenance window, or because its own attempt failed.
    """

    id: int
    node: str
    wanted: Wanted
    state: RenewalState
    key_fingerprint: str | None
    memory: dict[str, Any]
    issued: str | None
    agreed: bool
    attempts: int
    sentence: str
    again_at: datetime | None
    waits: Mapping[str, datetime]
    steps: tuple[Step, ...]
    started_at: datetime
    finished_at: datetime | None

    @property
    def is_wanted_now(self) -> bool:
        """Whether the last that happened is that somebody asked for it to go on now."""
        return bool(self.steps) and self.steps[-1].name == NOW

    @property
    def waits_for_agreement(self) -> bool:
        """Whether somebody has to agree to what the new certificate lacks."""
        return self.state is RenewalState.ASKING and not self.agreed

    @property
    def waits_for_nodes(self) -> bool:
        """Whether other nodes have to bring the new certificate to their endpoints."""
        is_waiting = self.state is RenewalState.WAITING and self.again_at is None
        return is_waiting and self.issued is not None

    @property
    def waits_for_answer(self) -> bool:
        """Whether somebody has to bring the signed certificate."""
        is_waiting = self.state is RenewalState.WAITING and self.again_at is None
        return is_waiting and self.issued is None

    def can_go_on(self, now: datetime, node: str) -> bool:
        """Whether it is its time at `node`, and nobody has to agree first.

        As `ready_renewals` looks.
        """
        if node in self.waits and self.waits[node] > now:
            return False
        if self.state is RenewalState.WAITING:
            waits_for_itself = node in self.waits or (self.issued is not None and self.waits)
            return bool(waits_for_itself) or self.again_at is None or self.again_at <= now
        return not self.state.is_over and (self.state is not RenewalState.ASKING or self.agreed)


def begin_renewal(connection: Connection, wanted: Wanted, now: datetime) -> int | None:
    """Record a new renewal; None if one is at work for the same certificate already."""
    identifier: int | None = connection.execute(
        insert(renewals)
        .values(
            certificate=wanted.certificate,
            names=[name.value for name in wanted.names],
            authority=wanted.authority,
            renewal_key=wanted.key.value,
            key_type=wanted.key_type.value,
            lifetime_seconds=round(wanted.lifetime.total_seconds()),
            actor=wanted.actor,
            reason=wanted.reason,
            signing_request=wanted.signing_request,
            rehearsed_on=None if wanted.rehearsed_at is None else THIS_NODE,
            rehearsed_at=wanted.rehearsed_at,
            profile=wanted.profile.value,
            state=RenewalState.WORKING.value,
            memory={},
            agreed=False,
            attempts=0,
            sentence="",
            steps=[],
            started_at=now,
        )
        .on_conflict_do_nothing()
        .returning(renewals.c.id)
    ).scalar_one_or_none()
    return identifier


def get_renewal(connection: Connection, identifier: int) -> Renewal:
    """The record of a renewal; raises NOT_FOUND."""
    row = connection.execute(select(renewals).where(renewals.c.id == identifier)).one_or_none()
    if row is None:
        raise CertwrightError(
            ErrorCode.NOT_FOUND,
            f"There is no renewal {identifier}.",
            "Look which there are: certwright renewals list",
        )
    return _renewal(row)


def renewal_at_work(connection: Connection, certificate: str) -> Renewal | None:
    """The renewal of a certificate that is not over yet, None if there is none."""
    return renewals_at_work(connection, [certificate]).get(certificate)


def renewals_at_work(connection: Connection, certificates: Collection[str]) -> dict[str, Renewal]:
    """Those that are not over yet, by the certificate that they are to replace."""
    wanted = and_(renewals.c.certificate.in_(certificates), renewals.c.finished_at.is_(None))
    rows = connection.execute(select(renewals).where(wanted))
    return {row.certificate: _renewal(row) for row in rows}


def latest_renewal_of(connection: Connection, certificate: str) -> Renewal | None:
    """The last renewal that was to replace a certificate, over or not."""
    return latest_renewals_of(connection, [certificate]).get(certificate)


def latest_renewals_of(connection: Connection, certificates: Collection[str]) -> dict[str, Renewal]:
    """The last that was to replace each of them, over or not."""
    rows = connection.execute(
        select(renewals)
        .ext(distinct_on(renewals.c.certificate))
        .where(renewals.c.certificate.in_(certificates), renewals.c.rehearsed_at.is_(None))
        .order_by(renewals.c.certificate, renewals.c.id.desc())
    )
    return {row.certificate: _renewal(row) for row in rows}


def renewal_that_issued(connection: Connection, certificate: str) -> Renewal | None:
    """The renewal that brought a certificate."""
    return renewals_that_issued(connection, [certificate]).get(certificate)


def renewals_that_issued(
    connection: Connection, certificates: Collection[str]
) -> dict[str, Renewal]:
    """The renewal that brought each of them, where one did."""
    rows = connection.execute(
        select(renewals)
        .ext(distinct_on(renewals.c.issued))
        .where(renewals.c.issued.in_(certificates), renewals.c.rehearsed_at.is_(None))
        .order_by(renewals.c.issued, renewals.c.id)
    )
    return {row.issued: _renewal(row) for row in rows}


def unfinished_renewals(connection: Connection) -> tuple[Renewal, ...]:
    """All that are not over, the oldest first."""
    rows = connection.execute(
        select(renewals).where(renewals.c.finished_at.is_(None)).order_by(renewals.c.id)
    )
    return tuple(map(_renewal, rows))


def ready_renewals(connection: Connection, now: datetime) -> tuple[int, ...]:
    """The numbers of those that this node can go on with now.

    One that waits for what somebody brings is looked at each time: whoever brings it has no
    other way to say so.
    """
    own_wait = cast(renewals.c.waits.op("->>")(THIS_NODE), TIME)
    is_over = or_(own_wait.is_(None), own_wait <= now)
    waits_for_itself = or_(
        own_wait.is_not(None), and_(renewals.c.issued.is_not(None), renewals.c.waits != {})
    )
    can_go_on = or_(
        renewals.c.state == RenewalState.WORKING.value,
        and_(
            renewals.c.state == RenewalState.WAITING.value,
            or_(waits_for_itself, renewals.c.again_at.is_(None), renewals.c.again_at <= now),
        ),
        and_(renewals.c.state == RenewalState.ASKING.value, renewals.c.agreed),
    )
    ready = select(renewals.c.id).where(
        renewals.c.finished_at.is_(None), is_over, can_go_on, is_our_turn()
    )
    return tuple(connection.scalars(ready.order_by(renewals.c.id)))


def wake_for_windows(connection: Connection, now: datetime) -> None:
    """Let those that wait for a maintenance window look again when it opens."""
    connection.execute(
        update(renewals)
        .where(
            renewals.c.finished_at.is_(None),
            renewals.c.state == RenewalState.WAITING.value,
            renewals.c.steps[-1]["name"].astext == WINDOW,
        )
        .values(again_at=now, waits={})
    )


def latest_renewals(
    connection: Connection, limit: int, state: RenewalState | None = None
) -> tuple[Renewal, ...]:
    """The newest first, those in `state` alone if it is given."""
    wanted = select(renewals).order_by(renewals.c.id.desc()).limit(limit)
    if state is not None:
        wanted = wanted.where(renewals.c.state == state.value)
    return tuple(map(_renewal, connection.execute(wanted)))


def ended_renewals(
    connection: Connection,
    limit: int,
    start: datetime | None = None,
    end: datetime | None = None,
) -> tuple[Renewal, ...]:
    """Those that are over, the last first; with `start` and `end` those that ended in between."""
    chosen = select(renewals).where(renewals.c.finished_at.is_not(None))
    if start is not None:
        chosen = chosen.where(renewals.c.finished_at >= start)
    if end is not None:
        chosen = chosen.where(renewals.c.finished_at < end)
    latest_first = chosen.order_by(renewals.c.finished_at.desc(), renewals.c.id.desc()).limit(limit)
    return tuple(map(_renewal, connection.execute(latest_first)))


def is_worked_at(connection: Connection, identifier: int) -> bool:
    """Whether a process is at it at this moment; if not, none can be until this transaction ends.

    What such a process has in mind is written by it alone: how far an authority came must never
    be overwritten with what was read before.
    """
    held = connection.execute(
        text("select pg_try_advisory_xact_lock(hashtext(:name))"),
        {"name": lock_name_of(identifier)},
    )
    return not held.scalar_one()


def lock_name_of(identifier: int) -> str:
    """The name of the lock that whoever works at a renewal holds."""
    return f"renewal {identifier}"


def count_by_state(connection: Connection) -> dict[RenewalState, int]:
    """How many stand how; a state that none has is left out."""
    rows = connection.execute(select(renewals.c.state, func.count()).group_by(renewals.c.state))
    return {RenewalState(state): number for state, number in rows}


def failed_attempts(connection: Connection) -> int:
    """Attempts that failed, of all renewals that are not over."""
    total = select(func.coalesce(func.sum(renewals.c.attempts), 0))
    return int(connection.scalar(total.where(renewals.c.finished_at.is_(None))) or 0)


def keep_renewal(connection: Connection, renewal: Renewal) -> Renewal:
    """Write how `renewal` stands now; what was asked for stays as it is, and so does what is over.

    A machine that stood still goes on with what another node has brought to its end.
    """
    connection.execute(
        update(renewals)
        .where(renewals.c.id == renewal.id, renewals.c.finished_at.is_(None))
        .values(
            state=renewal.state.value,
            key_fingerprint=renewal.key_fingerprint,
            memory=renewal.memory,
            issued=renewal.issued,
            agreed=renewal.agreed,
            attempts=renewal.attempts,
            sentence=renewal.sentence,
            again_at=renewal.again_at,
            waits={node: until.isoformat() for node, until in renewal.waits.items()},
            steps=[asdict(step) for step in renewal.steps],
            finished_at=renewal.finished_at,
        )
    )
    return renewal


def with_step(renewal: Renewal, name: str, sentence: str, now: datetime, *, ok: bool) -> Renewal:
    """`renewal` with one more step; the same words twice in a row are one.

    What is waited for keeps the moment since when, a failure has that of its latest attempt.
    """
    step = Step(name, ok, sentence, now.isoformat())
    steps = renewal.steps
    if steps and (steps[-1].name, steps[-1].sentence) == (name, sentence):
        if ok:
            return renewal
        steps = steps[:-1]
    steps = (*steps, step)
    if len(steps) > _MOST_STEPS:
        steps = (*steps[:_FIRST_STEPS], *steps[_FIRST_STEPS + 1 :])
    return replace(renewal, steps=steps)


def _renewal(row: Row[Any]) -> Renewal:
    return Renewal(
        id=row.id,
        node=row.node,
        wanted=Wanted(
            certificate=row.certificate,
            names=tuple(parse_certificate_name(name) for name in row.names),
            authority=row.authority,
            key=RenewalKey(row.renewal_key),
            key_type=KeyType(row.key_type),
            lifetime=timedelta(seconds=row.lifetime_seconds),
            actor=row.actor,
            reason=row.reason,
            signing_request=row.signing_request,
            rehearsed_at=parse_endpoint_name(row.rehearsed_at) if row.rehearsed_at else None,
            profile=Profile(row.profile),
        ),
        state=RenewalState(row.state),
        key_fingerprint=row.key_fingerprint,
        memory=row.memory,
        issued=row.issued,
        agreed=row.agreed,
        attempts=row.attempts,
        sentence=row.sentence,
        again_at=row.again_at,
        waits={node: datetime.fromisoformat(until) for node, until in row.waits.items()},
        steps=tuple(Step(**step) for step in row.steps),
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
