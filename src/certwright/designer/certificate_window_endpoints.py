"""Right for: what each endpoint does with a certificate, and what leads to a remedy."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from certwright.rules.catalogue import RULES
from certwright.rules.engine import is_right
from certwright.rules.family import Family
from certwright.rules.finding import Finding, Severity
from certwright.services.endpoints import Endpoint, EndpointName


class Use(StrEnum):
    """What an endpoint does with a certificate."""

    SERVED = "saved and served"
    SAVED = "saved, and served after the next restart"
    FORMER = "still served until the next restart; another one is saved"
    KEPT = "saved, but not used while the endpoint speaks HTTP"
    NONE = "not used"


@dataclass(frozen=True)
class Remedy:
    """Where a button leads that helps with a finding."""

    label: str
    address: str


@dataclass(frozen=True)
class EndpointVerdict:
    """One endpoint: whether the certificate is right for it, and what it does with it."""

    endpoint: Endpoint
    use: Use
    findings: tuple[Finding, ...]

    @property
    def name(self) -> EndpointName:
        """Which endpoint."""
        return self.endpoint.name

    @property
    def is_right(self) -> bool:
        """Whether it may be used there without a second thought."""
        return is_right(self.findings)

    @property
    def needs_restart(self) -> bool:
        """Whether a restart would begin or end its use."""
        return self.use in {Use.SAVED, Use.FORMER}

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """What helps, each once, in the order of the findings; notices ask for nothing."""
        wanting = (one for one in self.findings if one.severity is not Severity.NOTICE)
        return tuple(dict.fromkeys(remedy_for(one.code, self.name) for one in wanting))


_IMPORT = "/certificates/import"
_REMEDIES = {
    Family.KEY_ACCESS: Remedy("Import its private key", _IMPORT),
    Family.CHAIN: Remedy("Import the chain", _IMPORT),
    Family.DEPLOYMENT: Remedy("Look at the endpoints", "/"),
}
_FAMILIES = {rule.code: rule.family for rule in RULES}


def use_of(endpoint: Endpoint, fingerprint: str) -> Use:
    """What `endpoint` does with the certificate."""
    saved, active = endpoint.saved, endpoint.active
    is_served = (
        active is not None and active.protocol.is_encrypted and active.certificate == fingerprint
    )
    if saved.certificate != fingerprint:
        return Use.FORMER if is_served else Use.NONE
    if not saved.protocol.is_encrypted:
        return Use.KEPT
    return Use.SERVED if is_served else Use.SAVED


def remedy_for(code: str, name: EndpointName) -> Remedy:
    """Where a finding's remedy is found: the file that is missing, or another certificate."""
    another = Remedy("Select another certificate", f"/settings/{name}/certificate")
    family = family_of(code)
    return another if family is None else _REMEDIES.get(family, another)


def family_of(code: str) -> Family | None:
    """What the rule behind a finding looks at; None for a rule that crashed."""
    return _FAMILIES.get(code)


def used_by(
    endpoints: Sequence[Endpoint], fingerprint: str
) -> tuple[tuple[EndpointName, Use], ...]:
    """The endpoints that use the certificate in some way."""
    uses = ((one.name, use_of(one, fingerprint)) for one in endpoints)
    return tuple((name, use) for name, use in uses if use is not Use.NONE)
