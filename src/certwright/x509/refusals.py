"""Why a chain was refused, as a sentence that names the link at fault.

The library that judges says only that no path was found. Here the path that the certificates at
hand make is looked at link by link for the reason; nothing is accepted by this module.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from certwright.x509.certificate import Certificate
from certwright.x509.names import ServerName
from certwright.x509.text import day, listed

SERVER_AUTH = "1.3.6.1.5.5.7.3.1"
ANY_USAGE = "2.5.29.37.0"
_SHORTEST_RSA_KEY = 2048


def why_refused(
    path: tuple[Certificate, ...],
    roots: Sequence[Certificate],
    name: ServerName | None,
    at: datetime,
    *,
    for_any_purpose: bool,
) -> str | None:
    """The first reason to refuse `path` (leaf first, not empty), or None where none is seen."""
    leaf, *above = path
    if name is not None and not leaf.covers(name):
        return f"Its names lack {name.display}; it is for {listed(leaf.names) or 'none at all'}."
    purposeful = above if for_any_purpose else path
    reasons = chain(
        *(_outside_its_dates(certificate, at) for certificate in path),
        _no_trusted_end(path, roots),
        *(_may_not_issue(issuer, position) for position, issuer in enumerate(above)),
        *(_other_purpose(certificate) for certificate in purposeful),
        *(_short_key(issuer) for issuer in above),
        *(_weak(certificate, certificate in roots) for certificate in path),
    )
    return next(reasons, None)


def _outside_its_dates(certificate: Certificate, at: datetime) -> Iterator[str]:
    if certificate.not_after < at:
        yield f"{certificate.short_name} expired on {day(certificate.not_after)}."
    if at < certificate.not_before:
        yield f"{certificate.short_name} is good only from {day(certificate.not_before)} on."


def _no_trusted_end(path: tuple[Certificate, ...], roots: Sequence[Certificate]) -> Iterator[str]:
    last = path[-1]
    if any(certificate in roots for certificate in path):
        return
    if not last.is_self_issued:
        yield f"The certificate of {last.issuer_name}, which issued {last.short_name}, is missing."
    elif len(path) == 1:
        yield f"{last.short_name} is self-signed, and not itself trusted."
    else:
        yield f"The chain ends in {last.short_name}, which is not a trusted root."


def _may_not_issue(issuer: Certificate, below: int) -> Iterator[str]:
    if not issuer.is_authority:
        yield f"{issuer.short_name} is no authority, so it may not issue certificates."
        return
    usage = issuer.key_usage
    if usage is not None and not usage.key_cert_sign:
        yield f"{issuer.short_name} may not sign certificates (its key usage lacks keyCertSign)."
    constraints = issuer.cryptography.extensions.get_extension_for_class(x509.BasicConstraints)
    allowed = constraints.value.path_length
    if allowed is not None and below > allowed:
        yield f"{issuer.short_name} allows {allowed} authorities below it, and there are {below}."


def _other_purpose(certificate: Certificate) -> Iterator[str]:
    usages = certificate.extended_key_usages
    if usages is not None and {SERVER_AUTH, ANY_USAGE}.isdisjoint(usages):
        yield f"{certificate.short_name} is not for servers (its key usages lack serverAuth)."


def _short_key(issuer: Certificate) -> Iterator[str]:
    key = issuer.public_key
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < _SHORTEST_RSA_KEY:
        yield f"The key of {issuer.short_name} is too short ({issuer.key_description})."


def _weak(certificate: Certificate, is_trusted: bool) -> Iterator[str]:
    # A trusted root is trusted for its key: nobody checks the signature on it.
    algorithm = certificate.signature_algorithm
    is_old = any(digest in algorithm.lower() for digest in ("sha1", "md5"))
    if is_old and not is_trusted:
        yield f"{certificate.short_name} is signed with {algorithm}: too weak."
    if not certificate.extensions_are_readable:
        yield f"{certificate.short_name} is damaged: one of its extensions cannot be read."
