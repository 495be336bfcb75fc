"""Is the certificate for the names that clients use?"""

from certwright.rules.case import Case
from certwright.rules.environment import Environment
from certwright.rules.family import Family
from certwright.rules.finding import Severity
from certwright.rules.rule import ERROR_EVERYWHERE, Rule
from certwright.x509.names import pattern_matches
from certwright.x509.text import listed

_LONGEST_COMMON_NAME = 64


def _san_lacks_name(case: Case) -> str | None:
    certificate = case.certificate
    lacking = tuple(name.display for name in case.requirement.names if not certificate.covers(name))
    if not lacking:
        return None
    if any(name in certificate.dns_names for name in lacking):
        # RFC 9525 6.4: an address matches an iPAddress entry only.
        return f"It has {listed(lacking)} only as a DNS name, which no client takes as an address."
    had = f"it is for {listed(certificate.names)}" if certificate.names else "it has none"
    return f"Its names lack {listed(lacking)}; {had}."


def _cn_lacks_name(case: Case) -> str | None:
    name = case.requirement.names[0]
    # RFC 5280 appendix A.1 allows a Common Name 64 characters, so a longer name cannot be there.
    if len(name.value) > _LONGEST_COMMON_NAME:
        return None
    common_names = case.certificate.common_names
    if any(pattern_matches(common_name, name) for common_name in common_names):
        return None
    if not common_names:
        return f"It has no Common Name, and {name.display} should be there."
    return f"Its Common Name is {listed(common_names)}, not {name.display}."


SAN_LACKS_NAME = Rule(
    code="san-lacks-name",
    family=Family.NAMES,
    title="The Subject Alternative Name covers every name of the server",
    severities=ERROR_EVERYWHERE,
    reference="RFC 9525 section 6.3; RFC 6125 section 6.4",
    remedy="Select a certificate for that name, or get a new one whose Subject Alternative Name "
    "contains it.",
    judge=_san_lacks_name,
)

CN_LACKS_NAME = Rule(
    code="cn-lacks-name",
    family=Family.NAMES,
    title="The Common Name is the server's first name",
    # Public authorities leave the Common Name out more and more, so where only they are trusted
    # it cannot be demanded.
    severities={
        Environment.TEST: Severity.ERROR,
        Environment.PRODUCTION: Severity.ERROR,
        Environment.CLOUD: Severity.WARNING,
    },
    reference="The product's requirement: the Common Name contains the DNS name of the machine",
    remedy="Select a certificate with that Common Name, or get a new one: the server's name as "
    "the Common Name, and again in the Subject Alternative Name.",
    judge=_cn_lacks_name,
)
