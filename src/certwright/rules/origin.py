"""May a certificate of this origin be used in this environment?"""

from certwright.rules.case import Case
from certwright.rules.environment import Environment
from certwright.rules.family import Family
from certwright.rules.finding import Severity
from certwright.rules.rule import Rule


def _self_signed(case: Case) -> str | None:
    if not case.certificate.is_self_signed:
        return None
    return "It is self-signed: no client trusts it by itself."


def _private_authority(case: Case) -> str | None:
    if case.is_public:
        return None
    if case.certificate.is_self_issued:
        return "No public authority issued it: it is self-signed."
    return f"It leads to {case.path[-1].issuer_name}, which is no public authority known here."


SELF_SIGNED_IN_PRODUCTION = Rule(
    code="self-signed-in-production",
    family=Family.ENVIRONMENT,
    title="An authority issued the certificate",
    severities={Environment.PRODUCTION: Severity.ERROR, Environment.CLOUD: Severity.ERROR},
    reference="The product's requirement: self-signed certificates are for test environments",
    remedy="Get a certificate from your company's authority, or from the internal authority here.",
    judge=_self_signed,
)

PRIVATE_CA_FOR_CLOUD = Rule(
    code="private-ca-for-cloud",
    family=Family.ENVIRONMENT,
    title="A public authority issued the certificate",
    severities={Environment.CLOUD: Severity.ERROR},
    reference="The product's requirement: cloud products trust public authorities only",
    remedy="Get a certificate from a public authority; if it is from one, import its "
    "intermediates too.",
    judge=_private_authority,
)
