"""Why a chain was refused: a sentence that names the link at fault, and what to do.

The library that judges says only that no path was found. Here the path that the certificates at
hand make is looked at link by link for the reason; nothing is accepted by this module.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from certwright.x509.certificate import Certificate
from certwright.x509.chain_end import no_trusted_end
from certwright.x509.name_constraints import is_limited_loosely, name_out_of_bounds
from certwright.x509.names import ServerName
from certwright.x509.refusal import Cause, Refusal
from certwright.x509.text import day, listed, printable
from certwright.x509.weak_signatures import (
    has_unusual_signature,
    has_weak_signature,
    weakly_signed,
)

SERVER_AUTH = "1.3.6.1.5.5.7.3.1"
CLIENT_AUTH = "1.3.6.1.5.5.7.3.2"
ANY_USAGE = "2.5.29.37.0"
_PURPOSES = {
    SERVER_AUTH: (Cause.NOT_FOR_SERVERS, "servers", "serverAuth"),
    CLIENT_AUTH: (Cause.NOT_FOR_CLIENTS, "clients", "clientAuth"),
}
SHORTEST_RSA_KEY = 2048
CURVES = ("secp256r1", "secp384r1", "secp521r1")
"""The curves that TLS clients know: RFC 8422 5.1.1 and RFC 8446 4.2.3."""
KNOWN_EXTENSIONS = frozenset(
    {
        x509.BasicConstraints.oid,
        x509.KeyUsage.oid,
        x509.ExtendedKeyUsage.oid,
        x509.SubjectAlternativeName.oid,
        x509.NameConstraints.oid,
        x509.AuthorityKeyIdentifier.oid,
        x509.SubjectKeyIdentifier.oid,
    }
)
"""Those that may be critical; of any other critical one clients differ in whether they know it."""
_SELDOM_JUDGED = {
    "2.5.29.31": "cRLDistributionPoints",
    "2.5.29.32": "certificatePolicies",
    "2.5.29.33": "policyMappings",
    "2.5.29.36": "policyConstraints",
    "2.5.29.54": "inhibitAnyPolicy",
}
_LONGEST_WORDS = 200
_NO_NEWS = re.compile(
    r"^validation failed: |candidates exhausted: |fatal error: |: \w+ \{.*| \(encountered .*|"
    r"all candidates exhausted with no interior errors|\.$"
)
"""What the verifier's words are wrapped in."""


@dataclass(frozen=True)
class Question:
    """What was asked of a chain: which roots count, for which name and moment, for what use.

    `usages` are the extended key usages that all above the leaf must allow, and the leaf as
    well unless it is asked about `for_any_purpose`.
    """

    roots: frozenset[Certificate]
    name: ServerName | None
    at: datetime
    usages: tuple[str, ...]
    for_any_purpose: bool


def refusals(
    path: tuple[Certificate, ...], pool: Sequence[Certificate], question: Question
) -> Iterator[Refusal]:
    """Every reason seen to refuse `path` (leaf first, not empty), what weighs most first.

    `pool` are the certificates that the path was made from.
    """
    leaf, *above = path
    if question.name is not None and not leaf.covers(question.name):
        had = listed(leaf.names) or "none at all"
        sentence = f"Its names lack {question.name.display}; it is for {had}."
        yield Refusal(Cause.NAME, leaf, sentence, "Get one whose names contain that one.")
    purposeful = above if question.for_any_purpose else path
    yield from chain(
        *(_outside_its_dates(certificate, question.at) for certificate in path),
        *(_may_not_issue(issuer, path[: position + 1]) for position, issuer in enumerate(above)),
        *(_name_out_of_bounds(path[: position + 1], one) for position, one in enumerate(above)),
        *(_other_purpose(certificate, question.usages) for certificate in purposeful),
        *(weak_key(issuer) for issuer in above),
        *(_weak_signature(certificate, question.roots) for certificate in above),
        *(_unreadable(certificate) for certificate in above),
        no_trusted_end(path, pool, question.roots),
        _leaf_itself(leaf, question.roots),
        *(_strictly(path, position) for position in range(len(above))),
        # From here on what only some clients refuse, so that nothing worse stands behind it.
        *(_seldom_judged(certificate) for certificate in path),
        _loose_limits(path),
        *(_unusual_key(certificate) for certificate in path),
    )


