"""The preview of an import in words: what goes where, and what has to be asked."""

from dataclasses import dataclass

from certwright.designer.certificate_window_endpoints import family_of
from certwright.lifecycle.import_plan import FROM_FILE, FROM_STORE, ImportPlan, PlannedEntry
from certwright.rules.engine import is_right
from certwright.rules.family import Family
from certwright.x509.certificate import Certificate

_MOST_SHOWN = 50
_TELLING_OF_THE_CHAIN = frozenset({Family.CHAIN, Family.TIME})


@dataclass(frozen=True)
class PreviewRow:
    """One certificate of the preview."""

    entry: PlannedEntry
    origin: str
    outcome: str


@dataclass(frozen=True)
class Preview:
    """What the page shows of a plan.

    `concerns_server` tells that the leaf could be a server's; `tells_chain` that the chain's
    verdict says something that no finding says.
    """

    plan: ImportPlan
    rows: tuple[PreviewRow, ...]
    hidden: int
    leaf: Certificate
    concerns_server: bool
    is_right: bool
    tells_chain: bool
    issuers_could_be_fetched: bool
    brings_key: bool
    friendly_name: str


def preview_of(plan: ImportPlan, *, fetched: bool) -> Preview:
    """Pure. `fetched` tells that issuers were looked for already."""
    shown = plan.entries[:_MOST_SHOWN]
    first = plan.entries[0]
    return Preview(
        plan=plan,
        rows=tuple(PreviewRow(one, _origin(one), _outcome(one)) for one in shown),
        hidden=len(plan.entries) - len(shown),
        leaf=first.certificate,
        concerns_server=first.has_private_key or not first.certificate.is_authority,
        is_right=is_right(plan.findings),
        tells_chain=plan.chain.ok
        or not any(family_of(one.code) in _TELLING_OF_THE_CHAIN for one in plan.findings),
        issuers_could_be_fetched=not fetched and _names_missing_issuer(plan),
        brings_key=any(one.has_private_key and one.is_new for one in plan.entries),
        friendly_name=first.friendly_name,
    )


def _origin(entry: PlannedEntry) -> str:
    if entry.origin == FROM_FILE:
        return "from the file"
    if entry.origin == FROM_STORE:
        return "found in a store"
    return f"fetched from {entry.origin}"


def _outcome(entry: PlannedEntry) -> str:
    return f"New in {entry.place.title}" if entry.is_new else f"Already in {entry.place.title}"


def _names_missing_issuer(plan: ImportPlan) -> bool:
    """Whether the chain ends too early at a certificate that says where its issuer is."""
    if plan.chain.ok or not plan.chain.path:
        return False
    last = plan.chain.path[-1]
    return not last.is_self_issued and bool(last.issuer_addresses)
