"""Tonight's renewal at noon: the whole way against a staging authority, undone at its end.

It shows what no look at a record can: whether the authority answers, the program takes a new
certificate on, and a handshake shows it. For as long as its proof takes, clients are served with
what the staging authority issued.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from certwright.access.rights import Caller, Right, require
from certwright.authorities.acme.directories import DIRECTORIES
from certwright.authorities.records import AuthorityKind, AuthorityRecord
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.activation import begin_rehearsal, run_activation
from certwright.lifecycle.activation_record import ActivationState
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.renewal.beginning import begin_for
from certwright.lifecycle.renewal.comparison import OF_THE_ISSUER, Difference
from certwright.lifecycle.renewal.due import names_of, plan_for
from certwright.lifecycle.renewal.installing import unfinished_activation, what_is_served
from certwright.lifecycle.renewal.obtaining import losses_by
from certwright.lifecycle.renewal.record import (
    WOULD_ASK,
    Renewal,
    RenewalState,
    get_renewal,
    keep_renewal,
    with_step,
)
from certwright.lifecycle.server import Server
from certwright.services.endpoints import EndpointName, get_endpoint
from certwright.stores.database import find_certificate, places_of, set_entry_archived
from certwright.stores.place import PERSONAL

_STAGING = {"letsencrypt": "letsencrypt-staging", "google": "google-staging"}


def begin_rehearsing(
    server: Server, endpoint: EndpointName, caller: Caller, authority: str | None = None
) -> int:
    """Begin the rehearsal of the renewal of what `endpoint` serves; returns its number.

    `authority` is who issues for it, None for the staging one of whoever would issue.
    Raises NOT_FOUND where nothing is active or no staging authority is known, INVALID_INPUT where
    what is active has no name to ask for, BUSY while a renewal of the same certificate is at work.
    """
    require(caller, Right.CREATE, "rehearse a renewal")
    with server.database.begin() as connection:
        current = get_endpoint(connection, endpoint)
        if current.active is None or current.active.certificate is None:
            raise CertwrightError(
                ErrorCode.NOT_FOUND,
                f"Nothing is served by {endpoint.in_words} whose renewal could be rehearsed.",
                f"Select and activate one first: certwright select {endpoint} ID",
            )
        stored = find_certificate(connection, current.active.certificate)
        if not names_of(stored.certificate):
            raise CertwrightError(
                ErrorCode.INVALID_INPUT,
                f"What {endpoint.in_words} serves has no name that an authority could be asked "
                "for.",
                "Get one for its names and select it there: certwright request NAME",
            )
        plan = plan_for(server, connection, stored, None)
        staging = (
            _staging_of(server, connection, plan.authority)
            if authority is None
            else _chosen(server, connection, authority)
        )
        number = begin_for(
            server,
            connection,
            replace(plan, authority=staging),
            caller.name,
            f"A rehearsal at {endpoint.in_words}.",
            rehearsed_at=endpoint,
        )
    if number is None:
        raise CertwrightError(
            ErrorCode.BUSY,
            f"A renewal of what {endpoint.in_words} serves is at work already.",
            "Look how it stands: certwright renewals list",
        )
    return number


def rehearse_issued(server: Server, renewal: Renewal, endpoint: EndpointName) -> Renewal:
    """Serve what was issued for as long as its proof takes; the end of the rehearsal."""
    assert renewal.issued is not None  # noqa: S101 - the way here leads by its issuance
    identifier = unfinished_activation(server, endpoint, renewal)
    if identifier is None:
        caller = Caller(renewal.wanted.actor, Right.ADMIN)
        identifier = begin_rehearsal(server, endpoint, renewal.issued, caller, renewal.id)
    activation = run_activation(server, identifier)
    ok = activation.state is ActivationState.REHEARSED
    is_former_served = activation.state is not ActivationState.FAILED
    sentence = (
        f"The renewal would succeed: {endpoint.in_words} served it and was proven."
        if ok
        else f"The renewal would fail at {endpoint.in_words}. {activation.failure} "
        + what_is_served(is_former=is_former_served)
    )
    with server.database.begin() as connection:
        current = get_renewal(connection, renewal.id)
        lost = losses_by(server, connection, current)
        if lost:
            words = " ".join(one.sentence for one in lost)
            current = with_step(current, "compare", words, server.now(), ok=False)
        if PERSONAL in places_of(connection, renewal.issued):
            set_entry_archived(connection, renewal.issued, PERSONAL, archived=True)
        asked = _would_be_asked(server, connection, current, lost) if ok else ""
        if asked:
            sentence = f"The renewal would wait for your agreement. {asked}"
            current = with_step(current, WOULD_ASK, sentence, server.now(), ok=False)
            return end_rehearsal(server, connection, current, sentence, ok=False)
        current = with_step(current, "rehearse", sentence, server.now(), ok=ok)
        return end_rehearsal(server, connection, current, sentence, ok=ok)


def _would_be_asked(
    server: Server, connection: Connection, renewal: Renewal, lost: Sequence[Difference]
) -> str:
    """What somebody would have to agree to, "" for nothing."""
    assert renewal.wanted.certificate is not None  # noqa: S101 - what is rehearsed is served
    stored = find_certificate(connection, renewal.wanted.certificate)
    is_staging = plan_for(server, connection, stored, None).authority != renewal.wanted.authority
    # That the root is another one is the nature of a staging authority.
    real = (one for one in lost if not (is_staging and one.code in OF_THE_ISSUER))
    return " ".join(one.sentence for one in real)


def end_rehearsal(
    server: Server, connection: Connection, renewal: Renewal, sentence: str, *, ok: bool
) -> Renewal:
    """Record how it went; it is not tried again by itself."""
    state = RenewalState.DONE if ok else RenewalState.FAILED
    subject = str(renewal.wanted.rehearsed_at)
    record_event(
        connection,
        Event(server.now(), renewal.wanted.actor, "rehearsed", subject, sentence, good=ok),
    )
    return keep_renewal(
        connection,
        replace(renewal, state=state, sentence=sentence, again_at=None, finished_at=server.now()),
    )


def _chosen(server: Server, connection: Connection, name: str) -> str:
    record = server.authorities.records.get(connection, name)
    if record.kind is AuthorityKind.BY_HAND:
        raise _no_staging(f"{name} is people, who are not asked for a rehearsal")
    return name


def _staging_of(server: Server, connection: Connection, name: str | None) -> str:
    if name is None:
        raise _no_staging("nobody is known who would issue it")
    record = server.authorities.records.get(connection, name)
    if record.kind in {AuthorityKind.INTERNAL, AuthorityKind.SELF_SIGNED, AuthorityKind.COMMAND}:
        return name
    if record.kind is AuthorityKind.ACME:
        return _staging_directory_of(server, connection, record)
    raise _no_staging(f"{name} is people, who are not asked for a rehearsal")


def _staging_directory_of(server: Server, connection: Connection, record: AuthorityRecord) -> str:
    names = {url: name for name, url in DIRECTORIES.items()}
    directory = str(record.settings.get("directory", ""))
    known_as = names.get(directory, directory)
    wanted = _STAGING.get(known_as, known_as if known_as.endswith("-staging") else None)
    if wanted is None:
        raise _no_staging(f"the directory of {record.name} has none that is known here")
    for other in server.authorities.records.list(connection):
        named = str(other.settings.get("directory", ""))
        if names.get(named, named) == wanted:
            return other.name
    raise _no_staging(
        f"{wanted} is not among the authorities",
        f"Take it on: certwright authorities create {wanted} --kind acme --directory {wanted}",
    )


def _no_staging(
    why: str, remedy: str = "Name an authority for it: certwright rehearse ENDPOINT --authority A"
) -> CertwrightError:
    return CertwrightError(
        ErrorCode.NOT_FOUND, f"There is no staging authority for the rehearsal: {why}.", remedy
    )
