"""Java key stores of the kind JKS, read and written.

The format is Java's own: numbers in network order, then a SHA-1 over the password, a fixed phrase
and the whole. Its protection of keys is SHA-1 as a stream of octets, as weak as that sounds; the
description is the class `sun.security.provider.JavaKeyStore` of OpenJDK, and its `KeyProtector`.
"""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha1

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.ber import BerError, parse_ber
from certwright.x509.contents import Contents
from certwright.x509.key_reading import read_private_key_der
from certwright.x509.password import encode_password, password_missing, wrong_password
from certwright.x509.text import printable

JKS_MAGIC = b"\xfe\xed\xfe\xed"
JCEKS_MAGIC = b"\xce\xce\xce\xce"
_PHRASE = b"Mighty Aphrodite"
_PRIVATE_KEY, _TRUSTED_CERTIFICATE = 1, 2
DIGEST_SIZE = 20
KEY_PROTECTOR = bytes.fromhex("2b060104012a02110101")
"""The content of the identifier 1.3.6.1.4.1.42.2.17.1.1."""
_PROTECTED_BY = "1.3.6.1.4.1.42.2.17.1.1"
_WHERE = "the Java key store"
_LONGEST_TITLE = 64


def read_jks(data: bytes, password: str | None, contents: Contents) -> None:
    """Add what the store holds to `contents`, each alias as a friendly name.

    Certificates alone are read without a password, as `keytool` does too. Raises WRONG_PASSWORD,
    also where one is needed and none given, or UNREADABLE_CERTIFICATE.
    """
    reader = _Reader(data)
    entries = list(reader.entries())
    if password:
        if not hmac.compare_digest(
            store_digest(data[:-DIGEST_SIZE], password), data[-DIGEST_SIZE:]
        ):
            raise wrong_password(_WHERE)
    elif any(entry.protected_key for entry in entries):
        raise password_missing(_WHERE)
    for entry in entries:
        if entry.protected_key:
            where = f"The private key {entry.title} in {_WHERE}"
            der = _opened(entry, password or "")
            contents.add_private_key(read_private_key_der(der, contents.budget, where))
        for number, certificate in enumerate(entry.certificates, 1):
            where = f"Certificate {number} of {entry.title} in {_WHERE}"
            contents.add_certificate(certificate, where, entry.alias if number == 1 else "")


def store_digest(content: bytes, password: str) -> bytes:
    """What stands at the end of the store: it shows the password, and that nothing was changed."""
    return sha1(_java_password(password) + _PHRASE + content, usedforsecurity=False).digest()


def protect_key(key: bytes, password: str, salt: bytes) -> bytes:
    """PKCS#8 octets as the format hides them; `salt` is 20 fresh random octets."""
    secret = _java_password(password)
    hidden = bytes(a ^ b for a, b in zip(key, _stream(secret, salt, len(key)), strict=True))
    return salt + hidden + sha1(secret + key, usedforsecurity=False).digest()


def _unprotected(protected: bytes, password: str) -> bytes | None:
    secret = _java_password(password)
    salt, hidden = protected[:DIGEST_SIZE], protected[DIGEST_SIZE:-DIGEST_SIZE]
    key = bytes(a ^ b for a, b in zip(hidden, _stream(secret, salt, len(hidden)), strict=True))
    expected = sha1(secret + key, usedforsecurity=False).digest()
    return key if hmac.compare_digest(expected, protected[-DIGEST_SIZE:]) else None


def _stream(secret: bytes, salt: bytes, size: int) -> bytes:
    stream, block = bytearray(), salt
    while len(stream) < size:
        block = sha1(secret + block, usedforsecurity=False).digest()
        stream += block
    return bytes(stream[:size])


def _java_password(password: str) -> bytes:
    encode_password(password)
    return password.encode("utf-16-be", "surrogatepass")


@dataclass(frozen=True)
class _Entry:
    alias: str
    protected_key: bytes
    certificates: tuple[bytes, ...]

    @property
    def title(self) -> str:
        """What an error calls it."""
        return f'"{printable(self.alias, _LONGEST_TITLE)}"'


def _opened(entry: _Entry, password: str) -> bytes:
    try:
        algorithm, protected = parse_ber(entry.protected_key).children
        identifier = algorithm.children[0].identifier
    except (BerError, ValueError, IndexError):
        identifier = ""
    if identifier != _PROTECTED_BY:
        raise _damaged(f"the private key of the entry {entry.title} has no form that is known")
    key = _unprotected(protected.octets, password)
    if key is None:
        raise CertwrightError(
            ErrorCode.WRONG_PASSWORD,
            f"The password opens {_WHERE}, but not its private key {entry.title}.",
            "Give both the same password (`keytool -keypasswd`), or export it as PKCS#12.",
        )
    return key


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data[:-DIGEST_SIZE]
        self._position = len(JKS_MAGIC)

    def entries(self) -> Iterator[_Entry]:
        version, count = self._number(4), self._number(4)
        if version not in (1, 2):
            raise _damaged(f"it says to be of version {version}")
        for _ in range(count):
            yield self._entry(typed=version == 2)
        if self._position != len(self._data):
            raise _damaged(f"something follows its last entry at byte {self._position:,}")

    def _entry(self, *, typed: bool) -> _Entry:
        start = self._position
        kind = self._number(4)
        if kind not in (_PRIVATE_KEY, _TRUSTED_CERTIFICATE):
            raise _damaged(f"at byte {start:,} no entry begins")
        # Java's own variant of UTF-8; what it does otherwise is for NUL and beyond the BMP only.
        alias = self._octets(2).decode("utf-8", "replace")
        self._position += 8  # when it was made
        if kind == _TRUSTED_CERTIFICATE:
            return _Entry(alias, b"", (self._certificate(typed=typed),))
        key = self._octets(4)
        count = self._number(4)
        if count > len(self._data):
            raise _damaged(f"at byte {self._position - 4:,} an absurd number stands")
        return _Entry(alias, key, tuple(self._certificate(typed=typed) for _ in range(count)))

    def _certificate(self, *, typed: bool) -> bytes:
        if typed:
            self._octets(2)  # "X.509"
        return self._octets(4)

    def _octets(self, length_size: int) -> bytes:
        length = self._number(length_size)
        return self._take(length)

    def _number(self, size: int) -> int:
        return int.from_bytes(self._take(size), "big")

    def _take(self, size: int) -> bytes:
        end = self._position + size
        if end > len(self._data):
            raise _damaged(f"at byte {self._position:,} it ends too early")
        taken = self._data[self._position : end]
        self._position = end
        return taken


def _damaged(why: str) -> CertwrightError:
    return CertwrightError(
        ErrorCode.UNREADABLE_CERTIFICATE,
        f"The Java key store is damaged: {why}.",
        "Copy it again as it is (not as text), or export it with keytool as PKCS#12.",
    )
