"""What every authority offers to those who need a certificate.

Some sign at once, some take minutes, and some take days until a person brings the answer. So what
an authority has to remember meanwhile is kept by whoever asks, and asking again with it goes on
where the last time ended: nothing is ordered twice, even if a process was killed in between.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Protocol, TypeAlias, runtime_checkable

from cryptography import x509

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.building import build_request
from certwright.x509.certificate import Certificate
from certwright.x509.keys import PrivateKey, PublicKey
from certwright.x509.names import ServerName
from certwright.x509.profile import Profile

Memory: TypeAlias = Mapping[str, Any]
"""What an authority remembers of a request, as JSON; it holds no secret."""


@dataclass(frozen=True)
class CertificateRequest:
    """A certificate somebody wants: the first name is the Common Name too.

    `signing_request` is PKCS#10 in DER, by whoever has the private key. `lifetime` is what is
    asked for; an authority may have its own mind. `replaces` is the certificate that this one is to
    take the place of (RFC 9773 5).
    """

    names: tuple[ServerName, ...]
    signing_request: bytes
    lifetime: timedelta
    actor: str
    replaces: Certificate | None = None
    profile: Profile = Profile.SERVER

    @cached_property
    def public_key(self) -> PublicKey:
        """The key that the certificate is for."""
        key: PublicKey = x509.load_der_x509_csr(self.signing_request).public_key()  # type: ignore[assignment]
        return key

    @property
    def days(self) -> int:
        """The lifetime in whole days, one at least, for those who know no shorter times."""
        return max(1, -(-self.lifetime // timedelta(days=1)))


def request_for(
    key: PrivateKey,
    names: tuple[ServerName, ...],
    lifetime: timedelta,
    actor: str,
    replaces: Certificate | None = None,
    profile: Profile = Profile.SERVER,
) -> CertificateRequest:
    """A request signed with `key`."""
    signed = build_request(key, names, names[0].value, profile)
    return CertificateRequest(names, signed, lifetime, actor, replaces, profile)


@dataclass(frozen=True)
class IssuedCertificate:
    """The leaf and the certificates that lead from it towards the root, in order.

    `root` is None where the authority did not name it.
    """

    leaf: Certificate
    intermediates: tuple[Certificate, ...]
    root: Certificate | None


@dataclass(frozen=True)
class Pending:
    """There is no certificate yet. `again_at` is when to ask again; None when somebody brings it.

    `sentence` says for whom or what it waits.
    """

    sentence: str
    again_at: datetime | None


@dataclass(frozen=True)
class Progress:
    """How far one request has come: what was remembered last, and where to remember more.

    `remember` returns when it is safely kept; an authority calls it before each step that must
    not be taken twice.
    """

    memory: Memory = field(default_factory=dict)
    remember: Callable[[Memory], None] = lambda _: None


class IssuanceFailed(CertwrightError):  # noqa: N818 - what happened, in the authority's words
    """The authority did not issue. `again_at` is the moment before which asking again is in vain.

    With `starts_over` what was remembered is of no more use: the next attempt begins anew. With
    `is_final` a person said no, who is not asked again until somebody wants it.
    """

    def __init__(
        self,
        message: str,
        remedy: str,
        *,
        again_at: datetime | None = None,
        starts_over: bool = False,
        is_final: bool = False,
    ) -> None:
        super().__init__(ErrorCode.AUTHORITY_FAILED, message, remedy)
        self.again_at = again_at
        self.starts_over = starts_over
        self.is_final = is_final

    def told_of(self, authority: str) -> "IssuanceFailed":
        """The same, beginning with who it was that did not issue."""
        return IssuanceFailed(
            f"No certificate from {authority}. {self.message}",
            self.remedy,
            again_at=self.again_at,
            starts_over=self.starts_over,
            is_final=self.is_final,
        )


class Authority(Protocol):
    """Who issues certificates."""

    @property
    def name(self) -> str:
        """What it is called in records."""
        ...

    def issue(
        self, request: CertificateRequest, progress: Progress, now: datetime
    ) -> IssuedCertificate | Pending:
        """Issue a certificate, or say how far it is; the same `progress` never gets two of them.

        Raises `IssuanceFailed` or another `CertwrightError` with the authority's words.
        """
        ...


@runtime_checkable
class LooksFirst(Protocol):
    """An authority whose directory, program or account is looked at before it is taken on."""

    def look(self, now: datetime) -> str:
        """What was found, as a sentence; raises `CertwrightError` where nothing could be issued."""
        ...


@runtime_checkable
class SuggestsRenewal(Protocol):
    """An authority that says itself when a certificate of its own should be renewed (RFC 9773)."""

    def renewal_window(self, certificate: Certificate, now: datetime) -> "RenewalWindow | None":
        """What it suggests, None where it has nothing to say; raises `IssuanceFailed`."""
        ...


@runtime_checkable
class Abandonable(Protocol):
    """An authority that leaves something standing while a request is under way."""

    def abandon(self, memory: Memory) -> None:
        """Take it away: nobody wants the certificate any more."""
        ...


@dataclass(frozen=True)
class RenewalWindow:
    """The time within which an authority wants a certificate renewed (RFC 9773 4.2).

    `look_again_at` is when to ask for it anew; `explanation` a page for people, "" for none.
    """

    start: datetime
    end: datetime
    look_again_at: datetime
    explanation: str = ""
