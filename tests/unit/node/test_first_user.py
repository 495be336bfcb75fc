"""The first user is made once, with a password that is given or shown."""

from pathlib import Path

import pytest
from sqlalchemy import select

from certwright.access.passwords import verify
from certwright.database.access_tables import users
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.server import Server
from certwright.node.first_user import provide_admin, read_password


def hash_of_admin(server: Server) -> str:
    with server.database.connect() as connection:
        row = connection.execute(select(users)).one()
    assert (row.name, row.right) == ("admin", "admin")
    return str(row.password_hash)


def test_made_password_is_shown_once(server: Server) -> None:
    shown = provide_admin(server, None)
    assert shown is not None
    assert len(shown) >= 16
    assert verify(hash_of_admin(server), shown)
    assert provide_admin(server, None) is None


def test_given_password_is_not_shown_and_never_replaces_hers(server: Server) -> None:
    assert provide_admin(server, "correct horse battery") is None
    assert provide_admin(server, "another horse battery") is None
    assert verify(hash_of_admin(server), "correct horse battery")


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
    assert read_password(file) == "correct horse battery"


def test_spaces_are_part_of_the_password(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_bytes(b" correct horse battery \n")
    assert read_password(file) == " correct horse battery "


@pytest.mark.parametrize("content", [b"", b"\n", b"short", b"pass\xe4wort of latin-1", None])
def test_file_without_a_usable_password_is_told_of(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CertwrightError) as error:
        read_password(file)
    assert error.value.code is ErrorCode.INVALID_INPUT
    assert "latin" not in error.value.message


def test_no_file_is_no_password() -> None:
    assert read_password(None) is None
