"""What a handshake from outside showed, judged: is the right certificate really served?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from certwright.machine.handshake import Handshake
from certwright.rules.candidate import Candidate, Requirement
from certwright.rules.catalogue import RULES
from certwright.rules.engine import check
from certwright.rules.family import Family
from certwright.rules.finding import Finding, Severity
from certwright.x509.certificate import Certificate
from certwright.x509.chains import verify_chain
from certwright.x509.names import ServerName
from certwright.x509.text import day, rfc3339

_MODERN_VERSIONS = ("TLSv1.2", "TLSv1.3")
_NAME_RULES = frozenset({"san-lacks-name", "extensions-unreadable"})
_TIME_RULES = frozenset({"expired", "not-yet-valid"})
_FAMILIES_OF_THE_CHAIN = (Family.CHAIN, Family.SIGNATURES, Family.KEYS, Family.USAGE)
_CHAIN_RULES = frozenset(
    {rule.code for rule in RULES if rule.family in _FAMILIES_OF_THE_CHAIN} | {"rule-crashed"}
)


@dataclass(frozen=True)
class Check:
    """One thing that was looked at, and what was seen."""

    name: str
    ok: bool
    sentence: str


@dataclass(frozen=True)
class Proof:
    """The checks on one handshake, and the facts they were made on."""

    ok: bool
    checks: tuple[Check, ...]
    document: dict[str, Any]

    @property
    def failure(self) -> str:
        """The sentences of the checks that failed, and what to do where that is known."""
        return why_failed(self.document)


def judge_handshake(
    handshake: Handshake, requirement: Requirement, selected: Certificate | None
) -> Proof:
    """Look at name, chain, time, key and protocol version of what was served.

    `selected` is the certificate that should be served (None: any that is right).
    """
    served = tuple(Certificate.from_der(der) for der in handshake.chain)
    findings = check(
        Candidate(
            certificate=served[0],
            chain=served[1:],
            has_private_key=True,
            private_key_fingerprint=served[0].key_fingerprint,
        ),
        requirement,
    )
    checks = tuple(_checks(handshake, served, findings, selected))
    return _proof(checks, _facts(handshake, served, requirement.at))


def judge_as_client(
    handshake: Handshake, name: ServerName, roots: Sequence[Certificate], at: datetime
) -> Proof:
    """Judge what was served as a client that trusts `roots` and wants `name` would at `at`."""
    served = tuple(Certificate.from_der(der) for der in handshake.chain)
    verdict = verify_chain(served[0], served[1:], roots, name, at)
    trusted = f"A client here trusts it for {name} until {day(served[0].not_after)}."
    trust = Check("trust", verdict.ok, trusted if verdict.ok else verdict.reason)
    return _proof((*_handshake_checks(handshake, served[0]), trust), _facts(handshake, served, at))


def why_failed(document: Mapping[str, Any]) -> str:
    """The same, of a proof on record; "" where it passed."""
    failed = [one["sentence"] for one in document.get("checks", ()) if not one["ok"]]
    return " ".join((*failed, document.get("remedy", ""))).strip()


def failed_proof(
    sentence: str, address: str, port: int, name: str, at: datetime, *, remedy: str = ""
) -> Proof:
    """The proof when there was no handshake to judge; `remedy` is what to do, where known."""
    checks = (Check("handshake", ok=False, sentence=sentence),)
    facts = {"at": rfc3339(at), "address": address, "port": port, "name": name}
    return _proof(checks, facts | ({"remedy": remedy} if remedy else {}))


def plain_proof(address: str, port: int, name: str, at: datetime) -> Proof:
    """The proof of an endpoint in the clear: it answers, and nothing else can be shown."""
    checks = (
        Check("answers", ok=True, sentence=f"It answers on port {port}, in the clear."),
        Check("encryption", ok=True, sentence="Nothing is encrypted, as its protocol says."),
    )
    return _proof(checks, {"at": rfc3339(at), "address": address, "port": port, "name": name})


def unreachable_proof(at: datetime) -> Proof:
    """The proof of an endpoint of which no address is known: nobody can look, and it says so."""
    sentence = "No address of it is known, so no handshake shows what it serves."
    return _proof((Check("address", ok=True, sentence=sentence),), {"at": rfc3339(at)})


def _checks(
    handshake: Handshake,
    served: tuple[Certificate, ...],
    findings: tuple[Finding, ...],
    selected: Certificate | None,
) -> Iterable[Check]:
    leaf = served[0]
    yield from _handshake_checks(handshake, leaf)
    if selected is not None:
        yield _selected_check(leaf, selected)
    yield _rule_check(
        "name", findings, _NAME_RULES, f"The certificate is for {handshake.server_name}."
    )
    yield _rule_check("time", findings, _TIME_RULES, f"Valid until {day(leaf.not_after)}.")
    yield _rule_check("chain", findings, _CHAIN_RULES, _describe_chain(served))


def _handshake_checks(handshake: Handshake, leaf: Certificate) -> Iterable[Check]:
    version = handshake.tls_version.replace("TLSv", "TLS ")
    group = f" with {handshake.group}" if handshake.group else ""
    yield Check(
        "protocol",
        handshake.tls_version in _MODERN_VERSIONS,
        f"{version}{group} on port {handshake.port}.",
    )
    yield Check(
        "key",
        ok=True,
        sentence=f"The server proved that it holds the private key ({leaf.key_description}).",
    )


def _describe_chain(served: tuple[Certificate, ...]) -> str:
    if served[0].is_self_signed:
        return "It is self-signed: clients have to trust this very certificate."
    senders = ", ".join(c.short_name for c in served[1:])
    return f"The chain is complete ({senders})." if senders else "The chain is complete."


def _selected_check(leaf: Certificate, selected: Certificate) -> Check:
    if leaf.fingerprint == selected.fingerprint:
        return Check("selected", ok=True, sentence="The served certificate is the selected one.")
    return Check(
        "selected",
        ok=False,
        sentence=f"Another certificate is served: {leaf.short_name} "
        f"(thumbprint {leaf.thumbprint}) instead of thumbprint {selected.thumbprint}.",
    )


def _rule_check(
    name: str, findings: tuple[Finding, ...], codes: frozenset[str], good: str
) -> Check:
    concerned = [finding for finding in findings if finding.code in codes]
    errors = [finding for finding in concerned if finding.severity is Severity.ERROR]
    if errors:
        return Check(name, ok=False, sentence=" ".join(finding.message for finding in errors))
    warnings = [finding for finding in concerned if finding.severity is Severity.WARNING]
    if warnings:
        told = " ".join(f"{finding.message} {finding.remedy}" for finding in warnings)
        return Check(name, True, f"Only a warning in this endpoint's environment: {told}")
    return Check(name, ok=True, sentence=good)


def _facts(handshake: Handshake, served: tuple[Certificate, ...], at: datetime) -> dict[str, Any]:
    return {
        "at": rfc3339(at),
        "address": handshake.address,
        "port": handshake.port,
        "name": handshake.server_name,
        "tls_version": handshake.tls_version,
        "cipher": handshake.cipher,
        "group": handshake.group,
        "milliseconds": round(handshake.seconds * 1000, 1),
        "served_fingerprint": served[0].fingerprint,
        "served_thumbprint": served[0].thumbprint,
        "chain": [
            {
                "fingerprint": certificate.fingerprint,
                "subject": certificate.subject,
                "issuer": certificate.issuer,
                "not_before": rfc3339(certificate.not_before),
                "not_after": rfc3339(certificate.not_after),
            }
            for certificate in served
        ],
    }


def _proof(checks: tuple[Check, ...], facts: dict[str, Any]) -> Proof:
    ok = all(one.ok for one in checks)
    verdict = {"verdict": "pass" if ok else "fail"}
    return Proof(ok, checks, verdict | facts | {"checks": [asdict(one) for one in checks]})
