"""The extensions that the standards define, in words: RFC 5280, 6962, 7633."""

from collections.abc import Iterable, Iterator
from functools import singledispatch

from cryptography import x509
from cryptography.x509.certificate_transparency import SignedCertificateTimestamp

from certwright.x509.details_names import directory_name, general_name, general_names, lines
from certwright.x509.details_purpose import purpose
from certwright.x509.object_identifiers import named_object_identifier
from certwright.x509.text import printable

Fields = Iterator[tuple[str, str]]

_KEY_USAGES = (
    ("digital_signature", "Digital signature"),
    ("content_commitment", "Content commitment (non-repudiation)"),
    ("key_encipherment", "Key encipherment"),
    ("data_encipherment", "Data encipherment"),
    ("key_agreement", "Key agreement"),
    ("key_cert_sign", "Certificate signing"),
    ("crl_sign", "Revocation list signing"),
)
_ACCESS_METHODS = {
    "1.3.6.1.5.5.7.48.1": "OCSP",
    "1.3.6.1.5.5.7.48.2": "Issuer's certificate",
    "1.3.6.1.5.5.7.48.3": "Time stamping",
    "1.3.6.1.5.5.7.48.5": "Repository",
}
_TLS_FEATURES = {
    x509.TLSFeatureType.status_request: "status_request (OCSP must be stapled)",
    x509.TLSFeatureType.status_request_v2: "status_request_v2 (OCSP must be stapled)",
}
_REASONS = {
    x509.ReasonFlags.unspecified: "unspecified",
    x509.ReasonFlags.key_compromise: "key compromise",
    x509.ReasonFlags.ca_compromise: "CA compromise",
    x509.ReasonFlags.affiliation_changed: "affiliation changed",
    x509.ReasonFlags.superseded: "superseded",
    x509.ReasonFlags.cessation_of_operation: "cessation of operation",
    x509.ReasonFlags.certificate_hold: "certificate hold",
    x509.ReasonFlags.privilege_withdrawn: "privilege withdrawn",
    x509.ReasonFlags.aa_compromise: "attribute authority compromise",
    x509.ReasonFlags.remove_from_crl: "remove from the list",
}
_MOST_TIMESTAMPS = 20
_MOST_POLICIES = 50


@singledispatch
def extension_fields(_value: x509.ExtensionType) -> Fields:
    """Label and value of each part of a decoded extension; nothing for a kind not known here."""
    yield from ()


@extension_fields.register
def _(value: x509.SubjectAlternativeName) -> Fields:
    yield "Names", general_names(value)


@extension_fields.register
def _(value: x509.IssuerAlternativeName) -> Fields:
    yield "Names", general_names(value)


@extension_fields.register
def _(value: x509.KeyUsage) -> Fields:
    usages = [label for attribute, label in _KEY_USAGES if getattr(value, attribute)]
    # RFC 5280 4.2.1.3: encipherOnly and decipherOnly mean something only beside keyAgreement.
    if value.key_agreement and value.encipher_only:
        usages.append("Only to encipher")
    if value.key_agreement and value.decipher_only:
        usages.append("Only to decipher")
    yield "The key may be used for", lines(usages) or "nothing"


@extension_fields.register
def _(value: x509.ExtendedKeyUsage) -> Fields:
    yield "Good for", lines(purpose(usage.dotted_string) for usage in value) or "nothing"


@extension_fields.register
def _(value: x509.BasicConstraints) -> Fields:
    yield "Authority", "Yes, it may issue certificates" if value.ca else "No"
    if value.ca:
        deepest = value.path_length
        yield "Authorities below it", "any number" if deepest is None else f"{deepest} at most"


@extension_fields.register
def _(value: x509.SubjectKeyIdentifier) -> Fields:
    yield "Key identifier", value.digest.hex() or "empty"


@extension_fields.register
def _(value: x509.AuthorityKeyIdentifier) -> Fields:
    if value.key_identifier is not None:
        yield "Key identifier", value.key_identifier.hex() or "empty"
    if value.authority_cert_issuer is not None:
        yield "Issuer of the issuer", general_names(value.authority_cert_issuer)
    if value.authority_cert_serial_number is not None:
        yield "Serial number of the issuer", f"{value.authority_cert_serial_number:x}"


@extension_fields.register
def _(value: x509.CRLDistributionPoints) -> Fields:
    yield "Revocation lists", lines(_distribution_point(point) for point in value)


@extension_fields.register
def _(value: x509.FreshestCRL) -> Fields:
    yield "Delta revocation lists", lines(_distribution_point(point) for point in value)


@extension_fields.register
def _(value: x509.AuthorityInformationAccess) -> Fields:
    yield from _access(value)


@extension_fields.register
def _(value: x509.SubjectInformationAccess) -> Fields:
    yield from _access(value)


@extension_fields.register
def _(value: x509.CertificatePolicies) -> Fields:
    policies = list(value)
    for policy in policies[:_MOST_POLICIES]:
        told = [named_object_identifier(policy.policy_identifier.dotted_string)]
        told.extend(map(_qualifier, policy.policy_qualifiers or ()))
        yield "Policy", lines(told)
    if len(policies) > _MOST_POLICIES:
        yield "Policies", f"and {len(policies) - _MOST_POLICIES} more"


