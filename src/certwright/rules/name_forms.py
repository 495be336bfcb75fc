"""Are the entries of the Subject Alternative Name written so that clients understand them?

Of an entry that the server needs, san-lacks-name says why it does not count; here are the others.
"""

import re

import idna

from certwright.rules.case import Case
from certwright.rules.environment import Environment
from certwright.rules.family import Family
from certwright.rules.finding import Severity
from certwright.rules.internal_names import why_internal
from certwright.rules.rule import WARNING_EVERYWHERE, Rule
from certwright.x509.names import NameKind, canonical_address
from certwright.x509.text import listed

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?")
_LONGEST_LABEL = 63
_LONGEST_NAME = 253
_FEWEST_LABELS_UNDER_WILDCARD = 2


def _name_malformed(case: Case) -> str | None:
    if case.lacking_names:
        return None
    for entry in case.certificate.dns_names:
        if canonical_address(entry) is None and (reason := _why_malformed(entry)):
            return f'Its name "{entry}" is none that a client can look for: {reason}.'
    return None


def _why_malformed(entry: str) -> str | None:
    if not entry.isascii():
        return "it is not written in A-labels (xn--...)"
    bare = entry.lower().removeprefix("*.")
    if not bare:
        return "it is empty"
    if bare.endswith("."):
        return "it ends in a dot"
    if len(bare) > _LONGEST_NAME:
        return f"it is longer than {_LONGEST_NAME} characters"
    return next(filter(None, map(_why_label_malformed, bare.split("."))), None)


def _why_label_malformed(label: str) -> str | None:
    if "*" in label:
        return None  # wildcard-unusable says it
    if not label:
        return "there is nothing between two dots"
    if len(label) > _LONGEST_LABEL:
        return f"a part of it is longer than {_LONGEST_LABEL} characters"
    if not _LABEL.fullmatch(label):
        return "it holds other than letters, digits, dots and hyphens, or a hyphen at an end"
    if label.startswith("xn--"):
        try:
            idna.decode(label)
        except idna.IDNAError:
            return f"{label} is no international name (IDNA 2008)"
    return None


def _underscore(case: Case) -> str | None:
    entries = tuple(entry for entry in case.certificate.dns_names if "_" in entry)
    if not entries:
        return None
    return f"Its name {listed(entries)} has an underscore, which strict clients refuse."


def _wildcard_unusable(case: Case) -> str | None:
    if case.lacking_names:
        return None
    entries = tuple(entry for entry in case.certificate.dns_names if _is_unusable(entry))
    if not entries:
        return None
    return (
        f"No client takes the wildcard {listed(entries)}: it must be the whole first label, with "
        "two more at least behind it."
    )


def _is_unusable(entry: str) -> bool:
    # RFC 9525 6.3: "only as the complete content of the left-most label".
    first, _, rest = entry.partition(".")
    if "*" not in entry:
        return False
    enough = rest.rstrip(".").count(".") + 1 >= _FEWEST_LABELS_UNDER_WILDCARD
    return first != "*" or "*" in rest or not enough


def _address_as_dns_name(case: Case) -> str | None:
    if case.lacking_names:
        return None
    certificate = case.certificate
    entries = tuple(
        entry
        for entry in certificate.dns_names
        if (address := canonical_address(entry)) and address not in certificate.ip_addresses
    )
    if not entries:
        return None
    return f"It has {listed(entries)} only as a DNS name, which no client takes as an address."


def _short_host_name(case: Case) -> str | None:
    names = tuple(
        name.value
        for name in case.requirement.names
        if name.kind is NameKind.DNS and "." not in name.value
    )
    if not names:
        return None
    return f"{listed(names)} is a short host name: it means another machine in another domain."


def _internal_name(case: Case) -> str | None:
    # Only public authorities must not issue for such names; a company's own may.
    if not (case.environment is Environment.CLOUD or case.by_public_rules):
        return None
    for name in case.certificate.names:
        if reason := why_internal(name):
            return f"{name} {reason}: no public authority may issue a certificate for it."
    return None


NAME_MALFORMED = Rule(
    code="name-malformed",
    family=Family.NAMES,
    title="Every DNS name is written as the standards say",
    severities=WARNING_EVERYWHERE,
    reference="RFC 5280 section 4.2.1.6; RFC 9549; RFC 1123 section 2.1; RFC 5891",
    remedy="Get a certificate with that name in A-labels (xn--...), without a dot at its end, "
    "without blanks; or without that name.",
    judge=_name_malformed,
)

UNDERSCORE_IN_NAME = Rule(
    code="underscore-in-name",
    family=Family.NAMES,
    title="No DNS name has an underscore",
    severities={
        Environment.TEST: Severity.NOTICE,
        Environment.PRODUCTION: Severity.NOTICE,
        Environment.CLOUD: Severity.WARNING,
    },
    reference="RFC 1123 section 2.1; CA/Browser Forum ballot SC12",
    remedy="Give the machine a name without an underscore (an alias in the DNS will do), and get "
    "a certificate for that one.",
    judge=_underscore,
)

WILDCARD_UNUSABLE = Rule(
    code="wildcard-unusable",
    family=Family.NAMES,
    title="Every wildcard is one that clients accept",
    severities=WARNING_EVERYWHERE,
    reference="RFC 9525 section 6.3",
    remedy="Get a certificate with a wildcard such as *.corp.example, or with the names in full.",
    judge=_wildcard_unusable,
)

ADDRESS_AS_DNS_NAME = Rule(
    code="address-as-dns-name",
    family=Family.NAMES,
    title="IP addresses are entered as addresses",
    severities=WARNING_EVERYWHERE,
    reference="RFC 9525 section 6.4; RFC 5280 section 4.2.1.6",
    remedy="If clients use that address, get a certificate that has it as an IP address "
    "(iPAddress), not as a DNS name.",
    judge=_address_as_dns_name,
)

SHORT_HOST_NAME = Rule(
    code="short-host-name",
    family=Family.NAMES,
    title="The server is called by its full DNS name",
    severities={Environment.PRODUCTION: Severity.NOTICE},
    reference="The product's requirement: the DNS name of the machine on which the service runs",
    remedy="Let clients use the full DNS name, such as todd.corp.example, and get a certificate "
    "for that one.",
    judge=_short_host_name,
)

INTERNAL_NAME = Rule(
    code="internal-name",
    family=Family.NAMES,
    title="A public authority may issue for every name",
    severities={
        Environment.TEST: Severity.WARNING,
        Environment.PRODUCTION: Severity.WARNING,
        Environment.CLOUD: Severity.ERROR,
    },
    reference="CA/Browser Forum Baseline Requirements section 4.2.2; RFC 6761; RFC 6762 appendix G",
    remedy="Use a name under a domain that your company owns on the Internet, and get a "
    "certificate for that one.",
    judge=_internal_name,
)
