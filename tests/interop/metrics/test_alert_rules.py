"""The ready-made alert rules, by Prometheus' own tool."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from tests.interop.servers import program

RULES = Path(__file__).parents[3] / "docs" / "alerts" / "certwright.rules.yml"
CASES = Path(__file__).parent / "alerts.yml"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """The rules beside their cases, since the cases name them by a path."""
    shutil.copy(CASES, tmp_path)
    return Path(shutil.copy(RULES, tmp_path))


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program("promtool", "prometheus"), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_prometheus_takes_the_rules() -> None:
    result = promtool("check", "rules", str(RULES))
    assert result.returncode == 0, result.stdout + result.stderr


def test_each_alert_fires_when_it_should(rules: Path) -> None:
    result = promtool("test", "rules", str(rules.parent / CASES.name))
    assert result.returncode == 0, result.stdout + result.stderr


def test_each_alert_has_a_case() -> None:
    (group,) = yaml.safe_load(RULES.read_text())["groups"]
    cases = yaml.safe_load(CASES.read_text())["tests"][0]["alert_rule_test"]
    firing = {case["alertname"] for case in cases if case["exp_alerts"]}
    assert {rule["alert"] for rule in group["rules"]} == firing
