"""What pkilint says of certificates, as our findings."""

from pathlib import Path

import cryptography_vectors
import pytest

from certwright.rules import public_certificates
from certwright.rules.family import Family
from certwright.rules.finding import Severity
from certwright.rules.public_certificates import (
    family_of,
    is_lint_code,
    lint_public_certificate,
)
from certwright.x509.certificate import Certificate
from certwright.x509.pem import read_pem_certificates

from ..x509.pki import Authority

FOLDER = Path(cryptography_vectors.__file__).parent / "x509"


def published(name: str) -> Certificate:
    return read_pem_certificates((FOLDER / name).read_bytes())[0]


def test_what_breaks_a_rule_is_a_warning_with_a_code_that_can_be_chosen() -> None:
    findings = lint_public_certificate(Authority.root().authority().leaf())
    broken = [finding for finding in findings if finding.severity is Severity.WARNING]
    assert any("policies" in finding.code for finding in broken)
    for finding in findings:
        assert is_lint_code(finding.code)
        assert finding.severity is not Severity.ERROR
        assert finding.message.endswith(".")
        assert "pkilint" in finding.reference


def test_certificate_from_before_the_rules_gets_one_notice() -> None:
    (finding,) = lint_public_certificate(published("cryptography.io.pem"))
    assert (finding.code, finding.severity) == ("cabf-older-rules", Severity.NOTICE)
    assert finding.message.startswith("It was issued on ")


def test_authorities_are_not_linted() -> None:
    assert lint_public_certificate(Authority.root().certificate) == ()
    assert lint_public_certificate(published("letsencryptx3.pem")) == ()


def test_linter_that_fails_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    leaf = Authority.root().authority().leaf()

    def fail(_: bytes) -> None:
        raise RecursionError

    monkeypatch.setattr(public_certificates, "_faults", fail)
    (finding,) = lint_public_certificate(leaf)
    assert (finding.code, finding.severity) == ("cabf-not-linted", Severity.NOTICE)
    assert "RecursionError" in finding.message


def test_large_certificate_is_not_linted() -> None:
    names = [f"host-{number}.corp.example" for number in range(2000)]
    (finding,) = lint_public_certificate(Authority.root().leaf(names))
    assert finding.message.endswith("it is too large.")


@pytest.mark.parametrize("text", ["cabf-nonsense", "expired", "", "names", "CABF", "pkix-x y"])
def test_what_is_no_code_of_the_linter(text: str) -> None:
    assert not is_lint_code(text)


@pytest.mark.parametrize(
    ("code", "family"),
    [
        ("cabf-serverauth-validity-period-exceeds-398-days", Family.TIME),
        ("cabf-serverauth-subscriber-prohibited-ku-present", Family.USAGE),
        ("cabf-serverauth-subscriber-key-usage-extension-absent", Family.USAGE),
        ("cabf-internal-domain-name", Family.NAMES),
        ("cabf-serverauth-subscriber-revocation-information-absent", Family.REVOCATION),
    ],
)
def test_family(code: str, family: Family) -> None:
    assert family_of(code) is family
