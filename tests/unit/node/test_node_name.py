"""What a node is called."""

from pathlib import Path

import pytest

from certwright.errors import CertwrightError, ErrorCode
from certwright.node.node_name import node_name


def test_name_is_made_once_and_kept(tmp_path: Path) -> None:
    first = node_name(tmp_path, tuple)
    assert node_name(tmp_path, tuple) == first
    assert (tmp_path / "node-name").read_text() == f"{first}\n"


def test_two_nodes_of_one_machine_have_two_names(tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(2)]
    for folder in folders:
        folder.mkdir()
    assert len({node_name(folder, tuple) for folder in folders}) == 2


@pytest.mark.parametrize(
    ("host", "begin"),
    [
        ("TODD.corp.example", "todd-"),
        ("host_with_lines", "host-with-lines-"),
        ("___", "node-"),
        ("x" * 64, "x" * 57 + "-"),
    ],
)
def test_name_tells_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, begin: str
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: host)
    assert node_name(tmp_path, tuple).removeprefix(begin).isalnum()


@pytest.mark.parametrize("content", [b"", b"a b", b"a -c search_path=x", b"'; drop", b"\xff"])
def test_what_is_no_name_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "node-name").write_bytes(content)
    with pytest.raises(CertwrightError) as refused:
        node_name(tmp_path, tuple)
    assert refused.value.code is ErrorCode.INVALID_INPUT


def test_name_that_was_lost_is_the_one_that_the_database_knows(tmp_path: Path) -> None:
    assert node_name(tmp_path, lambda: ("todd-1",)) == "todd-1"
    assert (tmp_path / "node-name").read_text() == "todd-1\n"


def test_of_several_names_none_is_taken(tmp_path: Path) -> None:
    assert node_name(tmp_path, lambda: ("todd-1", "todd-2")) not in {"todd-1", "todd-2"}
