"""Authorities of the tests: what they are made with, and the account they keep."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, create_engine
from tests.interop.acme.dns_server import KEY_NAME, SECRET
from tests.interop.acme.dns_server import DnsServer as RunningDnsServer

from certwright.authorities.acme.account_keeping import AcmeAccount
from certwright.authorities.acme.authority import AcmeAuthority
from certwright.authorities.acme.challenges import Challenge, ChallengeKind, Responder
from certwright.authorities.acme.dns.responder import DnsResponder, dns_responder
from certwright.authorities.acme.dns.settings import DnsSettings, Rfc2136Settings
from certwright.authorities.acme.pause import Pause
from certwright.authorities.acme.settings import AcmeSecrets, AcmeSettings
from certwright.authorities.authority import (
    CertificateRequest,
    IssuedCertificate,
    Memory,
    Pending,
    Progress,
    request_for,
)
from certwright.x509.keys import KeyType, PrivateKey, generate_private_key
from certwright.x509.names import NameKind, ServerName, canonical_address

Outcome = IssuedCertificate | Pending


def wanted(*names: str, replaces: Any = None, key: PrivateKey | None = None) -> CertificateRequest:
    """A request for names, which may be wildcards and addresses."""
    parsed = tuple(
        ServerName(NameKind.IP if canonical_address(name) else NameKind.DNS, name) for name in names
    )
    signing = key or generate_private_key(KeyType.EC_P256)
    return request_for(signing, parsed, timedelta(days=90), "ada", replaces)


@dataclass
class Kept:
    """What whoever asks keeps: accounts, and the memory of one request."""

    urls: dict[str, str] = field(default_factory=dict)
    memories: list[Memory] = field(default_factory=list)
    issued: list[IssuedCertificate] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    left: tuple[Challenge, ...] = ()
    contacts: list[tuple[str, ...]] = field(default_factory=list)

    def account(self, key: PrivateKey) -> AcmeAccount:
        """An account whose address is kept here."""
        return AcmeAccount(
            *(key, self.urls.get, self.urls.__setitem__, self.paused, self.pauses.append),
            *(lambda: self.left, self.leave),
            *(lambda: self.contacts[-1] if self.contacts else None, self.contacts.append),
        )

    def leave(self, proofs: tuple[Challenge, ...]) -> None:
        """What is still up for nothing."""
        self.left = proofs

    def paused(self, now: datetime) -> Pause | None:
        """The latest pause, if it lasts."""
        return next((one for one in reversed(self.pauses) if one.until > now), None)

    def keep(self, _connection: Connection, issued: IssuedCertificate, _now: datetime) -> None:
        """Keep a certificate."""
        self.issued.append(issued)

    @property
    def progress(self) -> Progress:
        """Goes on from what was remembered last."""
        last: Mapping[str, Any] = self.memories[-1] if self.memories else {}
        return Progress(last, self.memories.append)


def authority_at(
    directory: str,
    ca_pem: str,
    challenge: ChallengeKind,
    responder: Responder,
    *,
    kept: Kept | None = None,
    key: PrivateKey | None = None,
    secrets: AcmeSecrets | None = None,
    patience: timedelta = timedelta(seconds=30),
    exchange_seconds: float = 10,
    dns: DnsSettings | None = None,
    **settings: Any,
) -> AcmeAuthority:
    """An authority that polls as fast as it may."""
    kept = kept or Kept()
    made = AcmeSettings(directory, challenge, ca_pem=ca_pem, dns=dns, **settings)
    account_key = key or generate_private_key(KeyType.EC_P256)
    return AcmeAuthority(
        "public",
        made,
        secrets or AcmeSecrets(),
        kept.account(account_key),
        responder,
        create_engine("sqlite://"),
        kept.keep,
        settle=responder.settle if isinstance(responder, DnsResponder) else lambda _: None,
        patience=patience,
        poll=timedelta(milliseconds=20),
        exchange_seconds=exchange_seconds,
    )


def rfc2136(server: RunningDnsServer, *, wait_seconds: int = 10) -> DnsSettings:
    """The settings for the tests' DNS server."""
    return DnsSettings(
        Rfc2136Settings(server.place, KEY_NAME), wait_seconds, servers=(server.place,)
    )


def dns_responder_at(server: RunningDnsServer) -> DnsResponder:
    """Updates the tests' DNS server."""
    return dns_responder(rfc2136(server), AcmeSecrets(tsig_secret=SECRET))


def issue(
    authority: AcmeAuthority, request: CertificateRequest, progress: Progress | None = None
) -> IssuedCertificate:
    """Issue within one go."""
    outcome = authority.issue(request, progress or Progress(), datetime.now(UTC))
    assert isinstance(outcome, IssuedCertificate), outcome
    return outcome
