"""Certificates from any ACME directory (RFC 8555)."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import Connection, Engine

from certwright.authorities.acme.account import (
    ACCOUNT_GONE,
    open_account,
    refuse_missing_binding,
)
from certwright.authorities.acme.account_keeping import AcmeAccount
from certwright.authorities.acme.challenges import (
    Challenge,
    ChallengeKind,
    Responder,
    challenge_from_json,
)
from certwright.authorities.acme.client import AcmeClient, fetch_directory
from certwright.authorities.acme.directories import Directory, directory_url
from certwright.authorities.acme.documents import NotUnderstood
from certwright.authorities.acme.issuance import Issuance, refuse_unknown_profile
from certwright.authorities.acme.leftovers import Leftovers
from certwright.authorities.acme.patience import NotYet, Patience
from certwright.authorities.acme.pause import pause_after
from certwright.authorities.acme.proofs import Proofs
from certwright.authorities.acme.refused import Refused
from certwright.authorities.acme.renewal import certificate_identifier, read_renewal_window
from certwright.authorities.acme.settings import AcmeSecrets, AcmeSettings
from certwright.authorities.acme.transport import bounded_session, trust
from certwright.authorities.authority import (
    CertificateRequest,
    IssuanceFailed,
    IssuedCertificate,
    Memory,
    Pending,
    Progress,
    RenewalWindow,
)
from certwright.x509.certificate import Certificate
from certwright.x509.names import NameKind, ServerName
from certwright.x509.text import listed

EXCHANGE_SECONDS = 30.0
_NOT_FOUND = 404


class _AccountGone(IssuanceFailed):
    """The directory no longer knows the account."""


@dataclass(frozen=True)
class AcmeAuthority:
    """An authority behind an ACME directory.

    `responder` puts up the proofs of the kind that the settings name; `settle` is called when all
    of them are up, and returns when the authority may look (for dns-01, when the DNS shows them).
    A go waits `patience` in all before it says `Pending`, looking every `poll` at first.
    """

    name: str
    settings: AcmeSettings
    secrets: AcmeSecrets
    account: AcmeAccount
    responder: Responder
    database: Engine
    keep: Callable[[Connection, IssuedCertificate, datetime], None]
    settle: Callable[[Sequence[Challenge]], None] = lambda _: None
    patience: timedelta = timedelta(minutes=1)
    poll: timedelta = timedelta(seconds=1)
    exchange_seconds: float = EXCHANGE_SECONDS
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = field(default=time.monotonic)

    def issue(
        self, request: CertificateRequest, progress: Progress, now: datetime
    ) -> IssuedCertificate | Pending:
        """Order a certificate, or go on with the order in `progress`; raises IssuanceFailed.

        The authority decides on the lifetime. While it wants to be left alone it is `Pending`.
        """
        self._refuse_unfit_names(request)
        if pause := self.account.paused(now):
            return Pending(pause.sentence, pause.until)
        self._leftovers.take_away()
        clock = self._clock(now)
        waiting = Patience(clock, self.sleep, self.patience, self.poll)
        try:
            with self._in_words(clock):
                issued = self._order(request, progress, waiting)
        except NotYet as not_yet:
            return Pending(not_yet.sentence, not_yet.again_at)
        with self.database.begin() as connection:
            self.keep(connection, issued, clock())
        return issued

    def abandon(self, memory: Memory) -> None:
        """Take away the proofs that were put up for an order."""
        up = tuple(map(challenge_from_json, memory.get("proofs", ())))
        proofs = Proofs(self.responder, up, lambda _: None)
        proofs.take_away()
        self._leftovers.add(proofs)

    def look(self, now: datetime) -> str:
        """See what the directory demands and offers; raises IssuanceFailed if it cannot be met."""
        with self._in_words(lambda: now):
            directory = self._client(lambda: now).directory
        refuse_missing_binding(directory, self.settings, self.secrets)
        refuse_unknown_profile(directory, self.settings.profile)
        found = [f"The directory at {directory.url} answers."]
        if directory.terms_of_service:
            found.append(f"Its terms: {directory.terms_of_service}.")
        if directory.profiles:
            found.append(f"Its profiles: {listed(tuple(directory.profiles))}.")
        return " ".join(found)

    def renewal_window(self, certificate: Certificate, now: datetime) -> RenewalWindow | None:
        """What the authority suggests (RFC 9773); raises IssuanceFailed.

        None where it suggests nothing, does not know the certificate, or that has run out: RFC
        9773 4.3 wants nobody to ask then.
        """
        identifier = certificate_identifier(certificate)
        if identifier is None or certificate.not_after <= now:
            return None
        if pause := self.account.paused(now):
            raise IssuanceFailed(pause.sentence, "It is asked again then.", again_at=pause.until)
        with self._in_words(lambda: now):
            client = self._client(lambda: now)
            if client.directory.renewal_info is None:
                return None
            try:
                answer = client.get(f"{client.directory.renewal_info.rstrip('/')}/{identifier}")
            except Refused as refused:
                if refused.problem.status == _NOT_FOUND:
                    return None
                raise
            return read_renewal_window(answer.document, answer.retry_after, now)

    def _client(
        self,
        clock: Callable[[], datetime],
        names: Sequence[ServerName] = (),
        before_each: Callable[[], None] = lambda: None,
    ) -> AcmeClient:
        def obey(refused: Refused) -> None:
            problem, retry_after = refused.problem, refused.retry_after
            if pause := pause_after(problem, retry_after, names, self.name, clock()):
                self.account.pause(pause)

        session = bounded_session(trust(self.settings.ca_pem), self.exchange_seconds)
        return AcmeClient(session, self.settings.directory_url, self.account.key, before_each, obey)

    def _order(
        self, request: CertificateRequest, progress: Progress, waiting: Patience
    ) -> IssuedCertificate:
        """An account that is gone, as after a staging directory was emptied, is made anew once."""
        try:
            return self._go(request, progress, waiting)
        except _AccountGone:
            self.account.keep(self.account.fingerprint, "")
            # Its orders went with it.
            return self._go(request, Progress({}, progress.remember), waiting)

    def _go(
        self, request: CertificateRequest, progress: Progress, waiting: Patience
    ) -> IssuedCertificate:
        client = self._client(waiting.clock, request.names, waiting.endure)
        open_account(client, self.account, self.settings, self.secrets, waiting.clock())
        return self._run(
            Issuance(
                client,
                self.settings,
                request,
                progress,
                self.responder,
                self.settle,
                waiting,
            )
        )

    def _run(self, issuance: Issuance) -> IssuedCertificate:
        try:
            issued = issuance.run()
        except Refused as refused:
            is_gone = refused.problem.kind == ACCOUNT_GONE
            now = issuance.patience.clock()
            failed = issuance.client.failure(refused, now, starts_over=is_gone)
            if is_gone:
                failed = _AccountGone(failed.message, failed.remedy, starts_over=True)
            raise self._noted(failed, issuance) from None
        except IssuanceFailed as failed:
            raise self._noted(failed, issuance) from None
        self._leftovers.add(issuance.proofs)
        return issued

    def _noted(self, failed: IssuanceFailed, issuance: Issuance) -> IssuanceFailed:
        if failed.starts_over:
            self._leftovers.add(issuance.proofs)
        return failed

    @property
    def _leftovers(self) -> Leftovers:
        return Leftovers(self.account, self.responder)

    def _in_words(self, clock: Callable[[], datetime]) -> AbstractContextManager[None]:
        return _in_words(clock, self.settings.directory_url)

    def _clock(self, now: datetime) -> Callable[[], datetime]:
        started = self.monotonic()
        return lambda: now + timedelta(seconds=self.monotonic() - started)

    def _refuse_unfit_names(self, request: CertificateRequest) -> None:
        kind = self.settings.challenge
        for name in request.names:
            if name.value.startswith("*.") and kind is not ChallengeKind.DNS_01:
                raise IssuanceFailed(
                    f"{name.value} can be proven by dns-01 only, and this authority uses "
                    f"{kind.value}.",
                    "Choose dns-01 for this authority, or name each server.",
                )
            if name.kind is NameKind.IP and kind is ChallengeKind.DNS_01:
                raise IssuanceFailed(
                    f"{name.value} is an address, which dns-01 cannot prove (RFC 8738 7).",
                    "Choose http-01 or tls-alpn-01 for this authority, or use a DNS name.",
                )


def describe_directory(
    directory: str, ca_pem: str = "", exchange_seconds: float = EXCHANGE_SECONDS
) -> Directory:
    """What a directory says of itself, for whoever is about to use it.

    Raises INVALID_INPUT for what is no directory's name or https URL, else IssuanceFailed.
    """
    url = directory_url(directory)
    with _in_words(lambda: datetime.now().astimezone(), url):
        return fetch_directory(bounded_session(trust(ca_pem), exchange_seconds), url)


@contextmanager
def _in_words(clock: Callable[[], datetime], directory_url: str) -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        raise refused.failure(clock()) from None
    except NotUnderstood as error:
        raise IssuanceFailed(
            f"What {urlsplit(directory_url).hostname} answers is no ACME: its part "
            f'"{error.what}" is missing or wrong.',
            "A page of maintenance, or a proxy between, may answer in its place. If it stays so, "
            f"see that {directory_url} is the directory's address.",
        ) from None
