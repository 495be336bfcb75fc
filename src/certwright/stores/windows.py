"""The Windows Certificate Store of a machine, as every store."""

import math
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    PBES,
    serialize_key_and_certificates,
)

from certwright.errors import CertwrightError, ErrorCode
from certwright.machine import tasks
from certwright.machine.failures import MachineError
from certwright.rules.candidate import KeyAccess
from certwright.stores.place import Location, Place
from certwright.stores.rsa_blob import fits_blob, read_blob, write_blob
from certwright.stores.store import (
    KeyReader,
    Query,
    StoreChanges,
    StoredCertificate,
    in_order,
    require_friendly_name,
    require_own_key,
    require_own_place,
)
from certwright.stores.task_runner import TaskRunner
from certwright.x509.certificate import Certificate
from certwright.x509.keys import PrivateKey
from certwright.x509.reading import read_bundle
from certwright.x509.text import printable

_ResultT = TypeVar("_ResultT", bound=tasks.Result)
_ROUNDS = 2048


@dataclass(frozen=True)
class WindowsStore:
    """A `Store`, with `KeyReaders` and `Watching`, whose work `runner` does on that machine.

    RSA keys are kept by `provider`: CAPI where it is not said, which every program of the .NET
    Framework can use. Other kinds of key only CNG has.
    """

    machine: str
    runner: TaskRunner
    provider: tasks.KeyProvider = tasks.KeyProvider.CAPI

    def places(self) -> tuple[Place, ...]:
        """The stores there are, empty ones too."""
        return tuple(
            Place(self.machine, location, name)
            for location in Location
            for name in self._run(tasks.ListStores(location), tasks.StoreNames).names
        )

    def find(self, place: Place, query: Query = Query()) -> tuple[StoredCertificate, ...]:  # noqa: B008 - frozen
        """What fits `query`, by Common Name, the latest expiry first.

        Certificates with keys that no TLS server uses are left out: they cannot be read here.
        """
        limit = query.expires_before
        found = self._run(
            tasks.FindCertificates(
                *self._where(place),
                thumbprint=query.thumbprint,
                expires_before=None if limit is None else math.ceil(limit.timestamp()),
                with_archived=query.with_archived,
            ),
            tasks.Certificates,
        )
        # Subject and issuer are compared here, in the one text that people see in every store.
        entries = (_stored(place, entry) for entry in found.entries)
        return in_order(entry for entry in entries if entry is not None and query.fits(entry))

    def get(self, place: Place, fingerprint: str) -> StoredCertificate:
        """One certificate; raises NOT_FOUND."""
        found = self.find(place, Query(thumbprint=fingerprint, with_archived=True))
        for stored in found:
            if stored.certificate.fingerprint == fingerprint:
                return stored
        raise CertwrightError(
            ErrorCode.NOT_FOUND,
            f"There is no certificate {printable(fingerprint, 64)} in {place.title}.",
            "List the store anew: it may have been changed by another program.",
        )

    def add(
        self,
        place: Place,
        certificate: Certificate,
        private_key: PrivateKey | None = None,
        *,
        friendly_name: str = "",
        exportable: bool = True,
    ) -> bool:
        """Put a certificate there, with its key where there is one; True if it was new."""
        require_own_key(certificate, private_key)
        require_friendly_name(friendly_name)
        where = self._where(place)
        task: tasks.Task
        if private_key is None:
            task = tasks.AddCertificate(*where, certificate.der, friendly_name)
        elif (
            isinstance(private_key, rsa.RSAPrivateKey)
            and fits_blob(private_key)
            and self.provider is tasks.KeyProvider.CAPI
        ):
            task = tasks.ImportRsaKey(
                *where, certificate.der, write_blob(private_key), friendly_name, exportable
            )
        else:
            password = secrets.token_urlsafe(32)
            task = tasks.ImportPfx(
                *where,
                _pfx(certificate, private_key, password),
                password,
                tasks.KeyProvider.CNG,
                friendly_name,
                exportable,
            )
        return self._run(task, tasks.Added).is_new

    def private_key(self, place: Place, fingerprint: str) -> PrivateKey:
        """The private key, to be exported; raises NO_PRIVATE_KEY or KEY_NOT_EXPORTABLE."""
        certificate = self.get(place, fingerprint).certificate
        password = secrets.token_urlsafe(32)
        exported = self._run(
            tasks.ExportPrivateKey(*self._where(place), fingerprint, password), tasks.ExportedKey
        )
        key: PrivateKey | None
        if exported.format is tasks.KeyFormat.RSA_BLOB:
            key = read_blob(exported.content)
        else:
            key = read_bundle(exported.content, password).private_key
        if key is None:
            raise _unexpected()
        require_own_key(certificate, key)
        return key

    def delete(self, place: Place, fingerprint: str) -> None:
        """Remove the certificate, and its private key unless another certificate needs it."""
        self._run(tasks.DeleteCertificate(*self._where(place), fingerprint), tasks.Deleted)

    def set_friendly_name(self, place: Place, fingerprint: str, friendly_name: str) -> None:
        """What people call it."""
        require_friendly_name(friendly_name)
        self._run(
            tasks.SetFriendlyName(*self._where(place), fingerprint, friendly_name), tasks.Done
        )

    def set_archived(self, place: Place, fingerprint: str, archived: bool) -> None:
        """Keep it without offering it, or offer it again."""
        self._run(tasks.SetArchived(*self._where(place), fingerprint, archived), tasks.Done)

    def key_readers(self, place: Place, fingerprint: str) -> tuple[KeyReader, ...]:
        """Everybody whom the key's access list names, groups as such."""
        task = tasks.ListKeyReaders(*self._where(place), fingerprint)
        return _readers(self._run(task, tasks.KeyReaders).readers)

    def grant_key_read(self, place: Place, fingerprint: str, account: str) -> None:
        """Let an account read the key."""
        self._run(tasks.GrantKeyRead(*self._where(place), fingerprint, account), tasks.KeyReaders)

    def revoke_key_read(self, place: Place, fingerprint: str, account: str) -> None:
        """Take the right from an account."""
        self._run(tasks.RevokeKeyRead(*self._where(place), fingerprint, account), tasks.KeyReaders)

    def key_access(self, place: Place, fingerprint: str, account: str) -> KeyAccess:
        """Whether the account that a service runs under may read the key, for the rules."""
        task = tasks.CheckKeyAccess(*self._where(place), fingerprint, account)
        access = self._run(task, tasks.KeyAccess)
        others = (
            reader.account or reader.sid
            for reader in _readers(access.readers)
            if reader.reads and reader.sid != access.sid
        )
        return KeyAccess(account, access.readable, tuple(others))

    def changes(self, place: Place, known: frozenset[str], seconds: int) -> StoreChanges:
        """What came and went since `known`; waits for it, `seconds` (60 at most) long."""
        changes = self._run(
            tasks.WaitForChanges(*self._where(place), tuple(sorted(known)), seconds),
            tasks.Changes,
        )
        return StoreChanges(frozenset(changes.added), frozenset(changes.removed))

    def _where(self, place: Place) -> tuple[str, str]:
        require_own_place(self.machine, place)
        return place.location, place.store

    def _run(self, task: tasks.Task, kind: type[_ResultT]) -> _ResultT:
        with _told_in_our_words():
            result = self.runner.run(task)
        if not isinstance(result, kind):
            raise _unexpected()
        return result


