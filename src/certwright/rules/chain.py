"""Do the certificates at hand lead from this one to a root that clients trust?

The verifier says yes or no; why not is one fault of one link, and each kind of fault has a rule.
"""

from collections.abc import Callable

from certwright.rules.case import Case
from certwright.rules.environment import Environment
from certwright.rules.family import Family
from certwright.rules.finding import Severity
from certwright.rules.rule import (
    ERROR_EVERYWHERE,
    WARNING_EVERYWHERE,
    WARNING_IN_TEST,
    Objection,
    Rule,
)
from certwright.x509.refusal import Cause, Refusal

_OF_THE_LEAF = frozenset(
    {
        Cause.WEAK_KEY,
        Cause.UNUSUAL_KEY,
        Cause.WEAK_SIGNATURE,
        Cause.DAMAGED,
        Cause.CRITICAL_EXTENSION,
        Cause.OLD_FORMAT,
    }
)
"""What rules on the certificate itself say already, if it is its own fault."""
_TRUST_ITSELF = (
    "Let its clients trust it and give it among the roots, or get a certificate from an authority "
    "that they trust."
)


def chain_refusal(case: Case, *causes: Cause) -> Objection | None:
    """The one fault that the chain is refused for, if it is of these kinds."""
    refusal = _refusal(case)
    if refusal is None or refusal.cause not in causes:
        return None
    return Objection(refusal.sentence, refusal.remedy)


def _refusal(case: Case) -> Refusal | None:
    # A self-signed certificate has no chain; other rules say where one will not do.
    if case.certificate.is_self_signed or case.verdict.ok:
        return None
    return next((one for one in case.verdict.refusals if not _is_said_elsewhere(case, one)), None)


def _is_said_elsewhere(case: Case, refusal: Refusal) -> bool:
    if refusal.certificate == case.certificate:
        return refusal.cause in _OF_THE_LEAF
    # Of an expired certificate nobody minds that its authority has expired with it.
    has_expired = case.certificate.not_after < case.requirement.at
    return refusal.cause is Cause.DATES and has_expired


def _judge(*causes: Cause) -> Callable[[Case], Objection | None]:
    return lambda case: chain_refusal(case, *causes)


def _untrusted_root(case: Case) -> Objection | None:
    # Where only public authorities count, private-ca-for-cloud says it.
    if case.environment is Environment.CLOUD and not case.is_public:
        return None
    certificate, requirement = case.certificate, case.requirement
    if certificate.is_self_signed:
        if not requirement.trusts_no_others or certificate in requirement.trusted_roots:
            return None
        return Objection("It is self-signed, and not one of the roots given.", _TRUST_ITSELF)
    return chain_refusal(case, Cause.UNTRUSTED_ROOT)


CHAIN_INCOMPLETE = Rule(
    code="chain-incomplete",
    family=Family.CHAIN,
    title="The chain leads from issuer to issuer up to a root",
    # The root of a company's authority may be known to the clients and not to this machine: on a
    # test server that is worth a warning, in production it has to be made known here.
    severities=WARNING_IN_TEST,
    reference="RFC 8446 section 4.4.2; RFC 5280 section 6.1",
    remedy="Import the missing certificates of its authority (the intermediates and the root), "
    "or export it again together with its whole chain.",
    judge=_judge(Cause.ISSUER_MISSING, Cause.OTHER_ISSUER),
)

UNTRUSTED_ROOT = Rule(
    code="untrusted-root",
    family=Family.CHAIN,
    title="The root at the end of the chain is trusted",
    severities=WARNING_IN_TEST,
    reference="RFC 5280 section 6.1.1 (d)",
    remedy="If it is your company's authority, make its root known here as a trusted root; "
    "otherwise get a certificate from one that the clients trust.",
    judge=_untrusted_root,
)

ISSUER_EXPIRED = Rule(
    code="issuer-expired",
    family=Family.CHAIN,
    title="No authority above it has expired",
    severities=ERROR_EVERYWHERE,
    reference="RFC 5280 section 6.1.3 (a) (2)",
    remedy="Get the authority's new certificate, and a new one of your own from it.",
    judge=_judge(Cause.DATES),
)

