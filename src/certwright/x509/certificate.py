"""One certificate, read once and safely: the file may come from anybody."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from hashlib import sha1, sha256
from threading import RLock
from typing import Self, TypeVar

from cryptography import x509
from cryptography.exceptions import InternalError, InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PSS, PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    NameOID,
    PublicKeyAlgorithmOID,
)

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.keys import PublicKey, describe_key
from certwright.x509.names import NameKind, ServerName, pattern_matches
from certwright.x509.text import printable

PARSER_ERRORS = (
    ValueError,
    TypeError,
    OverflowError,
    LookupError,
    UnsupportedAlgorithm,
    InternalError,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What the parser raises, at the first look or at a later one, on bytes made to hurt."""

_Extension = TypeVar("_Extension", bound=x509.ExtensionType)

_LONGEST_SHORT_NAME = 64

_filters = RLock()  # taken again for a certificate within an answer


@contextmanager
def reading_oddities() -> Iterator[None]:
    """Let the parser read odd certificates in silence: what to think of them, the rules say."""
    with _filters, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@dataclass(frozen=True, eq=False)
class Certificate:
    """An X.509 certificate whose every attribute can be read without an error.

    Two are equal if their bytes are. Text taken from it is safe to show. An extension that does
    not parse counts, with all the others, as absent: `extensions_are_readable` tells.
    """

    cryptography: x509.Certificate
    der: bytes
    public_key: PublicKey
    not_before: datetime
    not_after: datetime
    serial: str
    """The serial number in lower-case hex, with a minus sign if an odd one is negative."""
    subject: str
    issuer: str
    _extensions: x509.Extensions | None

    @classmethod
    def from_der(cls, der: bytes) -> Self:
        """Read exactly one certificate in DER; raises UNREADABLE_CERTIFICATE."""
        try:
            with reading_oddities():
                certificate = x509.load_der_x509_certificate(der)
        except PARSER_ERRORS:
            raise _unreadable() from None
        return cls.from_cryptography(certificate)

    @classmethod
    def from_cryptography(cls, certificate: x509.Certificate) -> Self:
        """Take over a certificate of the library's; raises UNREADABLE_CERTIFICATE."""
        try:
            with reading_oddities():
                public_key = certificate.public_key()
                if not isinstance(public_key, PublicKey):
                    raise _unreadable()
                return cls(
                    cryptography=certificate,
                    der=certificate.public_bytes(Encoding.DER),
                    public_key=public_key,
                    not_before=certificate.not_valid_before_utc,
                    not_after=certificate.not_valid_after_utc,
                    serial=f"{certificate.serial_number:x}",
                    subject=printable(certificate.subject.rfc4514_string()),
                    issuer=printable(certificate.issuer.rfc4514_string()),
                    _extensions=_read_extensions(certificate),
                )
        except PARSER_ERRORS:
            raise _unreadable() from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Certificate) and self.der == other.der

    def __hash__(self) -> int:
        return hash(self.der)

    def __repr__(self) -> str:
        return f"<Certificate {self.subject} {self.fingerprint[:16]}>"

    @cached_property
    def pem(self) -> str:
        """The certificate in PEM, with a newline at its end."""
        return self.cryptography.public_bytes(Encoding.PEM).decode("ascii")

    @cached_property
    def fingerprint(self) -> str:
        """Lower-case hex SHA-256 of the DER: what identifies it."""
        return sha256(self.der).hexdigest()

    @cached_property
    def thumbprint(self) -> str:
        """Lower-case hex SHA-1 of the DER: what Windows shows. Not for comparing."""
        return sha1(self.der, usedforsecurity=False).hexdigest()

    @cached_property
    def common_names(self) -> tuple[str, ...]:
        """Every Common Name of the subject, in order."""
        return _attributes(self.cryptography.subject, NameOID.COMMON_NAME)

    @property
    def common_name(self) -> str:
        """The first Common Name, or ""."""
        return self.common_names[0] if self.common_names else ""

    @property
    def short_name(self) -> str:
        """What a sentence calls it: its Common Name, else its subject; never a long one."""
        return printable(self.common_name or self.subject or "a certificate", _LONGEST_SHORT_NAME)

    @property
    def name_on_record(self) -> str:
        """What the record of events calls it: several may have the same name."""
        return f"{self.short_name} (thumbprint {self.thumbprint[:8]})"

    @cached_property
    def issuer_name(self) -> str:
        """What a person calls the issuer: its Common Name, else its organisation, else all."""
        issuer = self.cryptography.issuer
        for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
            if names := _attributes(issuer, kind):
                return names[0]
        return self.issuer or "an authority without a name"

    @cached_property
    def dns_names(self) -> tuple[str, ...]:
        """The dNSName entries of the Subject Alternative Name, as they stand there."""
        return tuple(
            printable(n.value) for n in self._alternatives() if isinstance(n, x509.DNSName)
        )

    @cached_property
    def ip_addresses(self) -> tuple[str, ...]:
        """The iPAddress entries of the Subject Alternative Name."""
        return tuple(str(n.value) for n in self._alternatives() if isinstance(n, x509.IPAddress))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """DNS names and IP addresses of the Subject Alternative Name, in order."""
        return tuple(
            printable(str(name.value))
            for name in self._alternatives()
            if isinstance(name, x509.DNSName | x509.IPAddress)
        )

    @property
    def kinds_of_names(self) -> frozenset[type[x509.GeneralName]]:
        """The kinds of names it has in its Subject Alternative Name, or as its subject."""
        kinds: set[type[x509.GeneralName]] = {type(name) for name in self._alternatives()}
        if self.cryptography.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS):
            kinds.add(x509.RFC822Name)  # RFC 5280 4.2.1.10: an address there counts as well
        return frozenset(kinds | {x509.DirectoryName})

    @property
    def directory_names(self) -> tuple[x509.Name, ...]:
        """Its subject, if that is not empty, and the directoryName entries beside it."""
        subject = self.cryptography.subject
        others = (n.value for n in self._alternatives() if isinstance(n, x509.DirectoryName))
        return (*((subject,) if subject.rdns else ()), *others)

    def covers(self, name: ServerName) -> bool:
        """Whether the Subject Alternative Name has an entry for `name`, of its own kind."""
        if name.kind is NameKind.IP:
            return any(pattern_matches(entry, name) for entry in self.ip_addresses)
        # RFC 5280 7.2: a dNSName is in A-labels; its own letters there match nothing.
        return any(entry.isascii() and pattern_matches(entry, name) for entry in self.dns_names)

    @cached_property
    def is_authority(self) -> bool:
        """Whether it says that its key may sign certificates (basicConstraints cA)."""
        constraints = self._extension(x509.BasicConstraints)
        return constraints is not None and constraints.ca

    @cached_property
    def is_self_issued(self) -> bool:
        """Whether subject and issuer are the same name (RFC 5280 3.2)."""
        return self.cryptography.subject == self.cryptography.issuer

    @cached_property
    def is_self_signed(self) -> bool:
        """Whether its signature really is its own key's."""
        return is_signed_by(self, self)

    @cached_property
    def key_fingerprint(self) -> str:
        """Lower-case hex SHA-256 of the SubjectPublicKeyInfo, as the certificate holds it."""
        return sha256(
            self.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        ).hexdigest()

    @property
    def key_description(self) -> str:
        """The key as a person says it: "ECDSA P-256"."""
        return describe_key(self.public_key)

    @cached_property
    def extended_key_usages(self) -> tuple[str, ...] | None:
        """The purposes as dotted numbers; None when it names none, so is good for all."""
        usages = self._extension(x509.ExtendedKeyUsage)
        return None if usages is None else tuple(usage.dotted_string for usage in usages)

    @property
    def key_usage(self) -> x509.KeyUsage | None:
        """What the key may do; None when it does not say."""
        return self._extension(x509.KeyUsage)

    @cached_property
    def subject_key_identifier(self) -> str | None:
        """Lower-case hex, or None."""
        identifier = self._extension(x509.SubjectKeyIdentifier)
        return None if identifier is None else identifier.digest.hex()

    @cached_property
    def authority_key_identifier(self) -> str | None:
        """The issuer's key identifier in lower-case hex, or None."""
        identifier = self._extension(x509.AuthorityKeyIdentifier)
        if identifier is None or identifier.key_identifier is None:
            return None
        return identifier.key_identifier.hex()

    @cached_property
    def issuer_addresses(self) -> tuple[str, ...]:
        """Where it says its issuer's certificate can be had (RFC 5280 4.2.2.1), as it says it.

        URLs of any scheme, whoever wrote them.
        """
        access = self._extension(x509.AuthorityInformationAccess)
        return tuple(
            printable(description.access_location.value)
            for description in access or ()
            if description.access_method == AuthorityInformationAccessOID.CA_ISSUERS
            and isinstance(description.access_location, x509.UniformResourceIdentifier)
        )

    @cached_property
    def signature_algorithm(self) -> str:
        """As the standards name it, such as "ecdsa-with-SHA256"; dotted numbers if unknown."""
        identifier = self.cryptography.signature_algorithm_oid
        name = identifier._name
        return identifier.dotted_string if name == "Unknown OID" else name

    @cached_property
    def signature_digest(self) -> str:
        """The digest that was signed: "sha256"; "" where the algorithm has none of its own."""
        try:
            algorithm = self.cryptography.signature_hash_algorithm
        except PARSER_ERRORS:  # unknown ones, and ValueError for damaged RSASSA-PSS parameters
            return ""
        return "" if algorithm is None else algorithm.name

    @cached_property
    def has_pss_key(self) -> bool:
        """Whether its key is an RSA key for PSS signatures only (RFC 4055 1.2)."""
        return self.cryptography.public_key_algorithm_oid == PublicKeyAlgorithmOID.RSASSA_PSS

    @property
    def path_length(self) -> int | None:
        """How many authorities may stand below it; None where that is not limited."""
        constraints = self._extension(x509.BasicConstraints)
        return None if constraints is None else constraints.path_length

    @property
    def name_constraints(self) -> x509.NameConstraints | None:
        """The names it may issue for; None where they are not limited."""
        return self._extension(x509.NameConstraints)

    @property
    def demands_stapling(self) -> bool:
        """Whether clients are to refuse it without an OCSP answer beside it (RFC 7633)."""
        features = self._extension(x509.TLSFeature)
        return features is not None and x509.TLSFeatureType.status_request in features

    @cached_property
    def critical_extensions(self) -> tuple[x509.ObjectIdentifier, ...]:
        """The extensions that whoever does not know them must refuse it for."""
        return tuple(one.oid for one in self._extensions or () if one.critical)

    @property
    def extensions_are_readable(self) -> bool:
        """False if one extension does not parse, or stands there twice."""
        return self._extensions is not None

    def _alternatives(self) -> tuple[x509.GeneralName, ...]:
        alternatives = self._extension(x509.SubjectAlternativeName)
        return () if alternatives is None else tuple(alternatives)

    def _extension(self, kind: type[_Extension]) -> _Extension | None:
        value = self._extension_values.get(kind.oid)
        return value if isinstance(value, kind) else None

    @cached_property
    def _extension_values(self) -> dict[x509.ObjectIdentifier, x509.ExtensionType]:
        return {one.oid: one.value for one in self._extensions or ()}


