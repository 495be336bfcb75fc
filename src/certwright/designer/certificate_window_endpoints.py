"""Right for: what leads to the remedy of each finding."""

from dataclasses import dataclass

from certwright.lifecycle.endpoint_verdicts import EndpointVerdict
from certwright.rules.catalogue import RULES
from certwright.rules.family import Family
from certwright.rules.finding import Severity
from certwright.services.endpoints import EndpointName


@dataclass(frozen=True)
class Remedy:
    """Where a button leads that helps with a finding."""

    label: str
    address: str


_IMPORT = "/certificates/import"
_REMEDIES = {
    Family.KEY_ACCESS: Remedy("Import its private key", _IMPORT),
    Family.CHAIN: Remedy("Import the chain", _IMPORT),
    Family.DEPLOYMENT: Remedy("Look at the endpoints", "/"),
}
_FAMILIES = {rule.code: rule.family for rule in RULES}


def remedies_of(verdict: EndpointVerdict) -> tuple[Remedy, ...]:
    """What helps, each once, in the order of the findings; notices ask for nothing."""
    wanting = (one for one in verdict.findings if one.severity is not Severity.NOTICE)
    return tuple(dict.fromkeys(remedy_for(one.code, verdict.name) for one in wanting))


def remedy_for(code: str, name: EndpointName) -> Remedy:
    """Where a finding's remedy is found: the file that is missing, or another certificate."""
    another = Remedy("Select another certificate", f"/settings/{name}/certificate")
    family = family_of(code)
    return another if family is None else _REMEDIES.get(family, another)


def family_of(code: str) -> Family | None:
    """What the rule behind a finding looks at; None for a rule that crashed."""
    return _FAMILIES.get(code)
