"""Judging what somebody else signed: is it for this key and these names, and does its chain hold?

What is accepted here may still not be right for an endpoint; that is for the rules to say.
"""

from collections.abc import Sequence
from datetime import datetime

from certwright.authorities.authority import CertificateRequest, IssuedCertificate
from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.certificate import Certificate
from certwright.x509.chains import complete_chain, verify_chain
from certwright.x509.keys import key_fingerprint
from certwright.x509.profile import allows
from certwright.x509.refusals import CLIENT_AUTH
from certwright.x509.text import day, listed


class AnswerRefused(CertwrightError):  # noqa: N818 - a verdict, told in its own words
    """The certificates are not what was asked for."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(ErrorCode.INVALID_INPUT, message, remedy)


def accept_answer(
    certificates: Sequence[Certificate], request: CertificateRequest, now: datetime
) -> IssuedCertificate:
    """The certificate that `request` asked for, with those of `certificates` that stand above it.

    Raises `AnswerRefused` where it is for another key or another name, has expired, or comes with
    a chain that does not hold.
    """
    fingerprint = key_fingerprint(request.public_key)
    leaf = _leaf_for(certificates, fingerprint)
    _refuse_wrong(leaf, request, now)
    others = [one for one in certificates if one.key_fingerprint != fingerprint]
    path = complete_chain(leaf, others)
    if others:
        _refuse_broken(path, request, now)
    root = path[-1] if path[-1].is_self_signed else None
    return IssuedCertificate(leaf, path[1:-1] if root else path[1:], root)


def not_asked_for(certificates: Sequence[Certificate]) -> AnswerRefused:
    """The refusal of certificates none of which is for the key that was asked for."""
    servers = tuple(one.short_name for one in certificates if not one.is_authority)
    if servers:
        return AnswerRefused(
            f"The certificate of {listed(servers)} is for another private key than was asked for.",
            "Let the request be signed as it went out: a certificate made for another request, "
            "or an older one, does not fit.",
        )
    authorities = tuple(one.short_name for one in certificates)
    return AnswerRefused(
        f"There are certificates of authorities only ({listed(authorities)}), "
        "and none of the server.",
        "Bring the certificate that was made from the request; the authority's may come with it.",
    )


def _leaf_for(certificates: Sequence[Certificate], fingerprint: str) -> Certificate:
    own = [one for one in certificates if one.key_fingerprint == fingerprint]
    if not own:
        raise not_asked_for(certificates)
    return max(own, key=lambda one: one.not_after)


def _refuse_wrong(leaf: Certificate, request: CertificateRequest, now: datetime) -> None:
    missing = tuple(name.display for name in request.names if not leaf.covers(name))
    if missing:
        has = listed(leaf.names) if leaf.names else "no name at all"
        raise AnswerRefused(
            f"The certificate is for {has}, and not for {listed(missing)}.",
            "Let it be issued with every name of the request as Subject Alternative Name.",
        )
    if request.profile.is_for_clients and not allows(leaf, CLIENT_AUTH):
        raise AnswerRefused(
            f"The certificate of {leaf.short_name} is not for clients, as was asked for.",
            "Let it be issued with the extended key usage Client Authentication "
            "(1.3.6.1.5.5.7.3.2). Many public authorities issue for servers only.",
        )
    if leaf.not_after <= now:
        raise AnswerRefused(
            f"The certificate of {leaf.short_name} ran out on {day(leaf.not_after)}.",
            "Bring the one that was made from the request; if this is it, see that the clocks "
            "here and at the authority are right.",
        )


def _refuse_broken(
    path: tuple[Certificate, ...], request: CertificateRequest, now: datetime
) -> None:
    leaf, top = path[0], path[-1]
    if len(path) == 1 and not leaf.is_self_signed:
        raise AnswerRefused(
            f"None of the certificates that came with that of {leaf.short_name} issued it: "
            f"that was {leaf.issuer_name}.",
            "Bring it with the chain of the authority that signed it, or without any.",
        )
    at = max(now, leaf.not_before)  # one that is good from tomorrow on is for the rules to tell
    # A wildcard is no server's name; that the leaf has it was seen before.
    servers = [name for name in request.names if not name.value.startswith("*.")]
    name = servers[0] if servers else None
    verdict = verify_chain(leaf, path[1:-1], [top], name, at, usages=request.profile.usages)
    if not verdict.ok:
        raise AnswerRefused(
            f"The chain of the certificate does not hold: {verdict.reason}",
            verdict.refusals[0].remedy,
        )