@lru_cache(maxsize=256)
def is_signed_by(certificate: Certificate, issuer: Certificate) -> bool:
    """Whether `issuer` has the issuer's name and its key made the signature.

    Tells who made it, however weak the algorithm: says nothing on whether clients accept the
    signature, nor on whether `issuer` may sign certificates at all.
    """
    if certificate.cryptography.issuer != issuer.cryptography.subject:
        return False
    try:
        _verify_signature(certificate.cryptography, issuer.public_key)
    except (*PARSER_ERRORS, InvalidSignature):
        return False
    return True


def _verify_signature(certificate: x509.Certificate, key: PublicKey) -> None:
    signature, signed = certificate.signature, certificate.tbs_certificate_bytes
    if isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        key.verify(signature, signed)
        return
    scheme = certificate.signature_algorithm_parameters
    algorithm = certificate.signature_hash_algorithm
    if isinstance(key, rsa.RSAPublicKey) and isinstance(scheme, PKCS1v15 | PSS) and algorithm:
        key.verify(signature, signed, scheme, algorithm)
    elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm:
        key.verify(signature, signed, ec.ECDSA(algorithm))
    else:
        raise InvalidSignature


def _read_extensions(certificate: x509.Certificate) -> x509.Extensions | None:
    try:
        return certificate.extensions
    except PARSER_ERRORS:
        return None


def _attributes(name: x509.Name, kind: x509.ObjectIdentifier) -> tuple[str, ...]:
    return tuple(
        printable(value if isinstance(value, str) else value.hex())
        for value in (attribute.value for attribute in name.get_attributes_for_oid(kind))
    )


def _unreadable() -> CertwrightError:
    return CertwrightError(
        ErrorCode.UNREADABLE_CERTIFICATE,
        "The certificate cannot be read: it is damaged, or its key is of a kind not for TLS.",
        "Export it again, as PFX, PEM or DER.",
    )
