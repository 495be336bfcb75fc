"""Reading the revocation list (RFC 5280 section 5) of somebody else's authority.

A list is believed only if it is the issuer's own, complete, fresh, and for this very certificate;
whatever else is in doubt, the state is not known, which is better than a wrong "good".
"""

from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import CRLEntryExtensionOID, ExtensionOID

from certwright.x509.certificate import PARSER_ERRORS, Certificate, reading_oddities
from certwright.x509.revocation_answer import (
    RevocationAnswer,
    RevocationState,
    UnusableAnswer,
    distribution_point_names,
    reason_name,
    require_fresh,
)

_PEM = b"-----BEGIN X509 CRL-----"
_KNOWN_IN_LIST = frozenset(
    {
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.CRL_NUMBER,
        ExtensionOID.ISSUING_DISTRIBUTION_POINT,
        ExtensionOID.DELTA_CRL_INDICATOR,
        ExtensionOID.FRESHEST_CRL,
        ExtensionOID.ISSUER_ALTERNATIVE_NAME,
        ExtensionOID.AUTHORITY_INFORMATION_ACCESS,
    }
)
_KNOWN_IN_ENTRY = frozenset({CRLEntryExtensionOID.CRL_REASON, CRLEntryExtensionOID.INVALIDITY_DATE})
_DELTA_NOTE = "Its authority also publishes changes in between (delta lists), which were not asked."


def judge_revocation_list(
    data: bytes, certificate: Certificate, issuer: Certificate, at: datetime
) -> RevocationAnswer:
    """What the list `data` (DER, or PEM) of `issuer` says of `certificate` at `at`.

    Raises `UnusableAnswer`.
    """
    try:
        with reading_oddities():
            return _judge(_read(data), certificate, issuer, at)
    except PARSER_ERRORS:
        raise UnusableAnswer("What came is no revocation list, or a damaged one.") from None


def _read(data: bytes) -> x509.CertificateRevocationList:
    if data.lstrip().startswith(_PEM):
        return x509.load_pem_x509_crl(data)
    return x509.load_der_x509_crl(data)


def _judge(
    found: x509.CertificateRevocationList,
    certificate: Certificate,
    issuer: Certificate,
    at: datetime,
) -> RevocationAnswer:
    _require_issuer(found, issuer)
    _require_scope(found, certificate)
    next_update = found.next_update_utc
    if next_update is None:  # RFC 5280 5.1.2.5: "Conforming CRL issuers MUST include" it
        raise UnusableAnswer("The revocation list does not say until when it is good.")
    require_fresh("The revocation list", found.last_update_utc, next_update, at)
    note = _DELTA_NOTE if _has(found.extensions, x509.FreshestCRL) else ""
    serial = certificate.cryptography.serial_number
    entry = found.get_revoked_certificate_by_serial_number(serial)
    if entry is None:
        return RevocationAnswer(RevocationState.GOOD, next_update=next_update, note=note)
    # RFC 5280 5.3: an entry's critical extension that is not known (such as certificateIssuer,
    # with which it is another authority's) makes the whole list unusable.
    if any(e.critical and e.oid not in _KNOWN_IN_ENTRY for e in entry.extensions):
        raise UnusableAnswer("The revocation list has an entry with a demand not known here.")
    return RevocationAnswer(
        RevocationState.REVOKED, _reason(entry), entry.revocation_date_utc, next_update, note
    )


def _require_issuer(found: x509.CertificateRevocationList, issuer: Certificate) -> None:
    if found.issuer != issuer.cryptography.subject:
        raise UnusableAnswer("The revocation list is another authority's.")
    # RFC 5280 6.3.3 (f): "If a key usage extension is present in the CRL issuer's certificate,
    # verify that the cRLSign bit is set."
    usage = issuer.key_usage
    if usage is not None and not usage.crl_sign:
        raise UnusableAnswer(f"{issuer.short_name} may not sign revocation lists.")
    if not found.is_signature_valid(issuer.public_key):
        raise UnusableAnswer(f"The revocation list is not signed with {issuer.short_name}'s key.")


def _require_scope(found: x509.CertificateRevocationList, certificate: Certificate) -> None:
    """RFC 5280 5.2 and 6.3.3 (b): does the list speak of certificates such as this at all?"""
    extensions = found.extensions
    if _has(extensions, x509.DeltaCRLIndicator):
        raise UnusableAnswer("What came is only the changes to a revocation list (a delta list).")
    if any(e.critical and e.oid not in _KNOWN_IN_LIST for e in extensions):
        raise UnusableAnswer("The revocation list has a demand that is not known here.")
    if not _has(extensions, x509.IssuingDistributionPoint):
        return
    point = extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
    if point.indirect_crl:
        raise UnusableAnswer("The revocation list speaks for other authorities (an indirect list).")
    if point.only_some_reasons or point.only_contains_attribute_certs or point.relative_name:
        raise UnusableAnswer("The revocation list covers only a part of all reasons.")
    other_kind = (
        point.only_contains_user_certs if certificate.is_authority else point.only_contains_ca_certs
    )
    names = {
        n.value for n in point.full_name or () if isinstance(n, x509.UniformResourceIdentifier)
    }
    # RFC 5280 6.3.3 (b)(2)(i): one of its names must be one of the certificate's: authorities
    # that split their list would else let a stranger hand out the part without the entry.
    if other_kind or (names and names.isdisjoint(distribution_point_names(certificate))):
        raise UnusableAnswer("The revocation list is for other certificates of this authority.")


def _has(extensions: x509.Extensions, kind: type[x509.ExtensionType]) -> bool:
    return any(extension.oid == kind.oid for extension in extensions)


def _reason(entry: x509.RevokedCertificate) -> str | None:
    try:
        return reason_name(entry.extensions.get_extension_for_class(x509.CRLReason).value.reason)
    except x509.ExtensionNotFound:
        return None
