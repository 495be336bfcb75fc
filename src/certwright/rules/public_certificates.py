"""What the CA/Browser Forum's rules say of a public certificate, by pkilint.

These are duties of the authority that issued it. A certificate that breaks one works all the
same, until the authority notices and has to take it back; so nothing here is an error.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from threading import Lock
from typing import Any

from certwright.rules.family import Family
from certwright.rules.finding import Finding, Severity
from certwright.x509.certificate import Certificate
from certwright.x509.text import day, listed, printable

_CODE = re.compile(r"(cabf|pkix|itu|iso|msft|etsi)-[a-z0-9-]+")
_OWN_CODES = frozenset({"cabf-older-rules", "cabf-advised-against", "cabf-not-linted"})
_LARGEST_CERTIFICATE = 32 * 1024
"""Bytes: the linter's time grows with the size, and real ones have two or three thousand."""
_IN_FORCE = datetime(2023, 9, 15, tzinfo=UTC)
"""Ballot SC-062v2: the profiles that pkilint holds certificates against, for those issued since."""
_LONGEST_MESSAGE = 160
_REFERENCE = "CA/Browser Forum TLS Baseline Requirements section 7.1"
_REMEDY = (
    "Tell the authority that issued it, and have a replacement ready: it has to take back a "
    "certificate that breaks these rules within five days (section 4.9.1.1)."
)
_FAMILIES = (
    ("validity|date|time", Family.TIME),
    ("signature_algorithm|signature", Family.SIGNATURES),
    ("rsa|ecdsa|public_key|spki|modulus|exponent|curve", Family.KEYS),
    ("crldp|crl_|ocsp|revocation", Family.REVOCATION),
    ("authority_key|authority_info|aia", Family.CHAIN),
    ("key_usage|keyusage|_ku_|digitalsignature|eku|basic_constraints", Family.USAGE),
    ("name|attribute|domain|altname|san|wildcard|rdn|country|ip_address", Family.NAMES),
)
_NO_FAULT = re.compile(
    # The product that this certificate is for demands the Common Name.
    r"common_name_attribute_present$|"
    # Said by our own rules, and more plainly.
    r"validity_period_exceeds|subject_altname_extension_absent|serverauth_eku_absent|"
    r"internal_domain_name|internal_ip_address|"
    r"\.rsa_(key|modulus)_.*(size|length)|prohibited_signature_algorithm"
)
_WORDS = {
    "aia": "authority information access",
    "crldp": "revocation list's address",
    "eku": "extended key usage",
    "oid": "identifier",
    "san": "subject alternative name",
    "altname": "alternative name",
    "rdn": "name part",
}
_lint = Lock()


@dataclass(frozen=True)
class _Fault:
    """One thing that the linter says: its code as it has it, its severity's name, its words."""

    code: str
    severity: str
    message: str


def is_lint_code(text: str) -> bool:
    """Whether `text` is a code that `lint_public_certificate` may give."""
    # The form first: the linter is slow to say which codes it has, and few ask for one.
    return _CODE.fullmatch(text) is not None and text in _lint_codes()


def family_of(code: str) -> Family:
    """The family under which a code of `lint_public_certificate` is chosen or ignored."""
    bare = code.replace("-", "_")
    return next((f for words, f in _FAMILIES if re.search(words, bare)), Family.ENVIRONMENT)


def lint_public_certificate(certificate: Certificate) -> tuple[Finding, ...]:
    """What pkilint finds in a server's certificate from a public authority.

    What breaks a rule is a warning each; what is only advised against is one notice together, and
    so is everything in a certificate that is older than these rules. A certificate that the
    linter cannot take is a notice too.
    """
    if certificate.is_authority or certificate.is_self_issued:
        return ()
    if len(certificate.der) > _LARGEST_CERTIFICATE:
        return (_not_linted("it is too large"),)
    try:
        with _lint:  # nothing says that the linter may be used by several threads at once
            faults = _merged(_faults(certificate.der))
    except Exception as error:  # noqa: BLE001 - another project's code, on bytes made by anybody
        return (_not_linted(f"the linter could not read it ({type(error).__name__})"),)
    return tuple(_findings(certificate, faults))


