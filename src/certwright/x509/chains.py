"""From a leaf up to a root: putting the chain in order, and judging it.

The judging is done by `cryptography`'s path validation. It demands what browsers demand of the
public web; three points are eased, because authorities inside companies miss them and no client
minds: the roots' and intermediates' key usage and key identifiers may be absent, and the basic
constraints need not be critical.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property, lru_cache
from ipaddress import ip_address
from typing import TypeAlias

from cryptography import x509
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from certwright.x509.certificate import Certificate, is_signed_by
from certwright.x509.names import NameKind, ServerName
from certwright.x509.refusal import Refusal
from certwright.x509.refusals import (
    ANY_USAGE,
    SERVER_AUTH,
    Question,
    refusals,
    strict_refusal,
)

_UsagesJudged: TypeAlias = Callable[[Policy, x509.Certificate, x509.ExtendedKeyUsage | None], None]
_DEEPEST = 8
"""Intermediates; what is longer than that is a mistake or an attack."""
_MOST_SIGNATURES = 256
"""Looked at for one chain: a file of a thousand namesakes would have a million of them."""


@dataclass(frozen=True)
class ChainVerdict:
    """Whether a chain leads to a trusted root; if not, `reason` says in a sentence why.

    `path` is leaf first: the verified path, or as far as the certificates at hand led.
    `refusals` are all faults that were seen, what weighs most first; there is one at least if it
    is not ok.
    """

    ok: bool
    path: tuple[Certificate, ...]
    refusals: tuple[Refusal, ...] = ()

    @property
    def reason(self) -> str:
        """The sentence of the first refusal, "" if there is none."""
        return self.refusals[0].sentence if self.refusals else ""


@dataclass(frozen=True, eq=False)
class Trust:
    """The roots that a chain may end in; `trust_in` makes it."""

    roots: Mapping[x509.Certificate, Certificate]
    store: Store | None

    def verify(
        self,
        leaf: Certificate,
        intermediates: Sequence[Certificate],
        name: ServerName | None,
        at: datetime,
        *,
        usages: tuple[str, ...] = (SERVER_AUTH,),
        for_any_purpose: bool = False,
    ) -> ChainVerdict:
        """As `verify_chain`."""
        question = Question(self.certificates, name, at, usages, for_any_purpose)
        if leaf in self.certificates:
            found = tuple(refusals((leaf,), (), question))
            return ChainVerdict(not found, (leaf,), found)
        words = ""
        if self.store is not None:
            of_leaf = _leaf_policy(() if for_any_purpose else usages, is_named=name is not None)
            verifier = _verifier(self.store, at, _authority_policy(usages), of_leaf)
            try:
                verified = _verified_path(leaf, intermediates, verifier, name)
            except VerificationError as error:
                words = str(error)
            else:
                known = {one.cryptography: one for one in (leaf, *intermediates)}
                path = tuple(known.get(one) or self.roots[one] for one in verified)
                return ChainVerdict(True, path)
        pool = (*self.roots.values(), *intermediates)
        path = complete_chain(leaf, pool)
        found = tuple(refusals(path, pool, question))
        return ChainVerdict(False, path, found or (strict_refusal(leaf, words),))

    @cached_property
    def certificates(self) -> frozenset[Certificate]:
        """The roots."""
        return frozenset(self.roots.values())


def complete_chain(leaf: Certificate, pool: Iterable[Certificate]) -> tuple[Certificate, ...]:
    """`leaf` and those of `pool` above it, in order, as near to a root as they lead.

    An issuer has the issuer's name and a key that really made the signature. The shortest way to
    a self-signed certificate wins; of two issuers alike, the one whose key identifier is pointed
    to, an authority before none, and the one that lasts longer. Without any root
    it is the longest way found. No certificate stands in it twice.
    """
    looks = iter(range(_MOST_SIGNATURES))
    by_subject: dict[str, list[Certificate]] = {}
    for candidate in pool:
        by_subject.setdefault(candidate.subject, []).append(candidate)
    seen = {leaf}
    level: list[tuple[Certificate, ...]] = [(leaf,)]
    longest = level[0]
    # Breadth first, each certificate visited once: cross-signed circles cannot make it run long.
    while level:
        longest = level[0]
        for path in level:
            # A self-issued one, as authorities make when they change their key, may go on upwards.
            if path[-1].is_self_signed:
                return path
        following: list[tuple[Certificate, ...]] = []
        for path in level:
            namesakes = dict.fromkeys(by_subject.get(path[-1].issuer, ()))
            named = [one for one in namesakes if one not in seen]
            for issuer in _issuers(path[-1], named, looks):
                seen.add(issuer)
                following.append((*path, issuer))
        level = following
    return longest


def verify_chain(
    leaf: Certificate,
    intermediates: Sequence[Certificate],
    roots: Sequence[Certificate],
    name: ServerName | None,
    at: datetime,
    *,
    usages: tuple[str, ...] = (SERVER_AUTH,),
    for_any_purpose: bool = False,
) -> ChainVerdict:
    """Judge whether `leaf` may be used towards those that trust `roots`, by a server if not told.

    `usages` are the extended key usages it is used for, which those above it must allow too.
    `name` None leaves the names out, `for_any_purpose` the extended key usages of the leaf. A
    leaf that is itself among `roots` (self-signed, and trusted one by one) needs no chain.
    """
    return trust_in(tuple(roots)).verify(
        leaf, intermediates, name, at, usages=usages, for_any_purpose=for_any_purpose
    )


@lru_cache(maxsize=32)
def trust_in(roots: tuple[Certificate, ...]) -> Trust:
    """Trust in `roots`; kept, since to make it anew from all public roots takes longer than to
    verify a chain. Nothing about time is in it: that is asked of each verifier.
    """
    known = {root.cryptography: root for root in roots}
    return Trust(known, Store(list(known)) if known else None)  # the library takes no empty store


def _issuers(
    certificate: Certificate, named: Iterable[Certificate], looks: Iterator[int]
) -> list[Certificate]:
    # The signature decides; the identifiers tell only which of several to look at first.
    likely_first = sorted(
        named,
        key=lambda one: (
            _identifiers_agree(certificate, one),
            one.is_authority,
            one.is_self_issued,
            one.not_after,
        ),
        reverse=True,
    )
    return [
        one for one, _ in zip(likely_first, looks, strict=False) if is_signed_by(certificate, one)
    ]


def _identifiers_agree(certificate: Certificate, issuer: Certificate) -> bool:
    wanted, had = certificate.authority_key_identifier, issuer.subject_key_identifier
    return wanted is None or had is None or wanted == had


def _verifier(
    store: Store, at: datetime, of_authorities: ExtensionPolicy, of_leaf: ExtensionPolicy
) -> PolicyBuilder:
    return (
        PolicyBuilder()
        .store(store)
        .time(at)
        .max_chain_depth(_DEEPEST)
        .extension_policies(ca_policy=of_authorities, ee_policy=of_leaf)
    )


def _verified_path(
    leaf: Certificate,
    intermediates: Sequence[Certificate],
    verifier: PolicyBuilder,
    name: ServerName | None,
) -> Sequence[x509.Certificate]:
    above = [certificate.cryptography for certificate in intermediates]
    if name is None:
        # The server's verifier insists on a name; the purpose, in which the two differ, is
        # checked by our policies.
        return verifier.build_client_verifier().verify(leaf.cryptography, above).chain
    return verifier.build_server_verifier(_subject(name)).verify(leaf.cryptography, above)


def _subject(name: ServerName) -> x509.DNSName | x509.IPAddress:
    if name.kind is NameKind.IP:
        return x509.IPAddress(ip_address(name.value))
    return x509.DNSName(name.value)


@cache
def _authority_policy(usages: tuple[str, ...]) -> ExtensionPolicy:
    return (
        ExtensionPolicy.webpki_defaults_ca()
        .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
        .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_sign)
        .may_be_present(x509.NameConstraints, Criticality.AGNOSTIC, None)
        .may_be_present(x509.AuthorityKeyIdentifier, Criticality.AGNOSTIC, None)
        .may_be_present(x509.SubjectKeyIdentifier, Criticality.AGNOSTIC, None)
        .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _allowing(usages))
    )


@cache
def _leaf_policy(usages: tuple[str, ...], *, is_named: bool) -> ExtensionPolicy:
    policy = (
        ExtensionPolicy.webpki_defaults_ee()
        .may_be_present(x509.AuthorityKeyIdentifier, Criticality.AGNOSTIC, None)
        .may_be_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
        .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, None)
        .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _allowing(usages))
    )
    if is_named:
        return policy.require_present(x509.SubjectAlternativeName, Criticality.AGNOSTIC, None)
    return policy.may_be_present(x509.SubjectAlternativeName, Criticality.AGNOSTIC, None)


def _may_sign(_policy: Policy, _certificate: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    # RFC 5280 6.1.4 (n): "If a key usage extension is present, verify that the keyCertSign bit
    # is set."
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("keyCertSign is not set")


def _allowing(wanted: tuple[str, ...]) -> _UsagesJudged:
    def judge(
        _policy: Policy, _certificate: x509.Certificate, usages: x509.ExtendedKeyUsage | None
    ) -> None:
        had = None if usages is None else {usage.dotted_string for usage in usages}
        for usage in wanted:
            if had is not None and had.isdisjoint({usage, ANY_USAGE}):
                raise ValueError(f"{usage} is not among the extended key usages")

    return judge
