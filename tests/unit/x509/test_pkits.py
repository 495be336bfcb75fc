"""NIST's path validation suite (PKITS): each end entity's chain, judged as the suite expects.

Where the outcome differs, the reason stands here: what only a revocation list tells, certificate
policies (which no TLS client judges), and what the standard allows and strict clients refuse.
"""

import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import cryptography_vectors
import pytest

from certwright.errors import CertwrightError
from certwright.x509.certificate import Certificate
from certwright.x509.chains import verify_chain
from certwright.x509.refusal import Cause

FOLDER = Path(cryptography_vectors.__file__).parent / "x509" / "PKITS_data" / "certs"
AT = datetime(2015, 6, 1, tzinfo=UTC)
ROOT = "TrustAnchorRootCertificate"


@cache
def certificates() -> dict[str, Certificate]:
    found = {}
    for file in sorted(FOLDER.glob("*.crt")):
        try:
            found[file.stem] = Certificate.from_der(file.read_bytes())
        except CertwrightError:
            assert "DSA" in file.stem  # no key for TLS
    return found


def folded(name: str) -> str:
    return "".join(name.replace("\\", "").split()).casefold()


@cache
def by_subject() -> dict[str, list[Certificate]]:
    found: dict[str, list[Certificate]] = {}
    for name, certificate in certificates().items():
        if name != ROOT:
            found.setdefault(folded(certificate.subject), []).append(certificate)
    return found


def above(leaf: Certificate) -> list[Certificate]:
    """Everything whose name stands somewhere above `leaf`."""
    found: list[Certificate] = []
    waiting = [leaf]
    while waiting:
        for issuer in by_subject().get(folded(waiting.pop().issuer), ()):
            if issuer not in found and issuer != leaf:
                found.append(issuer)
                waiting.append(issuer)
    return found


NAMES = sorted(file.stem for file in FOLDER.glob("*EE.crt") if "DSA" not in file.stem)
TOLD_BY_LISTS = re.compile(
    "[cC]RL|Revoked|Reasons|distributionPoint|onlyContains|BasicSelfIssued(New|Old)|LongSerialNumber"
)
NOT_JUDGED = re.compile("[pP]olicy|DNnameConstraints")
STRICTER = {
    "ValidDNandRFC822nameConstraintsTest27EE": "directoryName constraint",
    "ValidGeneralizedTimenotBeforeDateTest4EE": "dates between 1950 and 2049 must be UtcTime",
    "ValidNameChainingCapitalizationTest5EE": "letter by letter",
    "ValidNameChainingWhitespaceTest3EE": "letter by letter",
    "ValidNameChainingWhitespaceTest4EE": "letter by letter",
    "ValidRolloverfromPrintableStringtoUTF8StringTest10EE": "byte by byte",
    "ValidSelfIssuedpathLenConstraintTest15EE": "self-issued ones too",
    "ValidSelfIssuedpathLenConstraintTest17EE": "self-issued ones too",
    "ValidURInameConstraintsTest34EE": "unsupported name constraint",
    "ValidURInameConstraintsTest36EE": "unsupported name constraint",
    "ValidUTF8StringCaseInsensitiveMatchTest11EE": "letter by letter",
}
"""What the standard allows and the verifier refuses: words of the sentence that says so."""


@pytest.mark.parametrize("name", NAMES)
def test_chain_is_judged_as_expected_or_the_reason_is_known(name: str) -> None:
    leaf = certificates()[name]
    roots = [certificates()[ROOT]]
    verdict = verify_chain(leaf, above(leaf), roots, None, AT, for_any_purpose=True)
    is_valid = not name.startswith("Invalid")
    if name in STRICTER:
        assert STRICTER[name] in verdict.reason
    elif not verdict.ok and verdict.refusals[0].cause in (Cause.POLICIES, Cause.LOOSE_LIMITS):
        assert NOT_JUDGED.search(name)
    elif verdict.ok and not is_valid:
        assert TOLD_BY_LISTS.search(name)
    else:
        assert verdict.ok == is_valid


def test_every_refusal_is_a_sentence_with_a_remedy() -> None:
    for name in NAMES:
        leaf = certificates()[name]
        roots = [certificates()[ROOT]]
        for refusal in verify_chain(leaf, above(leaf), roots, None, AT).refusals:
            assert refusal.sentence.endswith(".")
            assert refusal.remedy.endswith(".")
            assert (
                refusal.certificate.short_name in refusal.sentence or refusal.cause is Cause.STRICT
            )
