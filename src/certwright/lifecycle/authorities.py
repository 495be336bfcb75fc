"""Taking authorities on, changing and removing them, and answering for those who sign by hand."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from certwright.access.rights import Caller, Right, require
from certwright.authorities.acme.account_keeping import find_pause, forget_account
from certwright.authorities.acme.directories import Directory, directory_url
from certwright.authorities.acme.pause import Pause
from certwright.authorities.authority import LooksFirst
from certwright.authorities.by_hand import answer_requests
from certwright.authorities.by_hand_requests import (
    ByHandRequest,
    forget_answered,
    get_request,
    record_refusal,
)
from certwright.authorities.records import INTERNAL, AuthorityKind, AuthorityRecord
from certwright.database.engine import reading
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.renewal.answering import refuse_unfit
from certwright.lifecycle.renewal.record import unfinished_renewals
from certwright.lifecycle.server import Server
from certwright.x509.reading import read_bundle
from certwright.x509.text import listed, printable

_LONGEST_REASON = 300


@dataclass(frozen=True)
class TakenOn:
    """An authority that may issue from now on, and what was found when it was looked at."""

    record: AuthorityRecord
    found: str


def pause_of(server: Server, record: AuthorityRecord) -> Pause | None:
    """For how long an authority is left alone, since it asked for that; None if it is not."""
    directory = record.settings.get("directory")
    if directory is None:
        return None
    with reading(server.database) as connection:
        return find_pause(connection, record.name, directory_url(directory), server.now())


def look_at_directory(directory: str, ca_pem: str, *, caller: Caller) -> Directory:
    """What an ACME directory demands of whoever is about to use it.

    Raises NOT_PERMITTED, INVALID_INPUT for what is no directory's name or https URL or no root,
    or what the look brought up.
    """
    require(caller, Right.ADMIN, "create an authority")
    # What speaks ACME takes a tenth of a second to import, and most nodes never need it.
    from certwright.authorities.acme.authority import describe_directory

    try:
        return describe_directory(directory, ca_pem)
    except (ssl.SSLError, ValueError):
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            "The root to trust for the directory is no certificate in PEM.",
            "Paste the root of the authority, with its first and last line.",
        ) from None


def create_authority(server: Server, record: AuthorityRecord, *, caller: Caller) -> TakenOn:
    """Take on another authority, after a look at it where its kind has something to look at.

    Raises NOT_PERMITTED (also for a command that this node may not run), INVALID_INPUT, or what
    the look brought up; nothing is kept then.
    """
    require(caller, Right.ADMIN, "create an authority")
    _refuse_internal(record.kind)
    found = _look(server, record)
    with server.database.begin() as connection:
        server.authorities.records.add(connection, record, server.now())
        message = f"Authority {record.name} created, of the kind {record.kind}. {found}".strip()
        _record(connection, server, caller, "authority-created", record.name, message)
    return TakenOn(record, found)


def change_authority(
    server: Server,
    name: str,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
    *,
    caller: Caller,
) -> TakenOn:
    """Give an authority other settings and secrets, in place of all it had.

    Raises NOT_FOUND, and as `create_authority`.
    """
    require(caller, Right.ADMIN, "change an authority")
    with server.database.connect() as connection:
        kind = server.authorities.records.get(connection, name).kind
    _refuse_internal(kind)
    record = AuthorityRecord(name, kind, settings, secrets)
    found = _look(server, record)
    with server.database.begin() as connection:
        server.authorities.records.change(connection, record)
        message = f"Authority {name} has other settings now. {found}".strip()
        _record(connection, server, caller, "authority-changed", name, message)
    return TakenOn(record, found)


def remove_authority(server: Server, name: str, *, caller: Caller) -> None:
    """Let an authority issue no more; raises NOT_PERMITTED, NOT_FOUND or CERTIFICATE_IN_USE."""
    require(caller, Right.ADMIN, "remove an authority")
    with server.database.begin() as connection:
        record = server.authorities.records.get(connection, name)
        _refuse_internal(record.kind)
        _refuse_at_work(connection, name)
        forget_answered(connection, name)
        forget_account(connection, server.vault, name)
        server.authorities.records.remove(connection, name)
        _record(connection, server, caller, "authority-removed", name, f"Authority {name} removed")


def answer_request(
    server: Server, authority: str, content: bytes, password: str | None, *, caller: Caller
) -> tuple[ByHandRequest, ...]:
    """Hand in what the people of `authority` signed: a file of any format that an import reads.

    Returns the requests that are answered by it. Raises NOT_PERMITTED, NOT_FOUND,
    WRONG_PASSWORD, UNREADABLE_CERTIFICATE, INVALID_INPUT where it is not what was asked for, or
    CHANGED_MEANWHILE where it was answered already.
    """
    require(caller, Right.CREATE, "answer a request")
    bundle = read_bundle(content, password)
    with server.database.begin() as connection:
        server.authorities.records.get(connection, authority)
        answered = answer_requests(connection, authority, bundle.certificates, server.now())
        for one in answered:
            refuse_unfit(server, connection, one, bundle.certificates)
        requests = listed(tuple(one.title for one in answered))
        message = f"Answer of {authority} handed in to the request {requests}"
        _record(connection, server, caller, "request-answered", authority, message)
    return answered


def refuse_request(
    server: Server, identifier: str, because: str, *, caller: Caller
) -> ByHandRequest:
    """Put on record that nobody will sign a request.

    Raises NOT_PERMITTED, NOT_FOUND, INVALID_INPUT without a reason, or CHANGED_MEANWHILE if it is
    answered already.
    """
    require(caller, Right.CREATE, "refuse a request")
    reason = printable(because.strip(), _LONGEST_REASON)
    if not reason:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            "A refusal without a reason helps nobody.",
            "Say why the request is not signed.",
        )
    with server.database.begin() as connection:
        refused = get_request(connection, identifier)
        record_refusal(connection, identifier, reason, server.now())
        record_event(
            connection,
            Event(
                at=server.now(),
                actor=caller.name,
                kind="request-refused",
                subject=refused.authority,
                message=f"Request {refused.title} refused: {reason}",
                good=False,
            ),
        )
    return refused


def _look(server: Server, record: AuthorityRecord) -> str:
    authority = server.authorities.make(record)
    return authority.look(server.now()) if isinstance(authority, LooksFirst) else ""


def _refuse_internal(kind: AuthorityKind) -> None:
    if kind is AuthorityKind.INTERNAL:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"The node's own authority, {INTERNAL}, is there once and for all.",
            "Add one of another kind beside it.",
        )


def _refuse_at_work(connection: Connection, name: str) -> None:
    for renewal in unfinished_renewals(connection):
        if renewal.wanted.authority == name:
            raise CertwrightError(
                ErrorCode.CERTIFICATE_IN_USE,
                f"The authority {name} is not removed: renewal {renewal.id} is at work with it.",
                "Let the renewal come to its end first.",
            )


def _record(
    connection: Connection, server: Server, caller: Caller, kind: str, subject: str, message: str
) -> None:
    record_event(connection, Event(server.now(), caller.name, kind, subject, message, good=True))
