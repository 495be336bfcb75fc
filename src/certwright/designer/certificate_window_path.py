"""Certification Path: the chain from the root down, and how each link of it stands."""

from collections.abc import Sequence
from dataclasses import dataclass

from certwright.x509.certificate import Certificate
from certwright.x509.chains import ChainVerdict
from certwright.x509.refusal import Cause, Refusal

_WITHOUT_ISSUER = frozenset({Cause.ISSUER_MISSING, Cause.OTHER_ISSUER})


@dataclass(frozen=True)
class Link:
    """One certificate of the chain; `health` is for colour, icon and word.

    `certificate` is None for the issuer that is missing. `role` says what it is in the chain,
    `refusals` what is wrong with it.
    """

    certificate: Certificate | None
    name: str
    role: str
    health: str
    refusals: tuple[Refusal, ...]
    address: str | None = None


def draw_path(verdict: ChainVerdict) -> tuple[Link, ...]:
    """The links of `verdict`, root first, each with its own faults; pure, without addresses."""
    path = verdict.path
    missing = tuple(one for one in verdict.refusals if one.cause in _WITHOUT_ISSUER)
    links = [
        _link(path, position, verdict.refusals, without=missing) for position in range(len(path))
    ]
    if missing:
        links.append(Link(None, path[-1].issuer_name, "Missing issuer", "broken", missing))
    return tuple(reversed(links))


def _link(
    path: Sequence[Certificate],
    position: int,
    refusals: Sequence[Refusal],
    *,
    without: Sequence[Refusal],
) -> Link:
    certificate = path[position]
    own = tuple(one for one in refusals if one.certificate == certificate and one not in without)
    return Link(
        certificate=certificate,
        name=certificate.short_name,
        role=_role(certificate, position),
        health="broken" if own else "good",
        refusals=own,
    )


def _role(certificate: Certificate, position: int) -> str:
    if certificate.is_self_signed:
        return "Root" if certificate.is_authority else "Self-signed"
    if position == 0 and not certificate.is_authority:
        return "Leaf"
    return "Intermediate"