@extension_fields.register
def _(value: x509.PolicyConstraints) -> Fields:
    if value.require_explicit_policy is not None:
        yield "Explicit policy needed after", f"{value.require_explicit_policy} certificates"
    if value.inhibit_policy_mapping is not None:
        yield "No policy mapping after", f"{value.inhibit_policy_mapping} certificates"


@extension_fields.register
def _(value: x509.InhibitAnyPolicy) -> Fields:
    yield "anyPolicy ends after", f"{value.skip_certs} certificates"


@extension_fields.register
def _(value: x509.NameConstraints) -> Fields:
    if value.permitted_subtrees is not None:
        yield "Permitted", lines(map(_subtree, value.permitted_subtrees))
    if value.excluded_subtrees is not None:
        yield "Excluded", lines(map(_subtree, value.excluded_subtrees))


@extension_fields.register
def _(value: x509.PrivateKeyUsagePeriod) -> Fields:
    if value.not_before is not None:
        yield "The key signs from", f"{value.not_before:%Y-%m-%d %H:%M:%S} UTC"
    if value.not_after is not None:
        yield "The key signs until", f"{value.not_after:%Y-%m-%d %H:%M:%S} UTC"


@extension_fields.register
def _(value: x509.PrecertificateSignedCertificateTimestamps) -> Fields:
    yield from _timestamps(value)


@extension_fields.register
def _(value: x509.SignedCertificateTimestamps) -> Fields:
    yield from _timestamps(value)


@extension_fields.register
def _(_value: x509.PrecertPoison) -> Fields:
    yield "Meaning", "A precertificate: no client may accept it (RFC 6962 3.1)"


@extension_fields.register
def _(_value: x509.OCSPNoCheck) -> Fields:
    yield "Meaning", "The revocation of this OCSP responder's certificate is not to be checked"


@extension_fields.register
def _(value: x509.TLSFeature) -> Fields:
    yield "The server must offer", lines(_TLS_FEATURES.get(f, str(f.value)) for f in value)


@extension_fields.register
def _(value: x509.MSCertificateTemplate) -> Fields:
    yield "Template", named_object_identifier(value.template_id.dotted_string)
    if value.major_version is not None:
        yield "Version", f"{value.major_version}.{value.minor_version or 0}"


@extension_fields.register
def _(value: x509.Admissions) -> Fields:
    if value.authority is not None:
        yield "Authority", general_name(value.authority)
    yield (
        "Professions",
        lines(
            printable(item)
            for admission in value
            for info in admission.profession_infos
            for item in info.profession_items
        ),
    )


def _distribution_point(point: x509.DistributionPoint) -> str:
    told = [general_name(name) for name in point.full_name or ()]
    if point.relative_name is not None:
        told.append(f"Relative name: {printable(point.relative_name.rfc4514_string())}")
    if point.crl_issuer:
        told.append("Issued by " + ", ".join(map(general_name, point.crl_issuer)))
    if point.reasons:
        told.append("Reasons: " + ", ".join(sorted(_REASONS[reason] for reason in point.reasons)))
    return ", ".join(told) or "empty"


def _access(descriptions: Iterable[x509.AccessDescription]) -> Fields:
    by_method: dict[str, list[str]] = {}
    for description in descriptions:
        dotted = description.access_method.dotted_string
        label = _ACCESS_METHODS.get(dotted) or named_object_identifier(dotted)
        by_method.setdefault(label, []).append(general_name(description.access_location))
    for label, locations in by_method.items():
        yield label, lines(locations)


def _qualifier(qualifier: str | x509.UserNotice) -> str:
    if isinstance(qualifier, str):
        return f"Practice statement: {printable(qualifier)}"
    told = [printable(qualifier.explicit_text)] if qualifier.explicit_text else []
    if (reference := qualifier.notice_reference) is not None:
        numbers = ", ".join(map(str, reference.notice_numbers[:_MOST_POLICIES]))
        told.append(f"{printable(reference.organization or '')} {numbers}".strip())
    return "Notice: " + ("; ".join(told) or "empty")


def _subtree(name: x509.GeneralName) -> str:
    # RFC 5280 4.2.1.10: an empty DNS name or directory name stands for all of its kind.
    if isinstance(name, x509.DirectoryName):
        return f"Directory name: {directory_name(name.value).replace('empty', 'all')}"
    shown = general_name(name)
    return f"{shown}all" if shown.endswith(": ") else shown


def _timestamps(timestamps: Iterable[SignedCertificateTimestamp]) -> Fields:
    listed = list(timestamps)
    for number, timestamp in enumerate(listed[:_MOST_TIMESTAMPS], 1):
        algorithm = timestamp.signature_algorithm.name.lower()
        hash_name = timestamp.signature_hash_algorithm.name
        yield (
            f"Timestamp {number}",
            lines(
                (
                    f"{timestamp.timestamp:%Y-%m-%d %H:%M:%S} UTC",
                    f"Log {timestamp.log_id.hex()}",
                    f"Version {timestamp.version.name}, {algorithm} with {hash_name}",
                )
            ),
        )
    if len(listed) > _MOST_TIMESTAMPS:
        yield "Timestamps", f"and {len(listed) - _MOST_TIMESTAMPS} more"
