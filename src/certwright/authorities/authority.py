"""What every authority offers to those who need a certificate."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from certwright.x509.certificate import Certificate
from certwright.x509.keys import PublicKey
from certwright.x509.names import ServerName


@dataclass(frozen=True)
class CertificateRequest:
    """A server certificate somebody wants: the first name is the Common Name too."""

    names: tuple[ServerName, ...]
    public_key: PublicKey
    days: int
    actor: str


@dataclass(frozen=True)
class IssuedCertificate:
    """The leaf and the certificates that lead from it towards the root, in order."""

    leaf: Certificate
    intermediates: tuple[Certificate, ...]
    root: Certificate


class Authority(Protocol):
    """Who issues certificates."""

    @property
    def name(self) -> str:
        """What it is called in records."""
        ...

    def issue(self, request: CertificateRequest, now: datetime) -> IssuedCertificate:
        """Issue and keep a certificate; raises `CertwrightError` with the authority's words."""
        ...
