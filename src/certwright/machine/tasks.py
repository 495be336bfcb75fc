"""What a machine can be asked to do with its certificate stores, and what it answers.

Also the two unions of everything: what it can be asked to do with its services stands in
`services/tasks.py`.

Plain values, so that a task can be done in this process or by another, on this machine or a
distant one; `task_messages` writes them as JSON. Locations and store names are Windows' own
("LocalMachine", "My"); fingerprints are lower-case hex SHA-256 of the DER; times are whole seconds
since 1970 (UTC).
"""

from dataclasses import dataclass, field
from enum import StrEnum

from .services.tasks import ServiceResult, ServiceTask


class KeyProvider(StrEnum):
    """Which part of Windows keeps a private key.

    CAPI is the older one. Programs on the .NET Framework that take a certificate's `PrivateKey`
    fail on a key that CNG keeps ("Invalid provider type specified"); only CNG has keys other than
    RSA.
    """

    CAPI = "capi"
    CNG = "cng"


class KeyFormat(StrEnum):
    """How an exported private key is written."""

    RSA_BLOB = "rsa-blob"
    """PRIVATEKEYBLOB of an RSA key, not encrypted."""
    PFX = "pfx"
    """PKCS#12 with the certificate, under the password of the task."""


@dataclass(frozen=True)
class ListStores:
    """Which stores a location has. Answered by `StoreNames`."""

    location: str


@dataclass(frozen=True)
class FindCertificates:
    """What lies in a store and fits all that is given. Answered by `Certificates`.

    `thumbprint` is the beginning of a thumbprint or fingerprint; `subject` and `issuer` are parts
    of those names as Windows writes them ("CN=todd.corp.example, O=Company"), in any case.
    """

    location: str
    store: str
    thumbprint: str = ""
    subject: str = ""
    issuer: str = ""
    expires_before: int | None = None
    with_archived: bool = False


@dataclass(frozen=True)
class AddCertificate:
    """Put a certificate (DER) into a store, without a key. Answered by `Added`."""

    location: str
    store: str
    certificate: bytes
    friendly_name: str = ""


@dataclass(frozen=True)
class ImportRsaKey:
    """Put a certificate into a store with its RSA key, a PRIVATEKEYBLOB. Answered by `Added`.

    The key is persisted by CAPI in the location's key set. One that the certificate has already
    stays as it is.
    """

    location: str
    store: str
    certificate: bytes
    private_key: bytes = field(repr=False)
    friendly_name: str = ""
    exportable: bool = False


@dataclass(frozen=True)
class ImportPfx:
    """Put the certificate of a PFX file that has its key there into a store, with the key.

    Answered by `Added`. Certificates beside it are not taken: they belong into other stores.
    """

    location: str
    store: str
    pfx: bytes = field(repr=False)
    password: str = field(repr=False)
    provider: KeyProvider
    friendly_name: str = ""
    exportable: bool = False


@dataclass(frozen=True)
class ExportPrivateKey:
    """Take a private key out. Answered by `ExportedKey`; the password is for a PFX."""

    location: str
    store: str
    fingerprint: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class DeleteCertificate:
    """Remove a certificate, and its key unless another certificate uses it.

    Answered by `Deleted`.
    """

    location: str
    store: str
    fingerprint: str


@dataclass(frozen=True)
class SetFriendlyName:
    """What people call it; "" for none. Answered by `Done`."""

    location: str
    store: str
    fingerprint: str
    friendly_name: str


@dataclass(frozen=True)
class SetArchived:
    """Hide a certificate from those who list the store, or show it again. Answered by `Done`."""

    location: str
    store: str
    fingerprint: str
    archived: bool


@dataclass(frozen=True)
class ListKeyReaders:
    """Who may read a private key. Answered by `KeyReaders`."""

    location: str
    store: str
    fingerprint: str


@dataclass(frozen=True)
class GrantKeyRead:
    """Let an account read a private key. Answered by `KeyReaders`, read back afterwards.

    `account` is a SID, or a name such as "NT SERVICE\\\\XtractUniversal".
    """

    location: str
    store: str
    fingerprint: str
    account: str


@dataclass(frozen=True)
class RevokeKeyRead:
    """Take that right back. Answered by `KeyReaders`, read back afterwards."""

    location: str
    store: str
    fingerprint: str
    account: str


@dataclass(frozen=True)
class CheckKeyAccess:
    """Whether an account may read a private key, its groups counted. Answered by `KeyAccess`."""

    location: str
    store: str
    fingerprint: str
    account: str


@dataclass(frozen=True)
class WaitForChanges:
    """Wait, `seconds` at most, until a store holds other certificates than `known`.

    Answered by `Changes` (against `known`, so that nothing is missed between two calls).
    """

    location: str
    store: str
    known: tuple[str, ...]
    seconds: int


StoreTask = (
    ListStores
    | FindCertificates
    | AddCertificate
    | ImportRsaKey
    | ImportPfx
    | ExportPrivateKey
    | DeleteCertificate
    | SetFriendlyName
    | SetArchived
    | ListKeyReaders
    | GrantKeyRead
    | RevokeKeyRead
    | CheckKeyAccess
    | WaitForChanges
)
Task = StoreTask | ServiceTask


@dataclass(frozen=True)
class StoreNames:
    """The system names of the stores that a location has."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class CertificateEntry:
    """A certificate as it lies in a store."""

    certificate: bytes
    friendly_name: str
    has_private_key: bool
    archived: bool


@dataclass(frozen=True)
class Certificates:
    """What was found, in the store's own order."""

    entries: tuple[CertificateEntry, ...]


@dataclass(frozen=True)
class Added:
    """The certificate is there; `is_new` if it was not before."""

    fingerprint: str
    is_new: bool


@dataclass(frozen=True)
class ExportedKey:
    """A private key."""

    format: KeyFormat
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Deleted:
    """The certificate is gone; `key_deleted` if its private key went with it."""

    key_deleted: bool


@dataclass(frozen=True)
class Done:
    """It was done, and read back."""


@dataclass(frozen=True)
class KeyReader:
    """An account that a private key's access list names.

    `account` is "" where Windows does not know the SID. `denied` beats `reads`.
    """

    sid: str
    account: str
    reads: bool
    denied: bool


@dataclass(frozen=True)
class KeyReaders:
    """Everybody whom a private key's access list names."""

    readers: tuple[KeyReader, ...]


@dataclass(frozen=True)
class KeyAccess:
    """Whether the account with this SID may read the key, and all whom the access list names."""

    sid: str
    readable: bool
    readers: tuple[KeyReader, ...]


@dataclass(frozen=True)
class Changes:
    """Fingerprints that came and went; both empty if nothing changed in time."""

    added: tuple[str, ...]
    removed: tuple[str, ...]


StoreResult = (
    StoreNames
    | Certificates
    | Added
    | ExportedKey
    | Deleted
    | Done
    | KeyReaders
    | KeyAccess
    | Changes
)
Result = StoreResult | ServiceResult
