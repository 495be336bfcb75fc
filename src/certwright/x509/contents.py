"""What is found in a file, while it is read."""

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.certificate import Certificate
from certwright.x509.derivation import Budget
from certwright.x509.keys import PrivateKey
from certwright.x509.text import printable
from certwright.x509.unreadable import read_certificate

_MOST_ENTRIES = 500
_LONGEST_NAME = 128


class Contents:
    """The certificates and private keys of one file, in its order; `budget` is what it may ask."""

    def __init__(self, budget: Budget) -> None:
        self.certificates: list[Certificate] = []
        self.private_keys: list[PrivateKey] = []
        self.friendly_names: dict[str, str] = {}
        """By the fingerprint of a certificate."""
        self.budget = budget
        self._entries = 0

    def add_certificate(self, der: bytes, where: str, friendly_name: str = "") -> None:
        """Read one in DER and keep it; `where` is how an error names it."""
        self._count_entry()
        certificate = read_certificate(der, where)
        self.certificates.append(certificate)
        name = printable(friendly_name.strip(), _LONGEST_NAME)
        if name:
            self.friendly_names.setdefault(certificate.fingerprint, name)

    def add_private_key(self, key: PrivateKey) -> None:
        """Keep a private key."""
        self._count_entry()
        self.private_keys.append(key)

    def _count_entry(self) -> None:
        self._entries += 1
        if self._entries > _MOST_ENTRIES:
            raise CertwrightError(
                ErrorCode.TOO_LARGE,
                f"The file holds more than {_MOST_ENTRIES} certificates and keys.",
                "Keep only the server's certificate, its key and its chain in the file.",
            )
