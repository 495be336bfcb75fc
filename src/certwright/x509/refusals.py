"""Why a chain was refused: a sentence that names the link at fault, and what to do.

The library that judges says only that no path was found. Here the path that the certificates at
hand make is looked at link by link for the reason; nothing is accepted by this module.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from certwright.x509.certificate import Certificate
from certwright.x509.name_constraints import name_out_of_bounds
from certwright.x509.names import ServerName
from certwright.x509.text import day, listed

SERVER_AUTH = "1.3.6.1.5.5.7.3.1"
ANY_USAGE = "2.5.29.37.0"
RSA_PSS_KEY = "1.2.840.113549.1.1.10"
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
_WEAK_DIGESTS = ("sha1", "md5", "md2")


class Cause(StrEnum):
    """What kind of fault it is."""

    NAME = "name"
    DATES = "dates"
    ISSUER_MISSING = "issuer-missing"
    OTHER_ISSUER = "other-issuer"
    BAD_SIGNATURE = "bad-signature"
    UNTRUSTED_ROOT = "untrusted-root"
    SELF_SIGNED = "self-signed"
    NO_AUTHORITY = "no-authority"
    PATH_LENGTH = "path-length"
    NAME_CONSTRAINTS = "name-constraints"
    PURPOSE = "purpose"
    WEAK_KEY = "weak-key"
    WEAK_SIGNATURE = "weak-signature"
    DAMAGED = "damaged"
    CRITICAL_EXTENSION = "critical-extension"
    POLICIES = "policies"
    OLD_FORMAT = "old-format"
    STRICT = "strict"


@dataclass(frozen=True)
class Refusal:
    """One fault of one link; `remedy` is a sentence too."""

    cause: Cause
    certificate: Certificate
    sentence: str
    remedy: str


@dataclass(frozen=True)
class Question:
    """What was asked of a chain: which roots count, for which name and moment, for what use."""

    roots: frozenset[Certificate]
    name: ServerName | None
    at: datetime
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
        *(_name_out_of_bounds(leaf, issuer) for issuer in above),
        *(_other_purpose(certificate) for certificate in purposeful),
        *(weak_key(issuer) for issuer in above),
        *(_weak_signature(certificate, question.roots) for certificate in above),
        *(_unreadable(certificate) for certificate in above),
        _no_trusted_end(path, pool, question.roots),
        _leaf_itself(leaf, question.roots),
    )


def strict_refusal(leaf: Certificate) -> Refusal:
    """What is left to say where the verifier refused a path that looks right link by link."""
    return Refusal(
        Cause.STRICT,
        leaf,
        "Strict clients refuse the chain: a signature algorithm, a key or a constraint in it is "
        "not what public clients accept.",
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
    is_plain_rsa = isinstance(key, rsa.RSAPublicKey) and not certificate.has_pss_key
    is_known_curve = isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in CURVES
    if not is_plain_rsa and not is_known_curve:
        sentence = (
            f"The key of {name} is of a kind that not every client takes "
            f"({certificate.key_description})."
        )
        yield Refusal(Cause.WEAK_KEY, certificate, sentence, remedy)


def has_weak_signature(certificate: Certificate) -> bool:
    """Whether the digest under its signature is one that can be forged."""
    algorithm = certificate.signature_algorithm.lower().replace("-", "")
    digest = certificate.signature_digest
    return any(weak in algorithm or weak == digest for weak in _WEAK_DIGESTS)


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


def _no_trusted_end(
    path: tuple[Certificate, ...], pool: Sequence[Certificate], roots: frozenset[Certificate]
) -> Iterator[Refusal]:
    last = path[-1]
    if not roots.isdisjoint(path):
        return
    if not last.is_self_issued:
        yield _no_issuer(last, pool)
    elif not last.is_self_signed:
        sentence = f"The signature of {last.short_name} on itself is not its own key's."
        yield Refusal(Cause.BAD_SIGNATURE, last, sentence, "Export or make it again.")
    elif len(path) == 1:
        sentence = f"{last.short_name} is self-signed, and not itself trusted."
        remedy = "Let the clients trust it, or get one from an authority."
        yield Refusal(Cause.SELF_SIGNED, last, sentence, remedy)
    else:
        sentence = f"The chain ends in {last.short_name}, which is not a trusted root."
        remedy = (
            f"If {last.short_name} is your company's authority, make it known here as a trusted "
            "root; otherwise get a certificate from one that the clients trust."
        )
        yield Refusal(Cause.UNTRUSTED_ROOT, last, sentence, remedy)


def _no_issuer(last: Certificate, pool: Sequence[Certificate]) -> Refusal:
    issuer, name = last.issuer_name, last.short_name
    namesakes = [
        candidate
        for candidate in pool
        if candidate.subject == last.issuer and candidate is not last
    ]
    if not namesakes:
        return Refusal(
            Cause.ISSUER_MISSING,
            last,
            f"The certificate of {issuer}, which issued {name}, is missing.",
            f"Import the certificate of {issuer}"
            + (f" (it can be had at {last.issuer_addresses[0]})" if last.issuer_addresses else "")
            + ", or export this one again together with its whole chain.",
        )
    if has_weak_signature(last) and last.signature_digest != "sha1":
        return _weakly_signed(last)  # with MD5 or MD2: the library does not even look whose it is
    wanted = last.authority_key_identifier
    if any(wanted is not None and one.subject_key_identifier == wanted for one in namesakes):
        return Refusal(
            Cause.BAD_SIGNATURE,
            last,
            f"The signature on {name} is not the one that {issuer} made: it was changed "
            "afterwards, or damaged.",
            "Export it again where it was issued, or get a new one.",
        )
    if all(one.not_before > last.not_before for one in namesakes):
        made = f"only since {day(min(one.not_before for one in namesakes))}"
        return Refusal(
            Cause.OTHER_ISSUER,
            last,
            f"{issuer}, as it is here, has another key than the one that issued {name}: there is "
            f"this one {made}, and the certificate is older.",
            f"Import the older certificate of {issuer} too, or renew this one: the new one will be "
            "issued with the new key.",
        )
    return Refusal(
        Cause.OTHER_ISSUER,
        last,
        f"{issuer}, as it is here, did not issue {name}: it has the same name, but another key.",
        f"Import the certificate of {issuer} whose key issued this one, or export this one again "
        "together with its whole chain.",
    )


def _may_not_issue(issuer: Certificate, below: tuple[Certificate, ...]) -> Iterator[Refusal]:
    name = issuer.short_name
    remedy = "Get a certificate from an authority that may issue it."
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
        sentence = f"{name} allows {allowed} authorities below it, and there are {deep}."
        yield Refusal(Cause.PATH_LENGTH, issuer, sentence, remedy)


def _name_out_of_bounds(leaf: Certificate, issuer: Certificate) -> Iterator[Refusal]:
    name = name_out_of_bounds(leaf, issuer)
    if name is not None:
        yield Refusal(
            Cause.NAME_CONSTRAINTS,
            issuer,
            f"{issuer.short_name} may not issue certificates for {name} (its name constraints).",
            f"Leave {name} out, or get the certificate from an authority that may issue it.",
        )


def _other_purpose(certificate: Certificate) -> Iterator[Refusal]:
    usages = certificate.extended_key_usages
    if usages is not None and {SERVER_AUTH, ANY_USAGE}.isdisjoint(usages):
        yield Refusal(
            Cause.PURPOSE,
            certificate,
            f"{certificate.short_name} is not for servers (its key usages lack serverAuth).",
            "Get a certificate from an authority for servers.",
        )


def _weak_signature(certificate: Certificate, trusted: frozenset[Certificate]) -> Iterator[Refusal]:
    # A root's signature on itself proves nothing, so nobody checks it.
    is_root = certificate in trusted or certificate.is_self_issued
    if not is_root and has_weak_signature(certificate):
        yield _weakly_signed(certificate)


def _weakly_signed(certificate: Certificate) -> Refusal:
    return Refusal(
        Cause.WEAK_SIGNATURE,
        certificate,
        f"{certificate.short_name} is signed with {certificate.signature_algorithm}: too weak.",
        "Have its authority issue it anew, signed with SHA-256 or better.",
    )


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
    policies = tuple(
        _SELDOM_JUDGED[identifier.dotted_string]
        for identifier in certificate.critical_extensions
        if identifier.dotted_string in _SELDOM_JUDGED
    )
    if policies:
        yield Refusal(
            Cause.POLICIES,
            certificate,
            f"{name} marks {listed(policies)} as critical, which is not judged here, and which not "
            "every client knows.",
            "Try it with the clients that matter; get one where that is not critical if they "
            "refuse it.",
        )
    if certificate.cryptography.version is not x509.Version.v3:
        sentence = f"{name} is in the old format of 1988 (version 1), which strict clients refuse."
        remedy = "Get a certificate in version 3."
        yield Refusal(Cause.OLD_FORMAT, certificate, sentence, remedy)


def _leaf_itself(leaf: Certificate, trusted: frozenset[Certificate]) -> Iterator[Refusal]:
    yield from weak_key(leaf)
    if has_weak_signature(leaf) and leaf not in trusted:
        yield _weakly_signed(leaf)
    yield from _unreadable(leaf)