ISSUER_NOT_AUTHORITY = Rule(
    code="issuer-not-authority",
    family=Family.CHAIN,
    title="Whoever issued it is an authority that may sign certificates",
    severities=ERROR_EVERYWHERE,
    reference="RFC 5280 sections 4.2.1.9, 4.2.1.3 and 6.1.4 (k) and (n)",
    remedy="Get a certificate from an authority that may issue it.",
    judge=_judge(Cause.NO_AUTHORITY),
)

PATH_TOO_LONG = Rule(
    code="path-too-long",
    family=Family.CHAIN,
    title="No more authorities stand one below the other than the upper ones allow",
    severities=ERROR_EVERYWHERE,
    reference="RFC 5280 sections 4.2.1.9 and 6.1.4 (l)",
    remedy="Get a certificate from an authority further up.",
    judge=_judge(Cause.PATH_LENGTH),
)

NAME_CONSTRAINTS_VIOLATED = Rule(
    code="name-constraints-violated",
    family=Family.CHAIN,
    title="Every authority above it may issue for its names",
    severities=ERROR_EVERYWHERE,
    reference="RFC 5280 sections 4.2.1.10 and 6.1.3 (b) and (c)",
    remedy="Leave that name out, or get the certificate from an authority that may issue it.",
    judge=_judge(Cause.NAME_CONSTRAINTS),
)

ISSUER_NOT_FOR_SERVERS = Rule(
    code="issuer-not-for-servers",
    family=Family.CHAIN,
    title="Every authority above it may issue for servers",
    severities=ERROR_EVERYWHERE,
    reference="CA/Browser Forum Baseline Requirements section 7.1.2.10.6; the chaining of "
    "purposes that Windows, NSS and OpenSSL check",
    remedy="Get a certificate from an authority for servers.",
    judge=_judge(Cause.NOT_FOR_SERVERS),
)

ISSUER_NOT_FOR_CLIENTS = Rule(
    code="issuer-not-for-clients",
    family=Family.CHAIN,
    title="Every authority above a client's certificate may issue for clients",
    severities=ERROR_EVERYWHERE,
    reference="RFC 5280 section 4.2.1.12; the chaining of purposes that Windows, NSS and OpenSSL "
    "check",
    remedy="Get a certificate from an authority for clients.",
    judge=_judge(Cause.NOT_FOR_CLIENTS),
)

WEAK_KEY_IN_CHAIN = Rule(
    code="weak-key-in-chain",
    family=Family.KEYS,
    title="The authorities above it have keys that clients accept",
    severities=ERROR_EVERYWHERE,
    reference="CA/Browser Forum Baseline Requirements section 6.1.5",
    remedy="Get a certificate from an authority with an RSA key of 2048 bits or more, or ECDSA.",
    judge=_judge(Cause.WEAK_KEY),
)

ISSUER_KEY_NOT_FOR_BROWSERS = Rule(
    code="issuer-key-not-for-browsers",
    family=Family.KEYS,
    title="The authorities above it have keys of a kind that browsers take",
    severities={
        Environment.TEST: Severity.NOTICE,
        Environment.PRODUCTION: Severity.WARNING,
        Environment.CLOUD: Severity.ERROR,
    },
    reference="CA/Browser Forum Baseline Requirements section 6.1.5",
    remedy="If browsers call this server, get a certificate from an authority with an RSA or "
    "ECDSA key.",
    judge=_judge(Cause.UNUSUAL_KEY),
)

CHAIN_REFUSED = Rule(
    code="chain-refused",
    family=Family.CHAIN,
    title="Strict clients accept every link of the chain",
    severities=WARNING_IN_TEST,
    reference="RFC 5280 sections 4.1, 4.2 and 6.1",
    remedy="Get a certificate from an authority whose certificates are by RFC 5280.",
    judge=_judge(Cause.DAMAGED, Cause.CRITICAL_EXTENSION, Cause.OLD_FORMAT, Cause.STRICT),
)

CHAIN_NOT_JUDGED = Rule(
    code="chain-not-judged",
    family=Family.CHAIN,
    title="No link of the chain makes a demand that cannot be judged here",
    severities=WARNING_EVERYWHERE,
    reference="RFC 5280 sections 4.2 and 4.2.1.10",
    remedy="Try it with the clients that matter.",
    judge=_judge(Cause.POLICIES, Cause.LOOSE_LIMITS),
)
