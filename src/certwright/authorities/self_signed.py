"""Certificates signed with their own key, for test environments: nobody vouches for them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from certwright.authorities.authority import (
    CertificateRequest,
    IssuedCertificate,
    Progress,
)
from certwright.database.private_keys import PrivateKeyVault
from certwright.x509.building import build_self_signed, random_serial
from certwright.x509.certificate import Certificate
from certwright.x509.keys import key_fingerprint
from certwright.x509.pem import read_pem_certificates

_BACK_DATED = timedelta(minutes=5)


@dataclass(frozen=True)
class SelfSignedAuthority:
    """Signs each request with its own private key, which has to be here."""

    name: str
    database: Engine
    vault: PrivateKeyVault
    random: Callable[[int], bytes]
    keep: Callable[[Connection, IssuedCertificate, datetime], None]

    def issue(
        self, request: CertificateRequest, progress: Progress, now: datetime
    ) -> IssuedCertificate:
        """Sign a certificate for `request.names`; raises NO_PRIVATE_KEY."""
        made = read_pem_certificates(progress.memory.get("certificate", "").encode())
        leaf = made[0] if made else self._sign(request, now)
        if not made:
            progress.remember({"certificate": leaf.pem})
        issued = IssuedCertificate(leaf, (), leaf)
        with self.database.begin() as connection:
            self.keep(connection, issued, now)
        return issued

    def _sign(self, request: CertificateRequest, now: datetime) -> Certificate:
        with self.database.connect() as connection:
            key = self.vault.get(connection, key_fingerprint(request.public_key))
        return build_self_signed(
            key,
            request.names,
            request.names[0].value,
            not_before=now - _BACK_DATED,
            not_after=now + request.lifetime,
            serial=random_serial(self.random),
            profile=request.profile,
        )
