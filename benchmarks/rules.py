"""How many certificates the rules judge in a second on one core, read from DER each time."""

import time
from statistics import median

from benchmarks.judged import NOW, JudgedStore, make_store
from certwright.lifecycle.known_roots import machine_roots, public_roots
from certwright.rules.candidate import Candidate, Requirement
from certwright.rules.catalogue import RULES
from certwright.rules.engine import check
from certwright.rules.environment import Environment
from certwright.x509.certificate import Certificate
from certwright.x509.chains import complete_chain

_SERVERS, _CERTIFICATES = 20, 1000
_ROUNDS = 5
_GOAL = 1000


def measure() -> dict[str, object]:
    """Certificates a second for each environment: medians of several rounds, taking turns."""
    store = make_store(_SERVERS, _CERTIFICATES // _SERVERS)
    trusted = (*store.authorities, *machine_roots(), *public_roots())
    rates: dict[str, list[float]] = {environment.value: [] for environment in Environment}
    findings: dict[str, int] = {}
    for _ in range(_ROUNDS):
        for environment in Environment:
            started = time.process_time()
            found = _judge_all(store, trusted, environment)
            seconds = time.process_time() - started
            rates[environment.value].append(round(_CERTIFICATES / seconds, 1))
            findings[environment.value] = found
    return {
        "certificates": _CERTIFICATES,
        "rules": len(RULES),
        "roots": len(trusted),
        "rounds": rates,
        "findings": findings,
        "medians": {environment: median(rate) for environment, rate in rates.items()},
        "goal": _GOAL,
    }


def _judge_all(
    store: JudgedStore, trusted: tuple[Certificate, ...], environment: Environment
) -> int:
    """As the node judges what lies in its stores; returns the number of findings."""
    found = 0
    for name, leaves in store.leaves.items():
        requirement = Requirement((name,), environment, NOW, trusted, public_roots())
        for der in leaves:
            found += len(check(_candidate(der, store.authorities), requirement))
    return found


def _candidate(der: bytes, authorities: tuple[Certificate, ...]) -> Candidate:
    certificate = Certificate.from_der(der)
    return Candidate(
        certificate=certificate,
        chain=complete_chain(certificate, authorities)[1:],
        has_private_key=True,
        private_key_fingerprint=certificate.key_fingerprint,
    )
