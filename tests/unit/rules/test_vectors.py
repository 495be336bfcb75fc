"""Every file in tests/vectors/rules: a certificate, a requirement, and the findings expected."""

from pathlib import Path

import pytest
from tests.vectors.rule_reading import FILES, candidate, load, requirement

from certwright.rules.catalogue import RULES
from certwright.rules.engine import check, is_right
from certwright.rules.environment import Environment


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_findings_are_those_expected(file: Path) -> None:
    vector = load(file)
    findings = check(candidate(vector), requirement(vector))
    assert [f"{finding.code} {finding.severity}" for finding in findings] == vector["expected"]
    assert is_right(findings) == (not any("error" in line for line in vector["expected"]))
    for finding in findings:
        assert finding.message.endswith(".")
        assert finding.remedy.endswith(".")
        assert finding.reference


def test_every_file_is_a_vector_and_every_rule_has_one() -> None:
    assert all(file.suffix == ".toml" for file in FILES)
    seen = {line.split()[0] for file in FILES for line in load(file)["expected"]}
    assert seen == {rule.code for rule in RULES}


def test_every_environment_has_a_right_certificate_and_a_wrong_one() -> None:
    outcomes = {(load(file)["environment"], not load(file)["expected"]) for file in FILES}
    assert outcomes == {(environment, right) for environment in Environment for right in (0, 1)}
