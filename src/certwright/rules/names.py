"""Is the certificate for the names that clients use?"""

from certwright.errors import CertwrightError
from certwright.rules.case import Case
from certwright.rules.environment import Environment
from certwright.rules.family import Family
from certwright.rules.finding import Severity
from certwright.rules.rule import ERROR_EVERYWHERE, WARNING_EVERYWHERE, Rule
from certwright.x509.certificate import Certificate
from certwright.x509.names import NameKind, ServerName, parse_server_name, pattern_matches
from certwright.x509.text import listed

_LONGEST_COMMON_NAME = 64


def _san_lacks_name(case: Case) -> str | None:
    certificate, lacking = case.certificate, case.lacking_names
    # Names that cannot be read are another rule's matter.
    if not lacking or not certificate.extensions_are_readable:
        return None
    shown = tuple(name.display for name in lacking)
    if any(name.value in certificate.dns_names for name in lacking):
        # RFC 9525 6.4: an address matches an iPAddress entry only.
        return f"It has {listed(shown)} only as a DNS name, which no client takes as an address."
    had = f"it is for {listed(certificate.names)}" if certificate.names else "it has none"
    hints = (_hint(certificate, name) for name in lacking)
    return f"Its names lack {listed(shown)}; {had}.{next(filter(None, hints), '')}"


def _hint(certificate: Certificate, name: ServerName) -> str:
    """Why an entry that looks right does not count, as a further sentence, or ""."""
    if not certificate.names:
        has_it = any(pattern_matches(common, name) for common in certificate.common_names)
        # RFC 9525 6.3 and appendix A: the Common Name is not looked at.
        return " Clients look at those only, not at its Common Name." if has_it else ""
    parent = name.value.partition(".")[2]
    for entry in certificate.dns_names:
        plain = entry.lower()
        if not entry.isascii() and pattern_matches(entry, name):
            return f" Clients look for {name.value}, not for {entry} in its own letters."
        if plain.rstrip(".") == name.value:
            return " With a dot at its end clients take it for another name."
        if "*" in plain and f".{name.value}".endswith(plain.rpartition("*")[2]):
            return (
                " A wildcard stands for exactly one whole label, the first, with two more at "
                "least behind it."
            )
        if plain == name.value.partition(".")[0] and parent:
            return f" {entry} is the short host name only."
    return ""


def _cn_lacks_name(case: Case) -> str | None:
    name = case.requirement.names[0]
    # RFC 5280 appendix A.1 allows a Common Name 64 characters, so a longer name cannot be there.
    if len(name.value) > _LONGEST_COMMON_NAME:
        return None
    common_names = case.certificate.common_names
    if _is_common_name(case.certificate, name):
        return None
    if not common_names:
        return f"It has no Common Name, and {name.display} should be there."
    return f"Its Common Name is {listed(common_names)}, not {name.display}."


def _is_common_name(certificate: Certificate, name: ServerName) -> bool:
    return any(pattern_matches(common_name, name) for common_name in certificate.common_names)


def _cn_not_in_san(case: Case) -> str | None:
    certificate = case.certificate
    # Silent where the Common Name, or the name, is objected to already.
    if case.lacking_names or not _is_common_name(certificate, case.requirement.names[0]):
        return None
    entries = {entry.lower() for entry in certificate.names}
    absent = tuple(
        text
        for text in certificate.common_names
        if text.lower() not in entries and not _is_covered_or_no_name(certificate, text)
    )
    if not absent:
        return None
    return f"Its Common Name has {listed(absent)}, which its Subject Alternative Name lacks."


def _is_covered_or_no_name(certificate: Certificate, text: str) -> bool:
    try:
        name = parse_server_name(text.removeprefix("*."))
    except CertwrightError:
        return True
    if name.kind is NameKind.DNS and "." not in name.value:
        return True  # may be any word
    return not text.startswith("*.") and certificate.covers(name)


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

CN_NOT_IN_SAN = Rule(
    code="cn-not-in-san",
    family=Family.NAMES,
    title="A name in the Common Name is in the Subject Alternative Name too",
    severities=WARNING_EVERYWHERE,
    reference="RFC 9525 section 2; CA/Browser Forum Baseline Requirements section 7.1.4.3",
    remedy="If clients use that name, get a certificate whose Subject Alternative Name contains "
    "it: no client looks at the Common Name any more.",
    judge=_cn_not_in_san,
)
