"""docs/rules.md: every rule, as the administrator needs it, from the rules themselves."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.vectors.rule_reading import FILES, candidate, load, requirement

from certwright.rules.catalogue import RULES
from certwright.rules.engine import check
from certwright.rules.environment import Environment
from certwright.rules.family import Family
from certwright.rules.rule import Rule
from documentation.sources import with_links

PAGE = Path(__file__).parent.parent / "docs" / "rules.md"
_INTRODUCTION = """\
# The rules: is a certificate right for its server?

Made from the code by `make docs`. The same rules speak in the Designer, in `certwright check` (see
[how to check](checking.md)), when a certificate is selected, and when an authority here issues one.

What a finding weighs depends on its **severity**:

| severity | means |
| --- | --- |
| error | It will not work, or is not allowed here: `check` ends with exit code 1. |
| warning | It works for most clients, or for now. |
| notice | Worth knowing; nothing has to be done. |

and the severity on the **environment** that the server stands in:

| environment | what is demanded |
| --- | --- |
| `test` | Self-signed will do; the root may be one not known here, unless `--trust` names all. |
| `production` | A certification authority must have issued it, the company's own or a public one. |
| `cloud` | It is called from outside the company's network: only public authorities are trusted. |

Each rule below says what it demands; it falls where that is not so, with a sentence like the one
quoted. `--only` and `--ignore` take the codes, and the names of the families.
"""
_FAMILIES = {
    Family.NAMES: "Is the certificate for the names that clients use?",
    Family.TIME: "Is it the time in which the certificate is good, and not issued for too long?",
    Family.KEYS: "Is the key one that clients accept, and that nobody can work out?",
    Family.SIGNATURES: "Can nobody else have made the signatures?",
    Family.USAGE: "Is the certificate meant for servers, and made so that clients take it?",
    Family.CHAIN: "Do the certificates at hand lead up to a root that is trusted? `cryptography`'s "
    "verifier decides; the rules say which link is at fault, and why.",
    Family.REVOCATION: "Has an authority taken it back? Judged only where it is asked for: "
    "`check --revocation`.",
    Family.ENVIRONMENT: "May a certificate of this origin be used in this environment?",
    Family.KEY_ACCESS: "Is the private key there, and may the service read it? What was not looked "
    "at is not spoken of: of a PEM or DER file no key is expected.",
    Family.DEPLOYMENT: "Is it the certificate that the endpoint should be using? Judged where "
    "Certwright knows the service.",
}
_PUBLIC = """\
## Public certificates

A certificate that leads to a public root (or any, with `check --public`) is held against the
CA/Browser Forum's rules too, by [`pkilint`](https://github.com/digicert/pkilint). Its codes begin
with `cabf-`, `pkix-`, `iso-`, `itu-`, `etsi-` or `msft-`, and are taken by `--only` and `--ignore`
like those above. They are duties of the authority that issued it: the certificate works all the
same, until its authority notices and has to take it back. So none is an error; what breaks a rule
is a warning, and what is only advised against is one notice, `cabf-advised-against`. Of a
certificate from before 15 September 2023 all is one notice, `cabf-older-rules`; `cabf-not-linted`
says that the linter could not read it.

## When a rule itself fails

`rule-crashed` (error): a rule could not be applied. Nothing is passed over in silence: report it,
together with the certificate, and never with its private key.
"""


def rules_page() -> str:
    """The whole page, as Markdown."""
    parts = [_INTRODUCTION, _overview()]
    for family, purpose in _FAMILIES.items():
        parts.append(
            f"## {family.value.capitalize().replace('-', ' ')} (`{family}`)\n\n{purpose}\n"
        )
        parts += [_section(rule) for rule in RULES if rule.family is family]
    return "\n".join([*parts, _PUBLIC])


def _overview() -> str:
    lines = ["| rule | test | production | cloud |", "| --- | --- | --- | --- |"]
    for rule in RULES:
        severities = " | ".join(rule.severities.get(one, "-") for one in Environment)
        lines.append(f"| [`{rule.code}`](#{rule.code}) | {severities} |")
    return "\n".join([*lines, ""])


def _section(rule: Rule) -> str:
    return "\n".join(
        [
            f"### {rule.code}",
            "",
            f"**Demands:** {rule.title}.  ",
            f"**Severity:** {', '.join(_severities(rule))}.  ",
            f"**Says, for example:** “{_literal(_sentences()[rule.code])}”  ",
            f"**What to do:** {_literal(rule.remedy)}  ",
            f"**Source:** {with_links(rule.reference)}.",
            "",
        ]
    )


def _literal(text: str) -> str:
    """`text`, with nothing in it that Markdown takes for its own."""
    return re.sub(r"([*_<|])", r"\\\1", text)


def _severities(rule: Rule) -> Iterator[str]:
    if len(set(rule.severities.values())) == 1 and len(rule.severities) == len(Environment):
        yield f"{rule.severities[Environment.TEST]} everywhere"
        return
    for environment in Environment:
        severity = rule.severities.get(environment)
        yield f"{severity} in {environment}" if severity else f"not demanded in {environment}"


@cache
def _sentences() -> dict[str, str]:
    """What each rule said of the first of its vectors."""
    told: dict[str, str] = {}
    for file in FILES:
        vector = load(file)
        if vector["expected"]:
            for finding in check(candidate(vector), requirement(vector)):
                told.setdefault(finding.code, finding.message)
    return told
