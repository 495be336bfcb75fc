"""One order from where it was to its certificate (RFC 8555 7.4)."""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from certwright.authorities.acme.account import ACCOUNT_GONE
from certwright.authorities.acme.authorizations import Authorizing, failed_order
from certwright.authorities.acme.chain import choose_chain, leads_to, read_chain
from certwright.authorities.acme.challenges import (
    Challenge,
    Responder,
    challenge_from_json,
    challenge_to_json,
)
from certwright.authorities.acme.client import AcmeClient, Answer
from certwright.authorities.acme.directories import Directory
from certwright.authorities.acme.documents import NotUnderstood
from certwright.authorities.acme.orders import Order, OrderStatus, identifier, read_order
from certwright.authorities.acme.patience import NotYet, Patience
from certwright.authorities.acme.proofs import Proofs
from certwright.authorities.acme.refused import Refused
from certwright.authorities.acme.renewal import certificate_identifier
from certwright.authorities.acme.settings import AcmeSettings
from certwright.authorities.authority import (
    CertificateRequest,
    IssuanceFailed,
    IssuedCertificate,
    Progress,
)
from certwright.x509.text import day, listed

_log = structlog.get_logger()

_TRANSIENT = frozenset({"badNonce", "rateLimited", "serverInternal", "userActionRequired"})
_REPLACEMENT_REFUSED = frozenset({"alreadyReplaced", "conflict", "malformed", "unauthorized"})
_REPLACEMENT_STATUS = frozenset({403, 404, 409})
_SERVER_FAULT = 500
_LONGEST_ORDER = timedelta(days=7)
_LONGEST_PART = 1 / 6
"""Of the lifetime that is asked for: half of what is left when a renewal begins."""


