"""Is the chain as it should be handed out, and does it last as long as the certificate?"""

from itertools import pairwise

from certwright.rules.case import Case
from certwright.rules.family import Family
from certwright.rules.rule import NOTICE_EVERYWHERE, WARNING_EVERYWHERE, Rule
from certwright.x509.certificate import Certificate, is_signed_by
from certwright.x509.chains import complete_chain
from certwright.x509.text import day, listed

_MOST_USEFUL = 16
"""Certificates above a leaf: no client goes on with more, and each is held against each."""


def _chain_order(case: Case) -> str | None:
    given = case.candidate.given_chain
    if not given:
        return None
    path = complete_chain(case.certificate, given)[1:]
    places = [given.index(certificate) for certificate in path]
    for (before, after), (lower, upper) in zip(pairwise(places), pairwise(path), strict=True):
        if after < before:
            return (
                f"The chain is out of order: {upper.short_name} comes before {lower.short_name}, "
                "which it issued."
            )
    return None


def _chain_superfluous(case: Case) -> str | None:
    given = case.candidate.given_chain
    if not given:
        return None
    useful = _issuers_among(given, case.certificate)
    strangers = tuple(
        certificate.short_name
        for position, certificate in enumerate(given)
        if certificate not in useful or certificate in given[:position]
        # Of one that has the missing issuer's name the chain's own refusal tells.
        if case.verdict.ok or certificate.subject != case.path[-1].issuer
    )
    if not strangers:
        return None
    return f"The chain holds what does not belong there: {listed(strangers)}."


def _issuers_among(given: tuple[Certificate, ...], leaf: Certificate) -> set[Certificate]:
    # A cross-signed certificate is none of the path that is taken here, yet others may need it.
    useful: set[Certificate] = set()
    waiting = [leaf]
    while waiting and len(useful) < _MOST_USEFUL:
        below = waiting.pop()
        for certificate in given[:_MOST_USEFUL]:
            if (
                certificate not in useful
                and certificate != leaf
                and is_signed_by(below, certificate)
            ):
                useful.add(certificate)
                waiting.append(certificate)
    return useful


def _root_sent(case: Case) -> str | None:
    given = case.candidate.given_chain
    if not given:
        return None
    # A root that issued nothing here is superfluous for another reason.
    useful = _issuers_among(given, case.certificate)
    names = tuple(one.short_name for one in given if one in useful and one.is_self_signed)
    if not names:
        return None
    return f"The root {listed(names)} is in the chain; clients have to have it already."


def _issuer_expires_first(case: Case) -> str | None:
    leaf, *above = case.path
    if not case.verdict.ok:
        return None
    first = min(above, key=lambda issuer: issuer.not_after, default=leaf)
    if first.not_after >= leaf.not_after:
        return None
    return (
        f"{first.short_name}, which stands above it, expires on {day(first.not_after)} already, "
        f"and with it this one (good until {day(leaf.not_after)} by itself)."
    )


def _key_identifier_mismatch(case: Case) -> str | None:
    for below, above in pairwise(case.path):
        wanted, had = below.authority_key_identifier, above.subject_key_identifier
        if wanted is not None and had is not None and wanted != had:
            return (
                f"{below.short_name} points to another key of {above.short_name} than the one "
                "that signed it (the key identifiers differ)."
            )
    return None


CHAIN_ORDER = Rule(
    code="chain-order",
    family=Family.CHAIN,
    title="In the chain each certificate is followed by its issuer",
    severities=WARNING_EVERYWHERE,
    reference="RFC 5246 section 7.4.2; RFC 8446 section 4.4.2",
    remedy="Put them in order: the server's certificate first, then its issuer, then that one's.",
    judge=_chain_order,
)

CHAIN_SUPERFLUOUS = Rule(
    code="chain-superfluous",
    family=Family.CHAIN,
    title="The chain holds nothing that does not belong to it",
    severities=NOTICE_EVERYWHERE,
    reference="RFC 8446 section 4.4.2",
    remedy="Leave them out: they only make every handshake longer.",
    judge=_chain_superfluous,
)

ROOT_SENT = Rule(
    code="root-sent",
    family=Family.CHAIN,
    title="The chain is handed out without the root",
    severities=NOTICE_EVERYWHERE,
    reference="RFC 8446 section 4.4.2",
    remedy="Nothing has to be done; without the root every handshake is shorter.",
    judge=_root_sent,
)

ISSUER_EXPIRES_FIRST = Rule(
    code="issuer-expires-first",
    family=Family.CHAIN,
    title="The authorities above it last as long as the certificate",
    severities=WARNING_EVERYWHERE,
    reference="RFC 5280 section 6.1.3 (a) (2)",
    remedy="Renew it before that day, from the authority's new certificate.",
    judge=_issuer_expires_first,
)

KEY_IDENTIFIER_MISMATCH = Rule(
    code="key-identifier-mismatch",
    family=Family.CHAIN,
    title="Every certificate points to the key that signed it",
    severities=WARNING_EVERYWHERE,
    reference="RFC 5280 sections 4.2.1.1 and 4.2.1.2; OpenSSL refuses such a chain",
    remedy="Import the certificate of its authority that has that key identifier, or have this "
    "one issued again.",
    judge=_key_identifier_mismatch,
)
