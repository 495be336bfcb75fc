"""The first half of the way: a key, a request, the authority's answer, and the look at it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from certwright.authorities.authority import (
    Abandonable,
    CertificateRequest,
    IssuanceFailed,
    Memory,
    Pending,
    Progress,
    request_for,
)
from certwright.errors import CertwrightError
from certwright.lifecycle.judging import judge, purpose_of
from certwright.lifecycle.renewal.by_hand import tell_of_request
from certwright.lifecycle.renewal.comparison import (
    ENDS_EARLIER,
    Difference,
    compare,
    losses,
)
from certwright.lifecycle.renewal.record import (
    Renewal,
    RenewalState,
    Wanted,
    get_renewal,
    keep_renewal,
    with_step,
)
from certwright.lifecycle.renewal.timing import lifetime_of, renewal_moment
from certwright.lifecycle.server import Server
from certwright.lifecycle.trust import possible_issuers
from certwright.rules.catalogue import RULES
from certwright.rules.family import Family
from certwright.rules.finding import Severity
from certwright.services.endpoints import Endpoint, RenewalKey, endpoints_using
from certwright.stores.database import count_with_key, find_certificate, get_certificate
from certwright.x509.certificate import Certificate
from certwright.x509.chains import complete_chain
from certwright.x509.keys import generate_private_key, key_fingerprint
from certwright.x509.signing_requests import read_signing_request
from certwright.x509.text import day, rfc3339

_ABOUT = 0.9
_LONGEST_REHEARSAL = timedelta(hours=1)
_OF_THE_AUTHORITY = frozenset(
    rule.code for rule in RULES if rule.family in {Family.CHAIN, Family.ENVIRONMENT}
)
"""What is wrong with everything that a staging authority issues, and is no news in a rehearsal."""


def obtain(server: Server, renewal: Renewal) -> Renewal:
    """Go on until the certificate is there and found right; returns how far it came.

    `issued` is still None where the authority has not answered yet. Raises `IssuanceFailed` or
    another `CertwrightError` with the words of whoever refused.
    """
    if renewal.issued is not None:
        renewal = _anew_if_old(server, renewal, renewal.issued)
    if renewal.issued is not None:
        return renewal
    renewal = _with_key(server, renewal)
    request = _request(server, renewal)
    authority = server.authorities.get(renewal.wanted.authority)
    progress = Progress(renewal.memory, lambda memory: _remember(server, renewal, memory))
    try:
        answer = authority.issue(request, progress, server.now())
    except IssuanceFailed as failed:
        raise failed.told_of(renewal.wanted.authority) from failed
    with server.database.begin() as connection:
        renewal = get_renewal(connection, renewal.id)
        if renewal.issued is not None or renewal.state.is_over:
            return renewal  # a machine that stood still meanwhile: another node went on with it
        if isinstance(answer, Pending):
            return _waiting(server, connection, renewal, answer)
        leaf = answer.leaf
        renewal = with_step(
            renewal,
            "issue",
            f"{renewal.wanted.authority} issued {leaf.name_on_record}, good until "
            f"{day(leaf.not_after)}.{_other_lifetime(renewal.wanted, leaf)}",
            server.now(),
            ok=True,
        )
        renewal = _checked(server, connection, renewal, leaf)
        return keep_renewal(connection, replace(renewal, issued=leaf.fingerprint, sentence=""))


def abandon(server: Server, renewal: Renewal) -> None:
    """Leave nothing of a renewal that ended without a certificate.

    What its authority has standing is taken away, and its private key forgotten: keys that belong
    to nothing piled up elsewhere (smallstep/crypto pull 1030).
    """
    if renewal.issued is not None:
        return
    _abandon_request(server, renewal)
    fingerprint = renewal.key_fingerprint
    if fingerprint is None or renewal.wanted.key is not RenewalKey.NEW:
        return
    with server.database.begin() as connection:
        if count_with_key(connection, fingerprint) == 0:
            server.vault.delete(connection, fingerprint)


def _abandon_request(server: Server, renewal: Renewal) -> None:
    if not renewal.memory:
        return
    try:
        authority = server.authorities.get(renewal.wanted.authority)
    except CertwrightError:  # it was removed, with all it had
        return
    if isinstance(authority, Abandonable):
        authority.abandon(renewal.memory)


def own_endpoints_using(connection: Connection, *certificates: str | None) -> tuple[Endpoint, ...]:
    """The endpoints of this node that have one of these certificates saved or active."""
    return tuple(one for one in endpoints_using(connection, *certificates) if one.node is None)


def _chain_known(
    server: Server, connection: Connection, leaf: Certificate
) -> tuple[Certificate, ...]:
    """`leaf` and what stands above it, up to a root that the stores or everybody's lists have.

    No public authority sends its root, and some take another intermediate each time.
    """
    trust = server.trust
    pool = possible_issuers(connection, (leaf,)) + trust.machine_roots() + trust.public_roots()
    return complete_chain(leaf, pool)


def _other_lifetime(wanted: Wanted, leaf: Certificate) -> str:
    """What to say of a lifetime that is not what was asked for; "" if it is about that.

    Few ACME authorities take a notAfter in an order (RFC 8555 7.4), so none is asked for one.
    """
    given = lifetime_of(leaf)
    if _ABOUT * wanted.lifetime <= given <= wanted.lifetime / _ABOUT:
        return ""
    return (
        f" Its lifetime is {_in_words(given)} and not {_in_words(wanted.lifetime)}: the authority "
        "decides on that."
    )


def _in_words(lifetime: timedelta) -> str:
    count, unit = round(lifetime / timedelta(days=1)), "day"
    if lifetime < timedelta(days=1):
        count, unit = round(lifetime / timedelta(minutes=1)), "minute"
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _anew_if_old(server: Server, renewal: Renewal, issued: str) -> Renewal:
    """A certificate that could not be activated for so long that it is due itself is of no use."""
    with server.database.begin() as connection:
        certificate = get_certificate(connection, issued)
        if server.now() < renewal_moment(certificate).at:
            return renewal
        sentence = f"{certificate.name_on_record} is due itself by now; another one is requested."
        renewal = with_step(renewal, "request", sentence, server.now(), ok=True)
        return keep_renewal(
            connection, replace(renewal, issued=None, memory={}, key_fingerprint=None, agreed=False)
        )


def _with_key(server: Server, renewal: Renewal) -> Renewal:
    if renewal.key_fingerprint is not None:
        return renewal
    wanted = renewal.wanted
    with server.database.begin() as connection:
        if wanted.signing_request is not None:
            fingerprint = key_fingerprint(read_signing_request(wanted.signing_request).public_key)
            sentence = "The private key lies elsewhere; its request was brought."
        elif wanted.key is RenewalKey.SAME and wanted.certificate is not None:
            former = get_certificate(connection, wanted.certificate)
            server.vault.get(connection, former.key_fingerprint)  # raises where it is elsewhere
            fingerprint, sentence = former.key_fingerprint, "The private key stays the same."
        else:
            key = generate_private_key(wanted.key_type)
            fingerprint = server.vault.add(connection, key, server.now())
            sentence = f"A new private key was made ({wanted.key_type})."
        renewal = with_step(renewal, "key", sentence, server.now(), ok=True)
        return keep_renewal(connection, replace(renewal, key_fingerprint=fingerprint))


def _request(server: Server, renewal: Renewal) -> CertificateRequest:
    wanted = renewal.wanted
    if wanted.signing_request is not None:
        return CertificateRequest(
            *(wanted.names, wanted.signing_request, wanted.lifetime, wanted.actor),
            profile=wanted.profile,
        )
    assert renewal.key_fingerprint is not None  # noqa: S101 - made a moment ago
    with server.database.connect() as connection:
        key = server.vault.get(connection, renewal.key_fingerprint)
        replaced = get_certificate(connection, wanted.certificate) if wanted.certificate else None
    return request_for(
        *(key, wanted.names, wanted.lifetime, wanted.actor, replaced), profile=wanted.profile
    )


def _remember(server: Server, renewal: Renewal, memory: Memory) -> None:
    with server.database.begin() as connection:
        keep_renewal(connection, replace(get_renewal(connection, renewal.id), memory=dict(memory)))


def _waiting(server: Server, connection: Connection, renewal: Renewal, answer: Pending) -> Renewal:
    latest = renewal.started_at + _LONGEST_REHEARSAL
    if renewal.wanted.rehearsed_at is not None and (answer.again_at or latest) >= latest:
        raise IssuanceFailed(
            answer.sentence,
            "A rehearsal does not wait so long, since nothing is renewed in earnest meanwhile.",
        )
    # The sentence names the request, which is looked at again every few seconds.
    is_news = all(step.sentence != answer.sentence for step in renewal.steps)
    if answer.again_at is None and is_news:
        tell_of_request(server, connection, renewal)
    renewal = with_step(renewal, "issue", answer.sentence, server.now(), ok=True)
    return keep_renewal(
        connection,
        replace(
            renewal,
            state=RenewalState.WAITING,
            sentence=answer.sentence,
            again_at=answer.again_at,
        ),
    )


def _checked(
    server: Server, connection: Connection, renewal: Renewal, leaf: Certificate
) -> Renewal:
    """Raise `IssuanceFailed` for a certificate that is worse than the one it replaces."""
    endpoints = own_endpoints_using(connection, renewal.wanted.certificate)
    if endpoints and leaf.not_before > server.now():
        raise _not_good_yet(server, renewal, leaf)
    wrong = new_errors(server, connection, renewal, leaf, endpoints)
    if wrong:
        raise IssuanceFailed(
            f"{renewal.wanted.authority} issued a certificate that is not right: {' '.join(wrong)}",
            "The former one is still served. Settle it with whoever runs the authority.",
            starts_over=True,
        )
    if endpoints:
        sentence = "The certificate is right."
    elif endpoints_using(connection, renewal.wanted.certificate):
        sentence = "The certificate is what was asked for; the node that serves it judges it."
    else:
        sentence = "The certificate is what was asked for; no endpoint uses it yet."
    return with_step(renewal, "check", sentence, server.now(), ok=True)


def _not_good_yet(server: Server, renewal: Renewal, leaf: Certificate) -> IssuanceFailed:
    """The same one is taken on later: each that is ordered meanwhile would be alike."""
    begins, now = rfc3339(leaf.not_before), rfc3339(server.now())
    return IssuanceFailed(
        f"{renewal.wanted.authority} issued a certificate that is good only from {begins} on, and "
        f"here it is {now}.",
        "It is taken on then; the former one is still served. If the clock of this machine is "
        "behind, set it right.",
        again_at=leaf.not_before,
    )


def new_errors(
    server: Server,
    connection: Connection,
    renewal: Renewal,
    leaf: Certificate,
    endpoints: Sequence[Endpoint],
) -> tuple[str, ...]:
    """What is wrong with a new certificate at these endpoints that was not with the former."""
    sentences: dict[str, None] = {}
    wanted_rehearsal = renewal.wanted.rehearsed_at is not None
    for endpoint in endpoints:
        purpose = purpose_of(server, connection, endpoint)
        new = judge(server, connection, find_certificate(connection, leaf.fingerprint), purpose)
        # What somebody confirmed for the former one need not be confirmed at each renewal.
        accepted: set[str] = set()
        if renewal.wanted.certificate is not None:
            former = find_certificate(connection, renewal.wanted.certificate)
            accepted = {one.code for one in judge(server, connection, former, purpose)}
        for finding in new:
            if wanted_rehearsal and finding.code in _OF_THE_AUTHORITY:
                continue
            if finding.severity is Severity.ERROR and finding.code not in accepted:
                sentences[finding.message] = None
    return tuple(sentences)


def lost_by(server: Server, connection: Connection, renewal: Renewal) -> tuple[str, ...]:
    """What the new certificate can no longer do that the former could, a sentence each."""
    return tuple(one.sentence for one in losses_by(server, connection, renewal))


def losses_by(server: Server, connection: Connection, renewal: Renewal) -> tuple[Difference, ...]:
    """The same, as the comparison has it."""
    if renewal.wanted.certificate is None or renewal.issued is None:
        return ()
    old, new = (
        _chain_known(server, connection, get_certificate(connection, one))
        for one in (renewal.wanted.certificate, renewal.issued)
    )
    as_wanted = lifetime_of(new[0]) >= _ABOUT * renewal.wanted.lifetime
    return tuple(
        one
        for one in losses(compare(old, new))
        # Somebody set a shorter lifetime: what was asked for is no loss.
        if not (one.code == ENDS_EARLIER and as_wanted)
    )
