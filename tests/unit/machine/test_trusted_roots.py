"""The file with this machine's roots: the one that is named, else the system's."""

from pathlib import Path

import pytest

from certwright.machine.trusted_roots import trusted_roots_file


def test_file_that_the_environment_names_counts_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "roots.pem").write_text("")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "roots.pem"))
    assert trusted_roots_file() == tmp_path / "roots.pem"


def test_systems_file_is_found_where_the_environment_names_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    found = trusted_roots_file()
    assert found is not None, "The Debian package ca-certificates is not installed."
    assert b"-----BEGIN CERTIFICATE-----" in found.read_bytes()
