"""What a person chooses for an ACME authority, as JSON in its row; secrets are kept apart."""

import re
import ssl
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from certwright.authorities.acme.challenges import ChallengeKind
from certwright.authorities.acme.directories import directory_url
from certwright.authorities.acme.dns.settings import DnsSettings
from certwright.authorities.acme.documents import check_members
from certwright.authorities.acme.transport import trust
from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.text import printable

_MAIL = re.compile(r"[^\s\x00-\x1f\x7f@:,?%<>]{1,64}@[A-Za-z0-9.-]{1,253}")
_WORD = re.compile(r"[\x21-\x7e]{0,200}")
_HIGHEST_PORT = 65535
_MOST_CONTACTS = 5
_LONGEST_NAME = 200
_LONGEST_SECRET = 500

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class AcmeSettings:
    """Everything about an ACME authority but its secrets. Made by hand or from JSON, it is valid.

    Raises INVALID_INPUT that says what is wrong.
    """

    directory: str
    """A name that `directories` knows, or an https URL."""
    challenge: ChallengeKind
    contact: tuple[str, ...] = ()
    """Mail addresses."""
    ca_pem: str = ""
    """The only roots trusted for the directory; "" for the public ones."""
    profile: str = ""
    preferred_chain: str = ""
    """The Common Name of the root that the chain should lead to."""
    eab_identifier: str = ""
    """The key identifier of External Account Binding."""
    http_port: int = 80
    tls_port: int = 443
    dns: DnsSettings | None = None

    def __post_init__(self) -> None:
        directory_url(self.directory)
        if self.ca_pem:
            _check_roots(self.ca_pem)
        for address in self.contact:
            if not _MAIL.fullmatch(address) or not address.isascii():
                raise _invalid(
                    f'The contact "{printable(address, 100)}" is no mail address.',
                    "Give one such as certificates@corp.example, or none.",
                )
        if len(self.contact) > _MOST_CONTACTS:
            raise _invalid("There are too many contacts.", f"Give {_MOST_CONTACTS} at most.")
        for what, text in (("profile", self.profile), ("key identifier", self.eab_identifier)):
            if not _WORD.fullmatch(text):
                raise _invalid(
                    f"The {what} has spaces or characters that it cannot have.",
                    "Copy it again from the authority's page.",
                )
        if not self.preferred_chain.isprintable() or len(self.preferred_chain) > _LONGEST_NAME:
            raise _invalid(
                "The name of the preferred root is not one.",
                "Give the Common Name of the root, such as ISRG Root X1.",
            )
        for port in (self.http_port, self.tls_port):
            if not 0 < port <= _HIGHEST_PORT:
                raise _invalid(f"There is no port {port}.", "Give one from 1 to 65535.")
        if self.challenge is ChallengeKind.DNS_01 and self.dns is None:
            raise _invalid(
                "dns-01 needs to know how to add a DNS record.",
                "Give an RFC 2136 server, an acme-dns account or a hook program.",
            )

    @property
    def directory_url(self) -> str:
        """The address of the directory."""
        return directory_url(self.directory)

    def to_json(self) -> dict[str, Any]:
        """As it is kept in the authority's row."""
        return {
            **vars(self),
            "challenge": self.challenge.value,
            "contact": list(self.contact),
            "dns": None if self.dns is None else self.dns.to_json(),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "AcmeSettings":
        """Read what `to_json` wrote; raises INVALID_INPUT for anything else."""

        def read() -> AcmeSettings:
            check_members(cls, document)
            values = dict(document)
            values["challenge"] = ChallengeKind(values["challenge"])
            values["contact"] = tuple(values.get("contact", ()))
            if values.get("dns") is not None:
                values["dns"] = DnsSettings.from_json(values["dns"])
            return cls(**values)

        return _reading(read)


@dataclass(frozen=True)
class AcmeSecrets:
    """What must not be seen; "" where there is none."""

    eab_hmac_key: str = field(default="", repr=False)
    """Base64url, as the authority gave it."""
    tsig_secret: str = field(default="", repr=False)
    """Base64, as in the DNS server's configuration."""
    acme_dns_password: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if self.eab_hmac_key and not _is_base64url(self.eab_hmac_key):
            raise _invalid("The HMAC key is no Base64.", "Copy it again, whole.")
        if self.tsig_secret and not _is_base64(self.tsig_secret):
            raise _invalid("The TSIG secret is no Base64.", "Copy it again, whole.")
        if not self.acme_dns_password.isprintable() or not self.acme_dns_password.isascii():
            raise _invalid(
                "The acme-dns password has characters that it cannot have.",
                "Copy it again from acme-dns' answer.",
            )

    def to_json(self) -> dict[str, str]:
        """To be encrypted at once."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "AcmeSecrets":
        """Read what `to_json` wrote; raises INVALID_INPUT for anything else."""

        def read() -> AcmeSecrets:
            check_members(cls, document)
            return cls(**document)

        return _reading(read)


def _reading(read: Callable[[], _Value]) -> _Value:
    try:
        return read()
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        # Not its words: they can hold a secret.
        raise _invalid(
            "The settings of the ACME authority cannot be read.", "Create the authority again."
        ) from None


def _check_roots(pem: str) -> None:
    try:
        found = bool(trust(pem).cert_store_stats()["x509"])
    except (ssl.SSLError, ValueError):
        found = False
    if not found:
        raise _invalid(
            "The file of roots to trust for the directory holds no certificate in PEM.",
            "Choose the PEM file of your authority's root.",
        )


def _is_base64url(text: str) -> bool:
    """Whether it is Base64 for URLs, or the other alphabet, with or without its padding."""
    plain = text.translate(str.maketrans("+/", "-_")).rstrip("=")
    return re.fullmatch(r"[A-Za-z0-9_-]{2,500}", plain) is not None and len(plain) % 4 != 1


def _is_base64(text: str) -> bool:
    """Whether it is Base64 to the letter, as DNS servers want it."""
    try:
        return len(text) <= _LONGEST_SECRET and bool(b64decode(text, validate=True))
    except ValueError:
        return False


def _invalid(message: str, remedy: str) -> CertwrightError:
    return CertwrightError(ErrorCode.INVALID_INPUT, message, remedy)
