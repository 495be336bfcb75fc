"""Orders, authorizations and their challenges, as values (RFC 8555 7.1.3 to 7.1.5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from certwright.authorities.acme.challenges import Challenge, ChallengeKind, read_token
from certwright.authorities.acme.documents import (
    NotUnderstood,
    a_flag,
    a_list,
    a_url,
    an_object,
    as_url,
)
from certwright.authorities.acme.problems import Problem, read_problem
from certwright.x509.names import NameKind, ServerName, canonical_address

_MOST_NAMES = 200
_MOST_CHALLENGES = 20
_OK = 200
_LONGEST_NAME = 255
_WILDCARD = "*."

_Status = TypeVar("_Status", bound=StrEnum)


class OrderStatus(StrEnum):
    """RFC 8555 7.1.6."""

    PENDING = "pending"
    READY = "ready"
    PROCESSING = "processing"
    VALID = "valid"
    INVALID = "invalid"


class AuthorizationStatus(StrEnum):
    """RFC 8555 7.1.6."""

    PENDING = "pending"
    VALID = "valid"
    INVALID = "invalid"
    DEACTIVATED = "deactivated"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Order:
    """An order for a certificate, as it stood when it was read."""

    url: str
    status: OrderStatus
    names: frozenset[ServerName]
    authorizations: tuple[str, ...]
    finalize: str
    certificate: str | None
    problem: Problem | None
    retry_after: str | None = None
    """What the server says about when to look again."""


@dataclass(frozen=True)
class OfferedChallenge:
    """A challenge by which an authorization can be had; those of unknown kinds are left out."""

    kind: ChallengeKind
    url: str
    is_pending: bool
    token: str
    problem: Problem | None

    def to_answer(self, name: ServerName, thumbprint: str) -> Challenge:
        """The proof to put up."""
        return Challenge(self.kind, name, self.token, f"{self.token}.{thumbprint}")


@dataclass(frozen=True)
class Authorization:
    """Whether the account has shown that it controls a name."""

    name: ServerName
    """Of a wildcard, the name below which it stands."""
    is_wildcard: bool
    status: AuthorizationStatus
    challenges: tuple[OfferedChallenge, ...]

    @property
    def shown_name(self) -> str:
        """As the request has it."""
        return f"{_WILDCARD}{self.name.value}" if self.is_wildcard else self.name.value


def identifier(name: ServerName) -> dict[str, str]:
    """A name as an order has it (RFC 8555 7.1.4, RFC 8738 3)."""
    return {"type": "ip" if name.kind is NameKind.IP else "dns", "value": name.value}


def read_order(url: str, document: Mapping[str, Any], retry_after: str | None = None) -> Order:
    """Read an order; raises `NotUnderstood`."""
    status = _status(OrderStatus, document)
    names = [_name(one) for one in a_list(document, "identifiers", _MOST_NAMES)]
    urls = a_list(document, "authorizations", _MOST_NAMES)
    return Order(
        url=url,
        status=status,
        names=frozenset(names),
        authorizations=tuple(as_url(one, "authorizations") for one in urls),
        finalize=a_url(document, "finalize"),
        certificate=a_url(document, "certificate") if "certificate" in document else None,
        problem=_problem(document),
        retry_after=retry_after,
    )


def read_authorization(document: Mapping[str, Any]) -> Authorization:
    """Read an authorization; raises `NotUnderstood`."""
    offered = [
        _challenge(an_object(one, "challenges"))
        for one in a_list(document, "challenges", _MOST_CHALLENGES)
    ]
    name = _name(document.get("identifier"))
    return Authorization(
        name=ServerName(name.kind, name.value.removeprefix(_WILDCARD)),
        is_wildcard=a_flag(document, "wildcard") or name.value.startswith(_WILDCARD),
        status=_status(AuthorizationStatus, document),
        challenges=tuple(one for one in offered if one is not None),
    )


def _challenge(document: Mapping[str, Any]) -> OfferedChallenge | None:
    if document.get("type") not in [*ChallengeKind]:
        return None
    return OfferedChallenge(
        ChallengeKind(document["type"]),
        a_url(document, "url"),
        document.get("status") == "pending",
        read_token(document.get("token")),
        _problem(document),
    )


def _status(kinds: type[_Status], document: Mapping[str, Any]) -> _Status:
    try:
        return kinds(str(document.get("status")))
    except ValueError:
        raise NotUnderstood("status") from None


def _name(document: object) -> ServerName:
    values = an_object(document, "identifier")
    value = values.get("value")
    if not isinstance(value, str) or len(value) > _LONGEST_NAME:
        raise NotUnderstood("identifier")
    if values.get("type") == "ip":
        return ServerName(NameKind.IP, canonical_address(value) or value)
    return ServerName(NameKind.DNS, value.lower())


def _problem(document: Mapping[str, Any]) -> Problem | None:
    return read_problem(document["error"], _OK) if document.get("error") else None
