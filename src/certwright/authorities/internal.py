"""Our own certification authority: a root kept apart, and the intermediate that issues.

Issuance goes in an order that loses nothing: record what will be signed, look at a twin signed
with a throw-away key, sign, store, and only then hand out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, insert, select, update

from certwright.authorities.authority import CertificateRequest, IssuedCertificate, Progress
from certwright.authorities.lint import lint_certificate
from certwright.authorities.root_keys import RootKeyFolder
from certwright.database.node_views import THIS_NODE
from certwright.database.private_keys import PrivateKeyVault
from certwright.database.tables import authorities, certificates, issuances
from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.building import (
    AuthorityAddresses,
    build_intermediate,
    build_leaf,
    build_root,
    random_serial,
)
from certwright.x509.certificate import Certificate
from certwright.x509.keys import KeyType, PrivateKey, generate_private_key
from certwright.x509.text import day

NAME = "internal"
ROOT_DAYS = 3653
INTERMEDIATE_DAYS = 1096
_LONGEST_ORGANIZATION = 64
"""RFC 5280 appendix A.1: "ub-organization-name INTEGER ::= 64"; a DNS name can be longer."""
BACK_DATED = timedelta(minutes=5)
"""Clocks differ: a certificate that starts now is refused where it is still a minute earlier."""
_BACK_DATED_PART = 10
"""Of a lifetime of minutes, as tests of renewal have it, no more than a tenth of it."""


@dataclass(frozen=True)
class InternalAuthority:
    """Issues from the intermediate recorded in the database."""

    database: Engine
    vault: PrivateKeyVault
    root: Certificate
    intermediate: Certificate
    addresses: Callable[[Certificate], AuthorityAddresses]
    random: Callable[[int], bytes]
    keep: Callable[[Connection, IssuedCertificate, datetime], None]
    name: str = NAME

    def issue(
        self, request: CertificateRequest, progress: Progress, now: datetime
    ) -> IssuedCertificate:
        """Sign a certificate for `request.names`, good for `request.lifetime` from `now`.

        Raises CHAIN_BROKEN when the intermediate has run out, NO_PRIVATE_KEY or
        WRONG_KEY_ENCRYPTION_KEY when it cannot sign, INTERNAL when the result would be wrong.
        """
        if already := self._issued_before(progress):
            return already
        self._refuse_when_run_out(now)
        serial = random_serial(self.random)
        progress.remember({"serial": f"{serial:x}"})
        with self.database.begin() as connection:
            key = self.vault.get(connection, self.intermediate.key_fingerprint)
            identifier = self._record_intent(connection, request, serial, now)

        def build(issuer_key: PrivateKey) -> Certificate:
            return build_leaf(
                request.public_key,
                request.names,
                request.names[0].value,
                self.intermediate,
                issuer_key,
                not_before=max(now - _back_dating(request.lifetime), self.intermediate.not_before),
                not_after=now + request.lifetime,
                serial=serial,
                addresses=self.addresses(self.intermediate),
                profile=request.profile,
            )

        try:
            twin = build(generate_private_key(KeyType.EC_P256))
            lint_certificate(twin, request, self.intermediate)
        except CertwrightError as error:
            with self.database.begin() as connection:
                self._record_end(connection, identifier, now, state="failed", failure=error.message)
            raise
        issued = IssuedCertificate(build(key), (self.intermediate,), self.root)
        with self.database.begin() as connection:
            self.keep(connection, issued, now)
            fingerprint = issued.leaf.fingerprint
            self._record_end(connection, identifier, now, state="issued", fingerprint=fingerprint)
        return issued

    def _issued_before(self, progress: Progress) -> IssuedCertificate | None:
        """What was signed and kept by a process that was killed before it could say so."""
        if "serial" not in progress.memory:
            return None
        with self.database.connect() as connection:
            fingerprint = connection.execute(
                select(issuances.c.fingerprint).where(
                    issuances.c.authority == self.name,
                    issuances.c.serial == progress.memory["serial"],
                )
            ).scalar_one_or_none()
            if fingerprint is None:
                return None
            leaf = _certificate(connection, fingerprint)
        return IssuedCertificate(leaf, (self.intermediate,), self.root)

    def _refuse_when_run_out(self, now: datetime) -> None:
        if self.intermediate.not_after <= now:
            raise CertwrightError(
                ErrorCode.CHAIN_BROKEN,
                f"The internal authority ran out on {day(self.intermediate.not_after)}, "
                "so it issues nothing any more.",
                "Import a certificate of another authority and select it.",
            )

    def _record_intent(
        self, connection: Connection, request: CertificateRequest, serial: int, now: datetime
    ) -> int:
        identifier: int = connection.execute(
            insert(issuances)
            .values(
                authority=self.name,
                serial=f"{serial:x}",
                names=[name.value for name in request.names],
                actor=request.actor,
                state="intended",
                intended_at=now,
            )
            .returning(issuances.c.id)
        ).scalar_one()
        return identifier

    def _record_end(
        self, connection: Connection, identifier: int, now: datetime, **values: str
    ) -> None:
        connection.execute(
            update(issuances).where(issuances.c.id == identifier).values(finished_at=now, **values)
        )


def without_back_dating(lifetime: timedelta) -> timedelta:
    """What was asked for, of a certificate that is good for `lifetime` from first to last."""
    return max(lifetime - BACK_DATED, lifetime * _BACK_DATED_PART / (_BACK_DATED_PART + 1))


def _back_dating(lifetime: timedelta) -> timedelta:
    return min(BACK_DATED, lifetime / _BACK_DATED_PART)


def abandon_issuances(database: Engine, now: datetime) -> None:
    """Close what this node intended when it was killed before it signed, or before it stored."""
    with database.begin() as connection:
        connection.execute(
            update(issuances)
            .where(issuances.c.state == "intended", issuances.c.node == THIS_NODE)
            .values(state="failed", failure="the node was stopped meanwhile", finished_at=now)
        )


@dataclass(frozen=True)
class AuthorityCertificates:
    """The two certificates of an authority."""

    root: Certificate
    intermediate: Certificate


def find_authority(connection: Connection) -> AuthorityCertificates | None:
    """The internal authority as recorded, or None before it was made."""
    row = connection.execute(select(authorities).where(authorities.c.name == NAME)).one_or_none()
    if row is None:
        return None
    return AuthorityCertificates(
        _certificate(connection, row.root), _certificate(connection, row.intermediate)
    )


def make_authority(
    connection: Connection,
    vault: PrivateKeyVault,
    root_keys: RootKeyFolder,
    addresses: Callable[[Certificate], AuthorityAddresses],
    keep: Callable[[Connection, AuthorityCertificates, datetime], None],
    organization: str,
    random: Callable[[int], bytes],
    now: datetime,
) -> AuthorityCertificates:
    """Make a P-384 root and, under it, a P-256 intermediate that issues leaves only."""
    organization = organization[:_LONGEST_ORGANIZATION]
    root_key = generate_private_key(KeyType.EC_P384)
    intermediate_key = generate_private_key(KeyType.EC_P256)
    root = build_root(
        "Certwright Root CA 1",
        organization,
        root_key,
        not_before=now - BACK_DATED,
        days=ROOT_DAYS,
        serial=random_serial(random),
    )
    intermediate = build_intermediate(
        "Certwright Issuing CA 1",
        intermediate_key.public_key(),
        root,
        root_key,
        organization=organization,
        not_before=now - BACK_DATED,
        days=INTERMEDIATE_DAYS,
        serial=random_serial(random),
        addresses=addresses(root),
        path_length=0,
    )
    made = AuthorityCertificates(root, intermediate)
    root_keys.add(root_key)
    vault.add(connection, intermediate_key, now)
    keep(connection, made, now)
    connection.execute(
        insert(authorities).values(
            name=NAME,
            kind="internal",
            root=root.fingerprint,
            intermediate=intermediate.fingerprint,
            created_at=now,
        )
    )
    return made


def _certificate(connection: Connection, fingerprint: str) -> Certificate:
    der = connection.execute(
        select(certificates.c.der).where(certificates.c.fingerprint == fingerprint)
    ).scalar_one()
    return Certificate.from_der(der)
