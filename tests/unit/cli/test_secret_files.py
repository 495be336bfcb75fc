"""Files with one secret: read whole or refused; written 0600 or not at all."""

from pathlib import Path

import pytest

from certwright.cli.secret_files import new_secret_file, read_secret
from certwright.errors import CertwrightError, ErrorCode


@pytest.mark.parametrize(
    "content",
    [
        b"a b\xc3\xa4",
        b"a b\xc3\xa4\n",
        b"a b\xc3\xa4\r\n",
        b"a b\xc3\xa4\nrest",
        b"\xef\xbb\xbfa b\xc3\xa4\n",
    ],
)
def test_first_line_is_the_secret(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret").write_bytes(content)
    assert read_secret(tmp_path / "secret", "password") == "a bä"


@pytest.mark.parametrize("content", [b"", b"\n", b"\nlater", b"\xff\xfe", b"x" * 20_000])
def test_file_without_a_secret(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret").write_bytes(content)
    with pytest.raises(CertwrightError) as refused:
        read_secret(tmp_path / "secret", "password")
    assert refused.value.code is ErrorCode.INVALID_INPUT
    assert "does not hold a password" in refused.value.message


def test_file_that_is_not_there_or_a_folder(tmp_path: Path) -> None:
    opened = len(list(Path("/proc/self/fd").iterdir()))
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(CertwrightError, match="cannot be read"):
            read_secret(path, "token")
    assert len(list(Path("/proc/self/fd").iterdir())) == opened


def test_new_file_is_for_its_owner_only(tmp_path: Path) -> None:
    with new_secret_file(tmp_path / "token") as file:
        file.write("secret\n")
    assert (tmp_path / "token").stat().st_mode & 0o777 == 0o600
    assert read_secret(tmp_path / "token", "token") == "secret"


def test_existing_file_or_link_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("kept")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("there", "link", "no folder/token"):
        with (
            pytest.raises(CertwrightError, match="cannot be made"),
            new_secret_file(tmp_path / name),
        ):
            pass
    assert (tmp_path / "there").read_text() == "kept"
    assert not (tmp_path / "elsewhere").exists()


def test_nothing_is_left_when_no_secret_was_made(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), new_secret_file(tmp_path / "token"):
        raise RuntimeError("refused")
    assert not (tmp_path / "token").exists()
