"""A first certificate: goes the way of a renewal that replaces nothing."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, text

from certwright.access.rights import Caller, Right, require
from certwright.authorities.records import INTERNAL
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.first_start import LEAF_LIFETIME
from certwright.lifecycle.renewal.deciding import go_on
from certwright.lifecycle.renewal.record import (
    Renewal,
    Wanted,
    begin_renewal,
    get_renewal,
    unfinished_renewals,
)
from certwright.lifecycle.server import Server
from certwright.services.endpoints import RenewalKey
from certwright.x509.keys import KeyType, key_type_like
from certwright.x509.names import ServerName, parse_certificate_name
from certwright.x509.profile import Profile
from certwright.x509.signing_requests import read_signing_request
from certwright.x509.text import listed

_SHORTEST = timedelta(minutes=1)
_LONGEST = timedelta(days=3650)
_MOST_NAMES = 100
"""As many as public authorities take."""


@dataclass(frozen=True)
class Ordered:
    """What somebody asks for, in texts as they came; the first name becomes the Common Name.

    `common_name` is put before the others. With a `signing_request` (PKCS#10, PEM or DER) the
    private key is elsewhere, and names are those of the request.
    """

    names: tuple[str, ...] = ()
    authority: str = INTERNAL
    key_type: KeyType = KeyType.EC_P256
    common_name: str | None = None
    lifetime: timedelta = LEAF_LIFETIME
    signing_request: bytes | None = None
    profile: Profile = Profile.SERVER


def request_certificate(server: Server, ordered: Ordered, *, caller: Caller) -> Renewal:
    """Begin to get a certificate; the same order again is the one that is at work.

    Raises NOT_PERMITTED, NOT_FOUND for an authority that there is none of, or INVALID_INPUT.
    """
    require(caller, Right.CREATE, "request a certificate")
    wanted = _wanted(ordered, caller)
    with server.database.begin() as connection:
        server.authorities.records.get(connection, wanted.authority)
        connection.execute(text("select pg_advisory_xact_lock(hashtext('certificate requests'))"))
        at_work = _at_work(connection, wanted)
        if at_work is not None:
            return go_on(server, connection, at_work, caller)
        identifier = begin_renewal(connection, wanted, server.now())
        assert identifier is not None  # noqa: S101 - only those that replace one exclude each other
        names = listed(tuple(name.display for name in wanted.names))
        record_event(
            connection,
            Event(
                at=server.now(),
                actor=caller.name,
                kind="certificate-requested",
                subject=wanted.names[0].display,
                message=f"Certificate for {names} requested from {wanted.authority} "
                f"(renewal {identifier})",
                good=True,
            ),
        )
        return get_renewal(connection, identifier)


def _at_work(connection: Connection, wanted: Wanted) -> Renewal | None:
    for one in unfinished_renewals(connection):
        other = one.wanted
        if other.certificate is None and (
            (other.names, other.authority, other.key_type, other.lifetime, other.signing_request,
                other.profile)
            == (wanted.names, wanted.authority, wanted.key_type, wanted.lifetime,
                wanted.signing_request, wanted.profile)
        ):  # fmt: skip
            return one
    return None


def _wanted(ordered: Ordered, caller: Caller) -> Wanted:
    names = _names(ordered)
    key_type, signing_request = ordered.key_type, None
    if ordered.signing_request is not None:
        request = read_signing_request(ordered.signing_request)
        _refuse_other_names(names, request.names)
        names, signing_request = request.names, request.der
        key_type = key_type_like(request.public_key)
    if not names or len(names) > _MOST_NAMES:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"A certificate is for 1 to {_MOST_NAMES} names, and not for {len(names)}.",
            "Give the DNS names that clients use, such as todd.corp.example.",
        )
    if not _SHORTEST <= ordered.lifetime <= _LONGEST:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            "A certificate is good for a minute at least, and for 3650 days at most.",
            f"Leave it out for {LEAF_LIFETIME.days} days.",
        )
    return Wanted(
        certificate=None,
        names=names,
        authority=ordered.authority,
        key=RenewalKey.NEW,
        key_type=key_type,
        lifetime=ordered.lifetime,
        actor=caller.name,
        reason="It was asked for.",
        signing_request=signing_request,
        profile=ordered.profile,
    )


def _names(ordered: Ordered) -> tuple[ServerName, ...]:
    first = () if ordered.common_name is None else (ordered.common_name,)
    return tuple(dict.fromkeys(map(parse_certificate_name, (*first, *ordered.names))))


def _refuse_other_names(named: tuple[ServerName, ...], asked: tuple[ServerName, ...]) -> None:
    if named and set(named) != set(asked):
        shown = listed(tuple(name.display for name in asked))
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"The signing request is for other names: {shown}.",
            "Name none, or make a signing request for these names.",
        )
