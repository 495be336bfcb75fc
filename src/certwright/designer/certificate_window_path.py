"""Certification Path: the chain from the root down, and how each link of it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from certwright.x509.certificate import Certificate
from certwright.x509.chains import ChainVerdict
from certwright.x509.text import day


@dataclass(frozen=True)
class Link:
    """One certificate of the chain; `health` is for colour, icon and word.

    `certificate` is None for the issuer that is missing. `role` says what it is in the chain,
    `reasons` what is wrong with it.
    """

    certificate: Certificate | None
    name: str
    role: str
    health: str
    reasons: tuple[str, ...]
    address: str | None = None


def draw_path(
    verdict: ChainVerdict, roots: Sequence[Certificate], at: datetime
) -> tuple[Link, ...]:
    """The links of `verdict`, root first; pure, without addresses.

    Each reason stands at its own link. What the verdict says of none of them in particular stands
    in the verdict only.
    """
    path = verdict.path
    told = [_own_reasons(path, position, roots, at) for position in range(len(path))]
    last = path[-1]
    is_cut_short = not last.is_self_issued and last not in roots
    if not verdict.ok and not is_cut_short and not any(told):
        told = _placed(verdict.reason, path)
    links = [
        Link(
            certificate=certificate,
            name=certificate.short_name,
            role=_role(path, position),
            health="broken" if told[position] else "good",
            reasons=tuple(told[position]),
        )
        for position, certificate in enumerate(path)
    ]
    if is_cut_short:
        reason = "Its certificate is in no store here, so the chain ends below it."
        links.append(Link(None, last.issuer_name, "Missing issuer", "broken", (reason,)))
    return tuple(reversed(links))


def _own_reasons(
    path: Sequence[Certificate], position: int, roots: Sequence[Certificate], at: datetime
) -> list[str]:
    certificate = path[position]
    reasons = []
    if certificate.not_after < at:
        reasons.append(f"Expired on {day(certificate.not_after)}.")
    if at < certificate.not_before:
        reasons.append(f"Good only from {day(certificate.not_before)} on.")
    if position > 0 and not certificate.is_authority:
        reasons.append("It is no authority, so it may not issue certificates.")
    is_end = position == len(path) - 1
    if is_end and certificate.is_self_issued and certificate not in roots:
        reasons.append("It is not among the trusted roots.")
    return reasons


def _placed(reason: str, path: Sequence[Certificate]) -> list[list[str]]:
    """The verdict's reason at the first link that it names."""
    told: list[list[str]] = [[] for _ in path]
    named = (index for index, one in enumerate(path) if one.short_name in reason)
    if (position := next(named, None)) is not None:
        told[position].append(reason)
    return told


def _role(path: Sequence[Certificate], position: int) -> str:
    certificate = path[position]
    if certificate.is_self_signed:
        return "Root" if certificate.is_authority else "Self-signed"
    if position == 0:
        return "Intermediate" if certificate.is_authority else "Leaf"
    return "Intermediate"
