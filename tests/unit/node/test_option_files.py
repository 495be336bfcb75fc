"""Passwords in files that options name are read as people and their editors write them."""

from pathlib import Path

import pytest

from certwright.errors import CertwrightError, ErrorCode
from certwright.node.option_files import read_admin_password


@pytest.mark.parametrize(
    "content",
    [
        b"correct horse battery",
        b"correct horse battery\n",
        b"correct horse battery\r\n",
        b"\xef\xbb\xbfcorrect horse battery\r\n",
        b"correct horse battery\n# of the node in the cellar\n",
    ],
)
def test_password_is_the_first_line_without_end_and_mark(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "password"
    file.write_bytes(content)
    assert read_admin_password(file) == "correct horse battery"


def test_spaces_are_part_of_the_password(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_bytes(b" correct horse battery \n")
    assert read_admin_password(file) == " correct horse battery "


@pytest.mark.parametrize("content", [b"", b"\n", b"short", b"pass\xe4wort of latin-1", None])
def test_file_without_a_usable_password_is_told_of(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CertwrightError) as error:
        read_admin_password(file)
    assert error.value.code is ErrorCode.INVALID_INPUT
    assert "latin" not in error.value.message


def test_no_file_is_no_password() -> None:
    assert read_admin_password(None) is None