def _findings(certificate: Certificate, faults: tuple[_Fault, ...]) -> Iterator[Finding]:
    broken = [fault for fault in faults if fault.severity in ("FATAL", "ERROR")]
    advised = tuple(_words(fault) for fault in faults if fault.severity == "WARNING")
    if certificate.not_before < _IN_FORCE:
        if broken:
            yield _notice(
                "cabf-older-rules",
                f"It was issued on {day(certificate.not_before)}, before today's rules for public "
                "certificates; one issued now would break some with: "
                f"{listed(tuple(map(_words, broken)))}.",
                "Nothing has to be done about this one; its successor will follow today's rules.",
            )
        return
    for fault in broken:
        yield Finding(
            code=_public_code(fault.code),
            severity=Severity.WARNING,
            message=f"It breaks a rule for public certificates: {_words(fault)}.",
            remedy=_REMEDY,
            reference=f"{_REFERENCE} (pkilint {fault.code})",
        )
    if advised:
        yield _notice(
            "cabf-advised-against",
            f"The rules for public certificates advise against some of it: {listed(advised)}.",
            "Nothing has to be done: it is the authority's choice, and allowed.",
        )


def _notice(code: str, message: str, remedy: str) -> Finding:
    return Finding(code, Severity.NOTICE, message, remedy, f"{_REFERENCE} (pkilint)")


def _not_linted(reason: str) -> Finding:
    return _notice(
        "cabf-not-linted",
        f"It was not held against the CA/Browser Forum's rules: {reason}.",
        "All other rules were applied. If it is a real certificate, report this together with it.",
    )


def _public_code(code: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", code.lower()).strip("-")


def _words(fault: _Fault) -> str:
    if fault.message:
        text = printable(fault.message, _LONGEST_MESSAGE).rstrip(".")
        return text[:1].lower() + text[1:]
    tail = fault.code.rpartition(".")[2].split("_")
    return " ".join(_WORDS.get(word, word) for word in tail)


def _merged(faults: Iterable[_Fault]) -> tuple[_Fault, ...]:
    """One for each code, with all that was said of it."""
    by_code: dict[str, list[_Fault]] = {}
    for fault in faults:
        if not _NO_FAULT.search(fault.code):
            by_code.setdefault(fault.code, []).append(fault)
    return tuple(
        _Fault(code, same[0].severity, "; ".join(dict.fromkeys(f.message for f in same)))
        for code, same in by_code.items()
    )


def _faults(der: bytes) -> list[_Fault]:
    # Imported here, as they take half a second and are for public certificates alone.
    from pkilint import finding_filter, loader  # type: ignore[import-untyped]
    from pkilint.cabf import serverauth  # type: ignore[import-untyped]

    document = loader.load_der_certificate(der, "certificate")
    kind = serverauth.determine_certificate_type(document)
    results = _validator(kind).validate(document.root)
    filters = serverauth.create_serverauth_finding_filters(kind)
    kept, _ = finding_filter.filter_results(filters, results)
    return [
        _Fault(told.finding.code, told.finding.severity.name, told.message or "")
        for result in kept
        for told in result.finding_descriptions
    ]


@cache
def _lint_codes() -> frozenset[str]:
    from pkilint import report
    from pkilint.cabf.serverauth.serverauth_constants import (  # type: ignore[import-untyped]
        CertificateType,
    )

    with _lint:
        servers = [kind for kind in CertificateType if kind.name.endswith("FINAL_CERTIFICATE")]
        findings = report.get_included_validations(*map(_validator, servers))
    return frozenset(_public_code(finding.code) for finding in findings) | _OWN_CODES


@cache
def _validator(kind: int) -> Any:
    """What checks a `CertificateType` of pkilint's; making it takes far longer than using it."""
    from pkilint.cabf import serverauth
    from pkilint.pkix.certificate import (  # type: ignore[import-untyped]
        create_pkix_certificate_validator_container,
    )

    return create_pkix_certificate_validator_container(
        serverauth.create_decoding_validators(), serverauth.create_validators(kind)
    )
