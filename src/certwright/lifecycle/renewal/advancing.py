"""Taking a renewal as far as it can be taken now; the one boundary that no error passes.

Whatever goes wrong is kept with the renewal, in words, together with the time of the next attempt.
A renewal is never given up while an endpoint uses what it is to replace, unless a person says no.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from certwright.authorities.authority import IssuanceFailed
from certwright.errors import CertwrightError
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.nodes import named
from certwright.lifecycle.renewal.installing import install, what_is_served
from certwright.lifecycle.renewal.obsolescence import is_obsolete
from certwright.lifecycle.renewal.obtaining import abandon, lost_by, obtain, own_endpoints_using
from certwright.lifecycle.renewal.record import (
    WINDOW,
    Renewal,
    RenewalState,
    get_renewal,
    keep_renewal,
    lock_name_of,
    with_step,
)
from certwright.lifecycle.renewal.rehearsing import end_rehearsal, rehearse_issued
from certwright.lifecycle.renewal.retiring import retire
from certwright.lifecycle.renewal.timing import retry_delay
from certwright.lifecycle.renewal.turns import nodes_still_to_switch
from certwright.lifecycle.server import Server

log = structlog.get_logger()


@dataclass(frozen=True)
class Surroundings:
    """What renewals hang on beside the server: chance, from 0 to 1, and the clock on the wall."""

    chance: Callable[[], float]
    zone: tzinfo


def advance(server: Server, identifier: int, surroundings: Surroundings) -> Renewal:
    """Take the next steps of a renewal until it is over or has to wait; returns how it stands.

    One process at a time, and nobody waits for it: whoever comes meanwhile finds it as it stands.
    A killed one's steps are found as it left them.
    """
    with _turn(server, identifier) as is_ours:
        renewal = _look_again(server, identifier) if is_ours else _recorded(server, identifier)
        if not is_ours or not renewal.can_go_on(server.now(), server.node):
            return renewal
        try:
            return _advance(server, renewal, surroundings)
        except CertwrightError as error:
            return _put_off_or_end(server, identifier, error, surroundings.chance())
        except OperationalError:
            raise  # without its database nothing can be recorded; the job is tried again
        except Exception as error:
            log.exception("a renewal failed", renewal=identifier)
            return _put_off_or_end(server, identifier, _unforeseen(error), surroundings.chance())


def _advance(server: Server, renewal: Renewal, surroundings: Surroundings) -> Renewal:
    renewal = obtain(server, renewal)
    if renewal.issued is None or renewal.state.is_over:
        return renewal
    if renewal.wanted.rehearsed_at is not None:
        return rehearse_issued(server, renewal, renewal.wanted.rehearsed_at)
    if not renewal.agreed and (lost := _lost(server, renewal)):
        return _ask(server, renewal, lost)
    installed = install(server, renewal, surroundings.zone)
    if installed.failures:
        raise IssuanceFailed(
            " ".join(installed.failures), what_is_served(is_former=installed.is_former_served)
        )
    if installed.opens_at is not None:
        return _wait_for_window(server, renewal, installed.opens_at)
    with server.database.connect() as connection:
        others = nodes_still_to_switch(connection, renewal.id)
    return _wait_for_nodes(server, renewal, others) if others else _finish(server, renewal)


def _lost(server: Server, renewal: Renewal) -> tuple[str, ...]:
    with server.database.connect() as connection:
        if not own_endpoints_using(connection, renewal.wanted.certificate):
            return ()
        return lost_by(server, connection, renewal)


def _recorded(server: Server, identifier: int) -> Renewal:
    with server.database.connect() as connection:
        return get_renewal(connection, identifier)


def _look_again(server: Server, identifier: int) -> Renewal:
    """After the wait for the turn: a renewal whose certificate nothing uses is over."""
    with server.database.begin() as connection:
        renewal = get_renewal(connection, identifier)
        if not is_obsolete(connection, renewal):
            return renewal
        sentence = "Nothing uses the certificate any more."
        over = _over(connection, renewal, RenewalState.OBSOLETE, sentence, server.now())
    abandon(server, over)
    return over


def _ask(server: Server, renewal: Renewal, lost: tuple[str, ...]) -> Renewal:
    sentence = " ".join(lost)
    with server.database.begin() as connection:
        current = get_renewal(connection, renewal.id)
        current = with_step(current, "compare", sentence, server.now(), ok=False)
        record_event(
            connection,
            _event(server, current, "renewal-asks", f"waits for somebody's agreement. {sentence}"),
        )
        return keep_renewal(
            connection,
            replace(current, state=RenewalState.ASKING, sentence=sentence, again_at=None),
        )


def _wait_for_window(server: Server, renewal: Renewal, opens_at: datetime) -> Renewal:
    sentence = "The new certificate is ready; it is activated in the maintenance window."
    with server.database.begin() as connection:
        current = get_renewal(connection, renewal.id)
        current = with_step(current, WINDOW, sentence, server.now(), ok=True)
        return keep_renewal(
            connection,
            replace(
                current,
                state=RenewalState.WAITING,
                sentence=sentence,
                again_at=opens_at,
                waits={**current.waits, server.node: opens_at},
            ),
        )


def _wait_for_nodes(server: Server, renewal: Renewal, others: tuple[str, ...]) -> Renewal:
    sentence = f"The new certificate is ready; it is activated when {named(others)} can do it."
    with server.database.begin() as connection:
        current = get_renewal(connection, renewal.id)
        current = with_step(current, "nodes", sentence, server.now(), ok=True)
        others_wait = {one: at for one, at in current.waits.items() if one != server.node}
        return keep_renewal(
            connection,
            replace(
                current,
                state=RenewalState.WAITING,
                sentence=sentence,
                again_at=None,
                waits=others_wait,
            ),
        )


def _finish(server: Server, renewal: Renewal) -> Renewal:
    with server.database.begin() as connection:
        current = retire(server, connection, get_renewal(connection, renewal.id))
        record_event(connection, _event(server, current, "renewed", "is done", good=True))
        return _over(connection, current, RenewalState.DONE, "", server.now())


def _over(
    connection: Connection, renewal: Renewal, state: RenewalState, sentence: str, now: datetime
) -> Renewal:
    return keep_renewal(
        connection,
        replace(renewal, state=state, sentence=sentence, again_at=None, finished_at=now),
    )


def _put_off_or_end(
    server: Server, identifier: int, error: CertwrightError, chance: float
) -> Renewal:
    renewal = _put_off(server, identifier, error, chance)
    if renewal.state.is_over:
        abandon(server, renewal)
    return renewal


def _put_off(server: Server, identifier: int, error: CertwrightError, chance: float) -> Renewal:
    now = server.now()
    sentence = f"{error.message} {error.remedy}"
    with server.database.begin() as connection:
        renewal = get_renewal(connection, identifier)
        if renewal.state.is_over:  # another node brought it to its end
            return renewal
        attempts = renewal.attempts + 1
        again_at = now + retry_delay(attempts, renewal.wanted.lifetime, chance)
        if isinstance(error, IssuanceFailed):
            again_at = max(again_at, error.again_at or again_at)
            renewal = _anew(renewal) if error.starts_over else renewal
        # The same words every few minutes tell nobody anything.
        last = renewal.steps[-1].sentence if renewal.steps else ""
        is_news = sentence not in {renewal.sentence, last}
        renewal = with_step(renewal, "attempt", sentence, now, ok=False)
        if renewal.wanted.rehearsed_at is not None:
            return end_rehearsal(server, connection, renewal, sentence, ok=False)
        if isinstance(error, IssuanceFailed) and error.is_final:
            record_event(
                connection, _event(server, renewal, "renewal-refused", f"ends. {sentence}")
            )
            return _over(connection, renewal, RenewalState.DECLINED, sentence, now)
        if is_news:
            record_event(
                connection, _event(server, renewal, "renewal-failed", f"failed. {sentence}")
            )
        waits = {**renewal.waits, server.node: again_at}
        if renewal.issued is None and renewal.node != server.node:
            # What one that took over cannot do, the node that began it may do at once.
            return keep_renewal(connection, replace(renewal, attempts=attempts, waits=waits))
        return keep_renewal(
            connection,
            replace(
                renewal,
                state=RenewalState.WAITING,
                attempts=attempts,
                again_at=again_at,
                waits=waits if renewal.issued is not None else renewal.waits,
                sentence=sentence,
            ),
        )


def _anew(renewal: Renewal) -> Renewal:
    """Without what its authority began, and without what nobody may use."""
    if renewal.issued is None:
        return replace(renewal, memory={})
    return replace(renewal, memory={}, issued=None, key_fingerprint=None, agreed=False, waits={})


def _event(server: Server, renewal: Renewal, kind: str, what: str, *, good: bool = False) -> Event:
    names = renewal.wanted.names[0].display
    return Event(
        at=server.now(),
        actor=renewal.wanted.actor,
        kind=kind,
        subject=renewal.issued or renewal.wanted.certificate or names,
        message=f"Renewal {renewal.id} for {names} {what}",
        good=good,
    )


def _unforeseen(error: Exception) -> CertwrightError:
    # The kind alone: the text of an unknown error may hold a secret.
    return IssuanceFailed(
        f"Something went wrong that should not ({type(error).__name__}).",
        "It is tried again. If it stays so, report it with the node's log.",
    )


@contextmanager
def _turn(server: Server, identifier: int) -> Iterator[bool]:
    # Without waiting: a node that hangs would take the threads of another one, each with a renewal.
    name = {"name": lock_name_of(identifier)}
    with server.database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        is_ours = bool(
            connection.scalar(text("select pg_try_advisory_lock(hashtext(:name))"), name)
        )
        try:
            yield is_ours
        finally:
            if is_ours:
                connection.execute(text("select pg_advisory_unlock(hashtext(:name))"), name)
