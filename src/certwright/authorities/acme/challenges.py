"""The three proofs of control of a name, and who puts them up (RFC 8555 8, RFC 8737, RFC 8738)."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from ipaddress import ip_address
from typing import Any, Protocol

from certwright.authorities.acme.documents import NotUnderstood
from certwright.x509.names import NameKind, ServerName

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,200}")
"""RFC 8555 8.3: "MUST NOT contain any characters outside the base64url alphabet"."""


class ChallengeKind(StrEnum):
    """The kinds of proof."""

    HTTP_01 = "http-01"
    DNS_01 = "dns-01"
    TLS_ALPN_01 = "tls-alpn-01"


@dataclass(frozen=True)
class Challenge:
    """One proof to put up, for `name` (of a wildcard, the name below which it stands).

    Nothing in it is secret: the authority reads it from outside.
    """

    kind: ChallengeKind
    name: ServerName
    token: str
    key_authorization: str
    """RFC 8555 8.1: the token, a dot, and the thumbprint of the account's key."""

    @property
    def path(self) -> str:
        """http-01: where `key_authorization` is to be found (RFC 8555 8.3)."""
        return f"/.well-known/acme-challenge/{self.token}"

    @property
    def server_name(self) -> str:
        """tls-alpn-01: the SNI that the authority sends; for an address, as RFC 8738 6 says."""
        if self.name.kind is NameKind.DNS:
            return self.name.value
        return ip_address(self.name.value).reverse_pointer

    @property
    def record_name(self) -> str:
        """dns-01: the name of the TXT record, without a dot at its end."""
        return f"_acme-challenge.{self.name.value}"

    @property
    def record_value(self) -> str:
        """dns-01: its value (RFC 8555 8.4)."""
        digest = sha256(self.key_authorization.encode("ascii")).digest()
        return urlsafe_b64encode(digest).decode("ascii").rstrip("=")


class Responder(Protocol):
    """Who puts proofs up, for one or several kinds of challenge.

    All may be asked for twice, by another process too, and then change nothing.
    """

    def prepare(self) -> None:
        """See that proofs can be put up, before anything is ordered; raises `CertwrightError`."""
        ...

    def respond(self, challenge: Challenge) -> None:
        """Put the proof up, and return when it is there; raises `CertwrightError`."""
        ...

    def withdraw(self, challenge: Challenge) -> None:
        """Take it away if it is there, leaving all others; raises `CertwrightError`."""
        ...


def is_token(text: str) -> bool:
    """Whether `text` may be a token, and so is neither a path nor worse."""
    return bool(_TOKEN.fullmatch(text))


def read_token(value: object) -> str:
    """A challenge's token; raises `NotUnderstood` for what cannot be one."""
    if not isinstance(value, str) or not is_token(value):
        raise NotUnderstood("token")
    return value


def challenge_to_json(challenge: Challenge) -> dict[str, str]:
    """As it is remembered."""
    return {
        "kind": challenge.kind.value,
        "name_kind": challenge.name.kind.value,
        "name": challenge.name.value,
        "token": challenge.token,
        "key_authorization": challenge.key_authorization,
    }


def challenge_from_json(document: Mapping[str, Any]) -> Challenge:
    """Read what `challenge_to_json` wrote."""
    return Challenge(
        ChallengeKind(document["kind"]),
        ServerName(NameKind(document["name_kind"]), document["name"]),
        document["token"],
        document["key_authorization"],
    )