def strict_refusal(leaf: Certificate, words: str) -> Refusal:
    """What is left to say where the verifier refused a path that looks right link by link.

    `words` are the verifier's own, "" if there are none.
    """
    told = _NO_NEWS.sub("", words)
    reason = f"; the verifier says: {printable(told, _LONGEST_WORDS)}" if told else ""
    return Refusal(
        Cause.STRICT,
        leaf,
        f"Strict clients refuse the chain{reason}.",
        "Ask its authority for a certificate by RFC 5280.",
    )


def weak_key(certificate: Certificate) -> Iterator[Refusal]:
    """A key that no chain may have, at whatever place."""
    key, name = certificate.public_key, certificate.short_name
    remedy = "Get a certificate from an authority with an RSA key of 2048 bits or more, or ECDSA."
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < SHORTEST_RSA_KEY:
        sentence = f"The key of {name} is too short ({certificate.key_description})."
        yield Refusal(Cause.WEAK_KEY, certificate, sentence, remedy)
        return
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name not in CURVES:
        sentence = (
            f"The key of {name} is on a curve that clients do not take "
            f"({certificate.key_description})."
        )
        yield Refusal(Cause.WEAK_KEY, certificate, sentence, remedy)


def _unusual_key(certificate: Certificate) -> Iterator[Refusal]:
    is_usual = isinstance(certificate.public_key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)
    if is_usual and not certificate.has_pss_key:
        return
    yield Refusal(
        Cause.UNUSUAL_KEY,
        certificate,
        f"The key of {certificate.short_name} is of a kind that not every client takes "
        f"({certificate.key_description}).",
        "If browsers call this server, get a certificate from an authority with an RSA or ECDSA "
        "key.",
    )


def unknown_critical_extensions(certificate: Certificate) -> tuple[str, ...]:
    """Those that clients must refuse it for (RFC 5280 4.2), by name or dotted number."""
    return tuple(
        identifier.dotted_string if identifier._name == "Unknown OID" else identifier._name
        for identifier in certificate.critical_extensions
        if identifier not in KNOWN_EXTENSIONS and identifier.dotted_string not in _SELDOM_JUDGED
    )


def _outside_its_dates(certificate: Certificate, at: datetime) -> Iterator[Refusal]:
    name = certificate.short_name
    remedy = f"Get its successor from its authority: the certificate of {name} that is good now."
    if certificate.not_after < at:
        sentence = f"{name} expired on {day(certificate.not_after)}."
        yield Refusal(Cause.DATES, certificate, sentence, remedy)
    if at < certificate.not_before:
        sentence = f"{name} is good only from {day(certificate.not_before)} on."
        yield Refusal(Cause.DATES, certificate, sentence, remedy)


def _may_not_issue(issuer: Certificate, below: tuple[Certificate, ...]) -> Iterator[Refusal]:
    name = issuer.short_name
    remedy = "Get a certificate from an authority that may issue it."
    if not issuer.extensions_are_readable:
        return  # what it is cannot be told; that it is damaged is said elsewhere
    if not issuer.is_authority:
        sentence = f"{name} is no authority, so it may not issue certificates."
        yield Refusal(Cause.NO_AUTHORITY, issuer, sentence, remedy)
        return
    usage = issuer.key_usage
    if usage is not None and not usage.key_cert_sign:
        sentence = f"{name} may not sign certificates (its key usage lacks keyCertSign)."
        yield Refusal(Cause.NO_AUTHORITY, issuer, sentence, remedy)
    # RFC 5280 4.2.1.9: "the maximum number of non-self-issued intermediate certificates that may
    # follow this certificate in a valid certification path", the leaf not counted.
    deep = sum(not certificate.is_self_issued for certificate in below[1:])
    allowed = issuer.path_length
    if allowed is not None and deep > allowed:
        there = "is one" if deep == 1 else f"are {deep}"
        sentence = f"{name} allows {_authorities(allowed)} below it, and there {there}."
        yield Refusal(Cause.PATH_LENGTH, issuer, sentence, remedy)


def _authorities(number: int) -> str:
    return {0: "no authority", 1: "one authority"}.get(number, f"{number} authorities")


def _name_out_of_bounds(below: tuple[Certificate, ...], issuer: Certificate) -> Iterator[Refusal]:
    leaf = below[0]
    for certificate in below:
        # RFC 5280 6.1.3 (b): self-issued ones are exempt, but for the last of the path.
        if certificate.is_self_issued and certificate is not leaf:
            continue
        name = name_out_of_bounds(certificate, issuer)
        if name is not None:
            yield Refusal(
                Cause.NAME_CONSTRAINTS,
                issuer,
                f"{issuer.short_name} may not issue certificates for {name} (its name "
                "constraints).",
                "Get one without that name, or get it from an authority that may issue it.",
            )
            return


