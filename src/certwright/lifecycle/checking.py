"""`certwright check`: all rules on one certificate, without a node."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from certwright.lifecycle.checking_revocation import AskedRevocation, RevocationDesk
from certwright.lifecycle.checking_source import CheckedSource
from certwright.rules.candidate import Requirement
from certwright.rules.case import Case
from certwright.rules.chain import CHAIN_INCOMPLETE
from certwright.rules.chain_form import CHAIN_ORDER
from certwright.rules.engine import check, chosen_rules, is_right, worst_first
from certwright.rules.environment import Environment
from certwright.rules.family import Family
from certwright.rules.finding import Finding
from certwright.rules.public_certificates import (
    family_of,
    is_lint_code,
    lint_public_certificate,
)
from certwright.rules.rule import Rule
from certwright.x509.certificate import Certificate
from certwright.x509.names import ServerName
from certwright.x509.profile import Profile
from certwright.x509.revocation_answer import RevocationState

_PRIVATE_KEY_MISSING = "private-key-missing"


@dataclass(frozen=True)
class Roots:
    """Those a chain may end in, and those that everybody trusts.

    `own_count` says whether a root that stands in the source itself may be one (outside cloud).
    """

    trusted: tuple[Certificate, ...]
    public: tuple[Certificate, ...]
    own_count: bool


@dataclass(frozen=True)
class Choice:
    """Which findings are wanted: rules, and what the linter of public certificates says."""

    rules: tuple[Rule, ...]
    only: frozenset[str]
    ignored: frozenset[str]

    def wants(self, code: str) -> bool:
        """Whether the linter's finding `code` is wanted."""
        known_as = {code, family_of(code).value}
        return not known_as & self.ignored and (not self.only or bool(known_as & self.only))


def choose(only: str, ignore: str) -> Choice:
    """Read two comma-separated lists of codes and families; raises INVALID_INPUT."""
    wanted, ignored = _words(only), _words(ignore)
    own = [word for word in wanted if not is_lint_code(word)]
    others = ",".join(word for word in ignored if not is_lint_code(word))
    # An empty list stands for all rules, so one of the linter's codes alone must not become empty.
    rules = chosen_rules(",".join(own), others) if own or not wanted else ()
    return Choice(rules, frozenset(wanted), frozenset(ignored))


def _words(text: str) -> list[str]:
    return [word.strip().lower() for word in text.split(",") if word.strip()]


@dataclass(frozen=True)
class Question:
    """What the certificate is held against.

    `revocation` None does not ask; `is_public` None asks the rules for public certificates of one
    whose chain leads to a public root, True and False decide it.
    """

    names: tuple[ServerName, ...]
    environment: Environment
    at: datetime
    choice: Choice
    revocation: RevocationDesk | None = None
    is_public: bool | None = None
    debian_weak_keys: frozenset[str] = frozenset()
    profile: Profile = Profile.SERVER


@dataclass(frozen=True)
class Checked:
    """The findings, the worst first, and what they were made on.

    `path` is leaf first, as far as it leads; `is_trusted` says whether what it ends in counts as a
    root, whatever is wrong below it. `revocations` has an entry for each certificate that was asked
    for.
    """

    source: CheckedSource
    question: Question
    findings: tuple[Finding, ...]
    path: tuple[Certificate, ...]
    is_trusted: bool
    is_public: bool
    revocations: tuple[AskedRevocation, ...]

    @property
    def passed(self) -> bool:
        """Whether no error was found."""
        return is_right(self.findings)


def check_source(source: CheckedSource, question: Question, roots: Roots) -> Checked:
    """Apply the chosen rules; asks the network only if the question wants revocation."""
    requirement = _requirement(source, question, roots)
    case = Case(source.candidate, requirement)
    asked = question.revocation.ask(case.path, question.at) if question.revocation else ()
    rules = _applicable(source, question.choice.rules)
    by_certificate = {one.certificate: one for one in asked}
    own = by_certificate.get(source.candidate.certificate)
    candidate = replace(source.candidate, revocation=own.revocation if own else None)
    findings = [
        *(_fitting(finding, source, case) for finding in check(candidate, requirement, rules)),
        *_above(case, asked, rules),
        *_linted(case, question),
    ]
    if CHAIN_ORDER in rules and not any(one.code == CHAIN_ORDER.code for one in findings):
        findings += _out_of_place(source, question.environment)
    return Checked(
        source=source,
        question=question,
        findings=worst_first(findings),
        path=case.path,
        is_trusted=case.verdict.ok or case.path[-1] in requirement.trusted_roots,
        is_public=case.is_public,
        revocations=asked,
    )


def _fitting(finding: Finding, source: CheckedSource, case: Case) -> Finding:
    """The finding with a remedy for who has no stores to import into, but a file or a server."""
    if finding.code != CHAIN_INCOMPLETE.code:
        return finding
    last = case.path[-1]
    where = f" (it can be had at {last.issuer_addresses[0]})" if last.issuer_addresses else ""
    remedy = (
        f"Put the certificate of {last.issuer_name}{where} behind its own in the file"
        + (" that the server serves" if source.handshake else "")
        + "; if that is the root, it need not be there: name it with --trust."
    )
    return replace(finding, remedy=remedy)


def _requirement(source: CheckedSource, question: Question, roots: Roots) -> Requirement:
    own_count = roots.own_count and question.environment is not Environment.CLOUD
    own = source.own_roots if own_count else ()
    trusted = tuple(dict.fromkeys((*own, *roots.trusted)))
    return Requirement(
        question.names,
        question.environment,
        question.at,
        trusted,
        roots.public,
        question.is_public,
        question.debian_weak_keys,
        trusts_no_others=not roots.own_count,
        profile=question.profile,
    )


def _applicable(source: CheckedSource, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    if source.key_is_expected or source.candidate.has_private_key:
        return rules
    return tuple(rule for rule in rules if rule.code != _PRIVATE_KEY_MISSING)


def _above(
    case: Case, asked: tuple[AskedRevocation, ...], rules: tuple[Rule, ...]
) -> Iterator[Finding]:
    """What the rules of revocation say of the authorities above, each by its name."""
    concerned = tuple(rule for rule in rules if rule.family is Family.REVOCATION)
    for one in asked:
        is_leaf = one.certificate == case.certificate
        if is_leaf or one.revocation.state is RevocationState.GOOD:
            continue
        candidate = replace(case.candidate, certificate=one.certificate, revocation=one.revocation)
        for finding in check(candidate, case.requirement, concerned):
            yield replace(
                finding, message=f"Of {one.certificate.short_name} above it: {finding.message}"
            )


def _out_of_place(source: CheckedSource, environment: Environment) -> Iterator[Finding]:
    # The rule looks at what follows the certificate, and so does not see what comes before it.
    if source.before is None:
        return
    rule = CHAIN_ORDER
    message = (
        f"The chain is out of order: {source.before.short_name} comes before the server's own "
        f"certificate, {source.candidate.certificate.short_name}."
    )
    yield Finding(rule.code, rule.severities[environment], message, rule.remedy, rule.reference)


def _linted(case: Case, question: Question) -> Iterator[Finding]:
    if not case.by_public_rules:
        return
    for finding in lint_public_certificate(case.certificate):
        if question.choice.wants(finding.code):
            yield finding
