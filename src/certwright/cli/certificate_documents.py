"""The JSON documents of certificates and of their import, as far as they are shown to people."""

from typing import NotRequired, TypedDict


class Finding(TypedDict):
    """What a rule says."""

    code: str
    severity: str
    message: str
    remedy: str


class Certificate(TypedDict):
    """A certificate in a store."""

    thumbprint: str
    fingerprint: str
    subject: str
    common_name: str
    names: list[str]
    issuer: str
    serial: str
    not_before: str
    not_after: str
    has_private_key: bool
    machine: str
    location: str
    store: str
    status: str
    key: NotRequired[str]
    """Its kind and size, such as RSA 2048."""
    friendly_name: NotRequired[str]
    archived: NotRequired[bool]
    findings: NotRequired[list[Finding]]
    """What the rules say of it for this server; only where it stands alone."""
    is_new: NotRequired[bool]
    """Only within an import, as is the next."""
    origin: NotRequired[str]


class DetailField(TypedDict):
    """One thing that stands in a certificate; `value` is its lines, `octets` are hexadecimal."""

    name: str
    value: list[str]
    octets: str | None


class SectionField(DetailField):
    """A field of the certificate, and the part of it that it belongs to."""

    section: str


class Extension(TypedDict):
    """An extension in words; `note` says why where it could not be told."""

    name: str
    object_identifier: str | None
    critical: bool
    note: str | None
    value: list[DetailField]


class Fault(TypedDict):
    """What is wrong with a link of a chain, and what to do."""

    reason: str
    remedy: str


class PathLink(TypedDict):
    """A link of a chain; an issuer that is missing has only a name."""

    name: str
    role: str
    state: str
    thumbprint: str | None
    fingerprint: str | None
    not_after: str | None
    store: str | None
    faults: list[Fault]


class CertificationPath(TypedDict):
    """Where the chain leads, root first."""

    ok: bool
    reason: str | None
    links: list[PathLink]


class EndpointVerdict(TypedDict):
    """What an endpoint does with a certificate, and whether that is right."""

    endpoint: str
    use: str
    right: bool
    findings: list[Finding]


class Asn1Element(TypedDict):
    """One element of the raw certificate; offset and length in octets."""

    name: str
    offset: int
    length: int
    value: str | None
    problem: str | None
    children: "list[Asn1Element]"


class CertificateDetails(Certificate):
    """What the certificate window shows."""

    is_issuer_only: bool
    fields: list[SectionField]
    extensions: list[Extension]
    path: CertificationPath
    endpoints: list[EndpointVerdict]
    asn1: Asn1Element


class NamedCertificate(TypedDict):
    """A certificate that is only named."""

    fingerprint: str
    subject: str
    common_name: str


class ChainVerdict(TypedDict):
    """Where a chain leads, leaf first."""

    ok: bool
    reason: str | None
    path: list[NamedCertificate]


class ImportPlan(TypedDict):
    """What an import would do, or did."""

    format: str
    entries: list[Certificate]
    root: NamedCertificate | None
    findings: list[Finding]
    chain: ChainVerdict
    notes: list[str]


class Imported(ImportPlan):
    """What became of a file."""

    certificate: Certificate
    added: bool
    private_key_added: NotRequired[bool]


class Deleted(TypedDict):
    """What is gone."""

    certificate: Certificate
    private_key_deleted: bool
