"""`certwright up`: what its configuration file may say, before a node starts."""

from pathlib import Path

import pytest

from .conftest import Certwright


@pytest.mark.parametrize(
    ("line", "setting"),
    [
        ('https-port = "x"', "https-port"),
        ("http_port = 70000", "http-port"),
        ('environment = "staging"', "environment"),
        ('allow-private-addresses = "perhaps"', "allow-private-addresses"),
    ],
)
def test_a_value_of_another_kind_is_laid_to_the_file_and_not_to_the_environment(
    tmp_path: Path, certwright: Certwright, line: str, setting: str
) -> None:
    file = tmp_path / "certwright.toml"
    file.write_text(f"{line}\n")
    for arguments in (("--data", tmp_path), ("--config", file)):
        outcome = certwright("up", *arguments)
        assert outcome.exit_code == 1
        told = f"{file} has a value that the setting {setting} cannot have."
        assert outcome.errors.startswith(f"certwright: {told}")
        assert "CERTWRIGHT_" not in outcome.errors
    assert list(tmp_path.iterdir()) == [file]