def _other_purpose(certificate: Certificate, wanted: tuple[str, ...]) -> Iterator[Refusal]:
    usages = certificate.extended_key_usages
    for usage in wanted:
        if usages is not None and {usage, ANY_USAGE}.isdisjoint(usages):
            cause, whom, name = _PURPOSES[usage]
            yield Refusal(
                cause,
                certificate,
                f"{certificate.short_name} is not for {whom} (its key usages lack {name}).",
                f"Get a certificate from an authority for {whom}.",
            )


def _weak_signature(certificate: Certificate, trusted: frozenset[Certificate]) -> Iterator[Refusal]:
    # A root's signature on itself proves nothing, so nobody checks it.
    is_root = certificate in trusted or certificate.is_self_signed
    if not is_root and has_weak_signature(certificate):
        yield weakly_signed(certificate)


def _unreadable(certificate: Certificate) -> Iterator[Refusal]:
    name = certificate.short_name
    if not certificate.extensions_are_readable:
        sentence = f"{name} is damaged: one of its extensions cannot be read."
        yield Refusal(Cause.DAMAGED, certificate, sentence, "Export it again, or get a new one.")
        return
    if unknown := unknown_critical_extensions(certificate):
        yield Refusal(
            Cause.CRITICAL_EXTENSION,
            certificate,
            f"{name} has a critical extension that clients do not know ({listed(unknown)}).",
            "Get one without it, or with that extension not critical.",
        )
    if certificate.cryptography.version is not x509.Version.v3:
        sentence = f"{name} is in the old format of 1988 (version 1), which strict clients refuse."
        remedy = "Get a certificate in version 3."
        yield Refusal(Cause.OLD_FORMAT, certificate, sentence, remedy)


def _seldom_judged(certificate: Certificate) -> Iterator[Refusal]:
    policies = tuple(
        _SELDOM_JUDGED[identifier.dotted_string]
        for identifier in certificate.critical_extensions
        if identifier.dotted_string in _SELDOM_JUDGED
    )
    if policies:
        yield Refusal(
            Cause.POLICIES,
            certificate,
            f"{certificate.short_name} marks {listed(policies)} as critical, which is not judged "
            "here, and which not every client knows.",
            "Try it with the clients that matter; get one where that is not critical if they "
            "refuse it.",
        )


def _loose_limits(path: tuple[Certificate, ...]) -> Iterator[Refusal]:
    if not is_limited_loosely(path):
        return
    issuer = next(one for one in path[1:] if one.name_constraints is not None)
    yield Refusal(
        Cause.LOOSE_LIMITS,
        issuer,
        f"{issuer.short_name} limits the names below it in a way that not every client can judge; "
        "here they were compared, and are within its limits.",
        "Try it with the clients that matter; get one from an authority without such limits if "
        "they refuse it.",
    )


def _strictly(path: tuple[Certificate, ...], position: int) -> Iterator[Refusal]:
    """What the standard allows between the link at `position` and its issuer, and few clients."""
    below, issuer = path[position], path[position + 1]
    if has_unusual_signature(below):
        sentence = (
            f"{below.short_name} is signed over the digest {below.signature_digest}, which TLS "
            "clients do not know."
        )
        remedy = "Have its authority issue it anew, signed with SHA-256, SHA-384 or SHA-512."
        yield Refusal(Cause.STRICT, below, sentence, remedy)
    if below.cryptography.issuer.public_bytes() != issuer.cryptography.subject.public_bytes():
        sentence = (
            f"{below.short_name} writes the name of its issuer, {issuer.short_name}, in another "
            "kind of string than the issuer itself: strict clients compare byte by byte."
        )
        remedy = "Have it issued again, with the authority's name as the authority itself has it."
        yield Refusal(Cause.STRICT, below, sentence, remedy)
    if issuer.path_length is not None and position > issuer.path_length:
        sentence = (
            f"{issuer.short_name} allows {_authorities(issuer.path_length)} below it, and strict "
            f"clients count {position}: self-issued ones too."
        )
        remedy = "Get a certificate from an authority with one self-issued certificate fewer."
        yield Refusal(Cause.STRICT, issuer, sentence, remedy)


def _leaf_itself(leaf: Certificate, trusted: frozenset[Certificate]) -> Iterator[Refusal]:
    yield from weak_key(leaf)
    if has_weak_signature(leaf) and leaf not in trusted:
        yield weakly_signed(leaf)
    yield from _unreadable(leaf)
