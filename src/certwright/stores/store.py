"""What every certificate store can do, the node's own as well as a machine's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from certwright.errors import CertwrightError, ErrorCode
from certwright.rules.candidate import KeyAccess
from certwright.stores.place import Place
from certwright.x509.certificate import Certificate
from certwright.x509.keys import PrivateKey, key_fingerprint
from certwright.x509.text import printable

_LONGEST_FRIENDLY_NAME = 1024


@dataclass(frozen=True)
class StoredCertificate:
    """A certificate as it lies in one store.

    `archived` ones are kept but not offered, as under Windows. `added_at` is None where the store
    does not record it.
    """

    certificate: Certificate
    place: Place
    friendly_name: str
    has_private_key: bool
    archived: bool
    added_at: datetime | None

    @property
    def is_issuer_only(self) -> bool:
        """Whether it is an authority's, here to stand in chains: what rules ask of servers' is not
        for it."""
        return self.certificate.is_authority and not self.has_private_key


@dataclass(frozen=True)
class Query:
    """What to look for; all that is given must hold.

    `thumbprint` is the beginning of a thumbprint or a fingerprint (lower-case hex), `subject` and
    `issuer` are parts of those names in any case.
    """

    thumbprint: str = ""
    subject: str = ""
    issuer: str = ""
    expires_before: datetime | None = None
    with_archived: bool = False

    def fits(self, stored: StoredCertificate) -> bool:
        """Whether all that is given holds."""
        certificate = stored.certificate
        return (
            (self.with_archived or not stored.archived)
            and (self.expires_before is None or certificate.not_after < self.expires_before)
            and any(
                number.startswith(self.thumbprint)
                for number in (certificate.thumbprint, certificate.fingerprint)
            )
            and self.subject.casefold() in certificate.subject.casefold()
            and self.issuer.casefold() in certificate.issuer.casefold()
        )


class Store(Protocol):
    """The certificates of one machine, by location and store name.

    Every method raises STORE_FAILED where the store itself refuses, and NOT_FOUND for a `place`
    of another machine; those that take a `fingerprint` (whole, SHA-256) raise NOT_FOUND where no
    such certificate lies at `place`.
    """

    @property
    def machine(self) -> str:
        """The machine's name, as in `Place.machine`."""
        ...

    def places(self) -> tuple[Place, ...]:
        """The stores there are, empty ones too."""
        ...

    def find(self, place: Place, query: Query = Query()) -> tuple[StoredCertificate, ...]:
        """What fits `query`, by Common Name, the latest expiry first."""
        ...

    def get(self, place: Place, fingerprint: str) -> StoredCertificate:
        """One certificate."""
        ...

    def add(
        self,
        place: Place,
        certificate: Certificate,
        private_key: PrivateKey | None = None,
        *,
        friendly_name: str = "",
        exportable: bool = True,
    ) -> bool:
        """Put a certificate there, with its key where there is one; the same one twice is one.

        True if it was new. A private key that is not `exportable` never comes out again.
        """
        ...

    def private_key(self, place: Place, fingerprint: str) -> PrivateKey:
        """The private key, to be exported; raises NO_PRIVATE_KEY or KEY_NOT_EXPORTABLE."""
        ...

    def delete(self, place: Place, fingerprint: str) -> None:
        """Remove the certificate, and its private key unless another certificate needs it."""
        ...

    def set_friendly_name(self, place: Place, fingerprint: str, friendly_name: str) -> None:
        """What people call it."""
        ...

    def set_archived(self, place: Place, fingerprint: str, archived: bool) -> None:
        """Keep it without offering it, or offer it again."""
        ...


@dataclass(frozen=True)
class KeyReader:
    """An account that a private key's access list names; `account` is "" for an unknown SID."""

    sid: str
    account: str
    reads: bool


class KeyReaders(Protocol):
    """A store that tells and changes which accounts may read a private key.

    `account` is a SID, or a name as that machine knows it. Every method raises NOT_FOUND for an
    unknown one, and NO_PRIVATE_KEY; a change is read back, and STORE_FAILED if it did not take
    effect.
    """

    def key_readers(self, place: Place, fingerprint: str) -> tuple[KeyReader, ...]:
        """Everybody whom the key's access list names, groups as such."""
        ...

    def grant_key_read(self, place: Place, fingerprint: str, account: str) -> None:
        """Let an account read the key."""
        ...

    def revoke_key_read(self, place: Place, fingerprint: str, account: str) -> None:
        """Take the right from an account."""
        ...

    def key_access(self, place: Place, fingerprint: str, account: str) -> KeyAccess:
        """Whether the account that a service runs under may read the key, for the rules."""
        ...


@dataclass(frozen=True)
class StoreChanges:
    """Fingerprints of what came and what went."""

    added: frozenset[str]
    removed: frozenset[str]


class Watching(Protocol):
    """A store that tells what others changed in it."""

    def changes(self, place: Place, known: frozenset[str], seconds: int) -> StoreChanges:
        """What came and went since `known`; waits for it, `seconds` (60 at most) long."""
        ...


def in_order(found: Iterable[StoredCertificate]) -> tuple[StoredCertificate, ...]:
    """By Common Name, the latest expiry first."""
    return tuple(
        sorted(
            found,
            key=lambda one: (
                one.certificate.common_name.casefold(),
                -one.certificate.not_after.timestamp(),
                one.certificate.fingerprint,
            ),
        )
    )


def require_own_key(certificate: Certificate, private_key: PrivateKey | None) -> None:
    """Raise INVALID_INPUT for a private key that is another certificate's."""
    if private_key is None or (
        key_fingerprint(private_key.public_key()) == certificate.key_fingerprint
    ):
        return
    raise CertwrightError(
        ErrorCode.INVALID_INPUT,
        "The private key belongs to another certificate.",
        "Give the key that the certificate's request was made with.",
    )


def require_own_place(machine: str, place: Place) -> None:
    """Raise NOT_FOUND for a store of another machine."""
    if place.machine == machine:
        return
    raise CertwrightError(
        ErrorCode.NOT_FOUND,
        f"The store is one of {printable(place.machine, 64)}, not of {printable(machine, 64)}.",
        "Ask that machine's store.",
    )


def require_friendly_name(text: str) -> None:
    """Raise INVALID_INPUT for one that not every store can keep."""
    if len(text) <= _LONGEST_FRIENDLY_NAME and "\0" not in text and _is_unicode(text):
        return
    raise CertwrightError(
        ErrorCode.INVALID_INPUT,
        f"A friendly name has at most {_LONGEST_FRIENDLY_NAME} characters of Unicode.",
        "Choose a shorter one, without control characters.",
    )


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)
