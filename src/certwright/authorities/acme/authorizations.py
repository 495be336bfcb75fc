"""Proving control of each name of an order, and saying which proof failed and why."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import structlog

from certwright.authorities.acme.challenges import Challenge, ChallengeKind
from certwright.authorities.acme.client import AcmeClient
from certwright.authorities.acme.documents import NotUnderstood
from certwright.authorities.acme.orders import (
    Authorization,
    AuthorizationStatus,
    OfferedChallenge,
    Order,
    read_authorization,
)
from certwright.authorities.acme.patience import Patience
from certwright.authorities.acme.problems import Explanation, Problem, refusal
from certwright.authorities.acme.proofs import Proofs
from certwright.authorities.acme.refused import Refused
from certwright.authorities.acme.settings import AcmeSettings
from certwright.authorities.authority import IssuanceFailed
from certwright.x509.names import ServerName
from certwright.x509.text import listed

_log = structlog.get_logger()

_GONE = frozenset({404, 410})
_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "connection": "it could not reach the server",
        "incorrectResponse": "it found something else than the proof",
        "tls": "it met a fault of TLS when it looked at the server",
        "unauthorized": "it did not find the proof",
    }
)
_REMEDIES: Mapping[ChallengeKind, str] = MappingProxyType(
    {
        ChallengeKind.HTTP_01: (
            "See that the name and its port 80 lead to port {port} of this node from where the "
            "authority is, and to no other server or proxy; or use dns-01, which needs no port."
        ),
        ChallengeKind.TLS_ALPN_01: (
            "See that the name and its port 443 lead to port {port} of this node from where the "
            "authority is, and that nothing between ends the TLS; or use dns-01, which needs no "
            "port."
        ),
        ChallengeKind.DNS_01: (
            "See that the zone's servers show everybody the TXT record below _acme-challenge while "
            "it is there; if they are slow to, allow more time."
        ),
    }
)


@dataclass(frozen=True)
class _Undecided:
    """A name that the authority has no proof for yet, and the challenge to give it by."""

    url: str
    offered: OfferedChallenge
    challenge: Challenge


@dataclass(frozen=True)
class Authorizing:
    """Puts the proofs up, tells the authority, and waits until it has looked at all of them.

    `names` are those of the request: of what else a directory says that the order holds, nothing
    is proven.
    """

    client: AcmeClient
    settings: AcmeSettings
    names: frozenset[ServerName]
    proofs: Proofs
    settle: Callable[[Sequence[Challenge]], None]
    patience: Patience

    def authorize(self, order: Order) -> None:
        """Return when every name is proven; raises `NotYet`, IssuanceFailed, `Refused`."""
        try:
            self._prove(order)
        except Refused as refused:
            # What ran out is answered by 404 for ever (cert-manager issue 1589).
            if refused.problem.status not in _GONE:
                raise
            raise self.client.failure(
                refused,
                self.patience.clock(),
                about="The authority no longer knows what the order hangs on",
                starts_over=True,
            ) from None

    def _prove(self, order: Order) -> None:
        undecided = [
            one for url in order.authorizations if (one := self._undecided(url)) is not None
        ]
        if not undecided:
            return
        challenges = [one.challenge for one in undecided]
        self.proofs.put_up(challenges)
        waiting = [one for one in undecided if one.offered.is_pending]
        if waiting:
            self.settle(challenges)
            self.patience.renew()
        for one in waiting:
            self.client.post(one.offered.url, {})
        for one in undecided:
            self._wait_for(one.url)

    def _undecided(self, url: str) -> _Undecided | None:
        authorization = read_authorization(self.client.read(url).document)
        if not self._is_open(authorization):
            return None
        if ServerName(authorization.name.kind, authorization.shown_name) not in self.names:
            raise NotUnderstood("authorizations")
        kind = self.settings.challenge
        offered = next((one for one in authorization.challenges if one.kind is kind), None)
        if offered is None:
            raise self._not_offered(authorization)
        answer = offered.to_answer(authorization.name, self.client.thumbprint)
        return _Undecided(url, offered, answer)

    def _wait_for(self, url: str) -> None:
        while True:
            answer = self.client.read(url)
            authorization = read_authorization(answer.document)
            if not self._is_open(authorization):
                return
            self.patience.wait(
                answer.retry_after,
                f"The authority has still to look at the proof for {authorization.shown_name}.",
            )

    def _is_open(self, authorization: Authorization) -> bool:
        """Whether a proof is still wanted; raises IssuanceFailed if it is too late for one."""
        if authorization.status is AuthorizationStatus.VALID:
            return False
        if authorization.status is AuthorizationStatus.PENDING:
            return True
        raise _not_proven(self.client, self.settings, [authorization], None, self.patience.clock())

    def _not_offered(self, authorization: Authorization) -> IssuanceFailed:
        kinds = tuple(dict.fromkeys(one.kind.value for one in authorization.challenges))
        kind = self.settings.challenge
        return IssuanceFailed(
            f"The authority does not take {kind.value} for {authorization.shown_name}.",
            f"Choose {listed(kinds)} for this authority." if kinds else "Choose another authority.",
        )


def failed_order(
    client: AcmeClient, settings: AcmeSettings, order: Order, now: datetime
) -> IssuanceFailed:
    """Why an order is invalid: the proofs that failed, else what the order itself says."""
    read = _readable(client, order)
    failed = [one for one in read if one.status is not AuthorizationStatus.VALID]
    return _not_proven(client, settings, failed, order.problem, now)


def _readable(client: AcmeClient, order: Order) -> Iterator[Authorization]:
    for url in order.authorizations:
        try:
            yield read_authorization(client.read(url).document)
        except (Refused, NotUnderstood) as error:
            # The order is lost anyway, and says itself why if need be.
            _log.warning("acme.authorization_unreadable", reason=str(error))


def _explained(
    client: AcmeClient, settings: AcmeSettings, problem: Problem, kind: ChallengeKind
) -> Explanation:
    """What a problem of this type means when a proof was looked for, and where to look then."""
    meaning = _MEANINGS.get(problem.kind)
    if meaning is None:
        return client.explain(problem)
    port = settings.http_port if kind is ChallengeKind.HTTP_01 else settings.tls_port
    return Explanation(meaning, _REMEDIES[kind].format(port=port))


def _not_proven(
    client: AcmeClient,
    settings: AcmeSettings,
    authorizations: Sequence[Authorization],
    problem: Problem | None,
    now: datetime,
) -> IssuanceFailed:
    for authorization in authorizations:
        for offered in authorization.challenges:
            if offered.problem is not None:
                return refusal(
                    offered.problem,
                    None,
                    now,
                    about=f"The authority could not confirm {authorization.shown_name} "
                    f"by {offered.kind.value}",
                    explanation=_explained(client, settings, offered.problem, offered.kind),
                    starts_over=True,
                )
    if problem is not None:
        return refusal(
            problem,
            None,
            now,
            about="The authority gave the order up",
            explanation=client.explain(problem),
            starts_over=True,
        )
    names = tuple(f"{one.shown_name} ({one.status})" for one in authorizations)
    return IssuanceFailed(
        f"The authority no longer counts the proof of {listed(names)}."
        if names
        else "The authority gave the order up without a reason.",
        "It is ordered anew at the next attempt.",
        starts_over=True,
    )