@dataclass
class Issuance:
    """One go at one request.

    What it remembers: the order's address, the directory that it is of, since when it is under
    way, and what was put up.
    """

    client: AcmeClient
    settings: AcmeSettings
    request: CertificateRequest
    progress: Progress
    responder: Responder
    settle: Callable[[Sequence[Challenge]], None]
    patience: Patience
    order_url: str = field(init=False, default="")
    since: datetime = field(init=False)
    proofs: Proofs = field(init=False)

    def __post_init__(self) -> None:
        memory = self.progress.memory
        self.since = datetime.fromisoformat(memory["since"]) if "since" in memory else self._now()
        left = tuple(map(challenge_from_json, memory.get("proofs", ())))
        self.proofs = Proofs(self.responder, left, self._remember)

    def run(self) -> IssuedCertificate:
        """Go on until there is a certificate.

        Raises `NotYet`, IssuanceFailed, `Refused`, `NotUnderstood`. Only with the first of them
        do proofs stay up, since the authority has still to look at them.
        """
        try:
            return self._advance_in_time()
        except NotYet:
            raise
        except BaseException:
            self.proofs.take_away()
            raise

    def _advance_in_time(self) -> IssuedCertificate:
        """As `_advance`, but an order that is under way for too long is given up: others stayed
        "processing" for days while a new one would have been through at once (acme.sh issue 6103).
        """
        try:
            return self._advance()
        except NotYet as not_yet:
            longest = min(_LONGEST_ORDER, self.request.lifetime * _LONGEST_PART)
            if self._now() - self.since <= longest:
                raise
            raise IssuanceFailed(
                f"The order is under way since {day(self.since)}. {not_yet.sentence}",
                "It is given up, and ordered anew at the next attempt. If it stays so, tell the "
                "authority's support.",
                starts_over=True,
            ) from None

    def _advance(self) -> IssuedCertificate:
        order = self._known_order() or self._new_order()
        while True:
            if order.status is not OrderStatus.PENDING:
                self.proofs.take_away()
            match order.status:
                case OrderStatus.PENDING:
                    order = self._authorize(order)
                case OrderStatus.READY:
                    order = self._finalize(order)
                case OrderStatus.PROCESSING:
                    order = self._look_again(order, "The authority is making the certificate.")
                case OrderStatus.VALID if order.certificate is not None:
                    return self._download(order.certificate)
                case OrderStatus.VALID:
                    order = self._look_again(
                        order, "The authority has yet to show the certificate."
                    )
                case OrderStatus.INVALID:
                    raise failed_order(self.client, self.settings, order, self._now())

    def _known_order(self) -> Order | None:
        memory, directory = self.progress.memory, self.settings.directory_url
        url = memory.get("order")
        # Somebody may have given the authority another directory since, as the former one is dead.
        if not url or memory.get("directory", directory) != directory:
            return None
        self.order_url = url
        try:
            order = self._read()
        except Refused as refused:
            problem = refused.problem
            is_fault = problem.is_limit or problem.status >= _SERVER_FAULT
            if is_fault or problem.kind in _TRANSIENT | {ACCOUNT_GONE}:
                raise
            raise refused.failure(
                self._now(), about="The authority no longer knows the order", starts_over=True
            ) from None
        if order.names != frozenset(self.request.names):
            raise IssuanceFailed(
                "The order at the authority is for other names than the request.",
                "It is ordered anew at the next attempt.",
                starts_over=True,
            )
        return order

    def _new_order(self) -> Order:
        document: dict[str, object] = {
            "identifiers": [identifier(name) for name in dict.fromkeys(self.request.names)]
        }
        if profile := self.settings.profile:
            refuse_unknown_profile(self.client.directory, profile)
            document["profile"] = profile
        self.responder.prepare()
        answer = self._send_order(document)
        self.order_url, self.since = answer.location, self._now()
        self._remember(())
        return self._read_order(answer)

    def _send_order(self, document: dict[str, object]) -> Answer:
        url = self.client.directory.new_order
        if replaced := self._replaced():
            try:
                return self.client.post(url, {**document, "replaces": replaced})
            except Refused as refused:
                problem = refused.problem
                if not (
                    problem.kind in _REPLACEMENT_REFUSED
                    or (problem.status in _REPLACEMENT_STATUS and problem.kind not in _TRANSIENT)
                ):
                    raise
        return self.client.post(url, document)

    def _replaced(self) -> str | None:
        if self.request.replaces is None or self.client.directory.renewal_info is None:
            return None
        return certificate_identifier(self.request.replaces)

    def _authorize(self, order: Order) -> Order:
        Authorizing(
            self.client,
            self.settings,
            frozenset(self.request.names),
            self.proofs,
            self.settle,
            self.patience,
        ).authorize(order)
        order = self._read()
        if order.status is OrderStatus.PENDING:
            return self._look_again(order, "The authority has not counted all proofs yet.")
        return order

    def _finalize(self, order: Order) -> Order:
        self._remember(self.proofs.up)
        signing_request = urlsafe_b64encode(self.request.signing_request).decode().rstrip("=")
        try:
            answer = self.client.post(order.finalize, {"csr": signing_request})
            order = self._read_order(answer)
        except Refused as refused:
            # It may be at work on it already, for a process that was killed, or not be ready yet.
            order = self._read()
            if order.status is OrderStatus.INVALID and order.problem is None:
                raise self.client.failure(
                    refused, self._now(), about="The authority gave the order up", starts_over=True
                ) from None
            if order.status is OrderStatus.READY and refused.problem.kind != "orderNotReady":
                raise
        if order.status in (OrderStatus.READY, OrderStatus.PENDING):
            return self._look_again(order, "The order is not ready yet.")
        return order

    def _look_again(self, order: Order, sentence: str) -> Order:
        self.patience.wait(order.retry_after, sentence)
        return self._read()

    def _download(self, url: str) -> IssuedCertificate:
        answer = self.client.read_chain(url)
        issued = read_chain(answer.content, self.request, self._now())
        wanted = self.settings.preferred_chain
        if not wanted or leads_to(issued, wanted):
            return issued
        return choose_chain(issued, self._other_chains(answer), wanted)

    def _other_chains(self, answer: Answer) -> Iterator[IssuedCertificate]:
        for url in answer.alternates:
            try:
                yield self._read_chain(url)
            except (Refused, IssuanceFailed, NotUnderstood, NotYet) as error:
                # The default chain is a right one: better that than none.
                _log.warning("acme.alternate_chain_unusable", reason=str(error))

    def _read_chain(self, url: str) -> IssuedCertificate:
        return read_chain(self.client.read_chain(url).content, self.request, self._now())

    def _read(self) -> Order:
        return self._read_order(self.client.read(self.order_url))

    def _read_order(self, answer: Answer) -> Order:
        return read_order(self.order_url, answer.document, answer.retry_after)

    def _remember(self, up: tuple[Challenge, ...]) -> None:
        self.progress.remember(
            {
                "order": self.order_url,
                "directory": self.settings.directory_url,
                "since": self.since.isoformat(),
                "proofs": [challenge_to_json(one) for one in up],
            }
        )

    def _now(self) -> datetime:
        return self.patience.clock()


def refuse_unknown_profile(directory: Directory, profile: str) -> None:
    """Raise IssuanceFailed if a profile is wanted that the directory does not offer."""
    offered = tuple(directory.profiles)
    if profile and profile not in offered:
        raise IssuanceFailed(
            f'The authority does not offer the profile "{profile}".',
            f"Choose one of {listed(offered)}, or none."
            if offered
            else "Choose none: this directory has no profiles.",
        )