@contextmanager
def _told_in_our_words() -> Iterator[None]:
    try:
        yield
    except MachineError as failure:
        raise CertwrightError(
            ErrorCode(failure.code.value), printable(failure.message), printable(failure.remedy)
        ) from None


def _stored(place: Place, entry: tasks.CertificateEntry) -> StoredCertificate | None:
    try:
        certificate = Certificate.from_der(entry.certificate)
    except CertwrightError:
        return None
    return StoredCertificate(
        certificate=certificate,
        place=place,
        friendly_name=printable(entry.friendly_name),
        has_private_key=entry.has_private_key,
        archived=entry.archived,
        added_at=None,
    )


def _readers(readers: tuple[tasks.KeyReader, ...]) -> tuple[KeyReader, ...]:
    return tuple(
        KeyReader(
            sid=printable(reader.sid, 200),
            account=printable(reader.account, 200),
            reads=reader.reads and not reader.denied,
        )
        for reader in readers
    )


def _pfx(certificate: Certificate, private_key: PrivateKey, password: str) -> bytes:
    # Windows Server 2016 reads no AES in PKCS#12. The password is 256 random bits, used once.
    encryption = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(_ROUNDS)
        .key_cert_algorithm(PBES.PBESv1SHA1And3KeyTripleDESCBC)
        .hmac_hash(SHA1())  # noqa: S303 - as above
        .build(password.encode("ascii"))
    )
    return serialize_key_and_certificates(
        None, private_key, certificate.cryptography, None, encryption
    )


def _unexpected() -> CertwrightError:
    return CertwrightError(
        ErrorCode.STORE_FAILED,
        "The machine answered something else than was asked.",
        "Use the same release of Certwright on both sides.",
    )
