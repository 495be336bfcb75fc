"""Speaking with a node over real sockets, and what is said when that fails."""

import os
import socket
from pathlib import Path

import pytest

from certwright.cli.client import Client, path_of
from certwright.cli.target import LocalTarget, RemoteTarget
from certwright.errors import CertwrightError, ErrorCode

from .conftest import TOKEN, Node, Remote, write_note


def refusal(target: LocalTarget | RemoteTarget) -> CertwrightError:
    with pytest.raises(CertwrightError) as refused, Client(target) as client:
        client.get("status")
    assert TOKEN not in refused.value.message + refused.value.remedy
    return refused.value


def test_local_node_is_asked_with_its_own_token(node: Node, data: Path) -> None:
    node.answer("GET", "status", {"ready": True})
    with Client(LocalTarget(data)) as client:
        assert client.get("status") == {"ready": True}
    assert node.received[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_all_methods(node: Node, data: Path) -> None:
    node.answer("GET", "things?store=My", [1])
    node.answer("POST", "things", {"made": 1}, 201)
    node.answer("PUT", "things/1", {"changed": 1})
    node.answer("DELETE", "things/1", None, 204)
    node.answer("PATCH", "things/1?store=My", {"changed": 2})
    with Client(LocalTarget(data)) as client:
        assert client.get("things", {"store": "My"}) == [1]
        assert client.post("things", {"a": 1}) == {"made": 1}
        assert client.put("things/1", {"b": 2}) == {"changed": 1}
        assert client.delete("things/1") is None
        client.upload("things", [("a.pfx", b"\x00\xff")], {"password": "secret"})
        assert client.patch("things/1", {"c": 3}, {"store": "My"}) == {"changed": 2}
    assert node.received[1].document == {"a": 1}
    assert node.received[2].document == {"b": 2}
    assert b"\x00\xff" in node.received[4].body
    assert b'name="password"\r\n\r\nsecret' in node.received[4].body


def test_download_gives_the_bytes_or_the_error(node: Node, data: Path) -> None:
    node.answer("POST", "things/1/export", b"\x00\xff")
    node.answer("POST", "things/2/export", {"code": "not-permitted", "detail": "No."}, 403)
    with Client(LocalTarget(data)) as client:
        assert client.download("things/1/export", {"format": "pem"}) == b"\x00\xff"
        with pytest.raises(CertwrightError) as refused:
            client.download("things/2/export", {})
    assert refused.value.code is ErrorCode.NOT_PERMITTED
    assert node.received[0].document == {"format": "pem"}


def test_path_holds_any_character() -> None:
    assert path_of("users", "a/b?c#d e", "right") == "users/a%2Fb%3Fc%23d%20e/right"


def test_node_that_was_killed_left_its_socket(tmp_path: Path) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / "app.sock"))
    left.close()
    write_note(tmp_path, os.getpid(), tmp_path / "app.sock")
    assert refusal(LocalTarget(tmp_path)).code is ErrorCode.NODE_NOT_RUNNING


@pytest.mark.parametrize("answer", [b"", b"<html>", b"\xff"])
def test_answer_that_is_no_json(node: Node, data: Path, answer: bytes) -> None:
    node.answer("GET", "status", answer)
    assert refusal(LocalTarget(data)).code is ErrorCode.NODE_UNREACHABLE


def test_redirect_is_not_followed_with_the_token(node: Node, data: Path) -> None:
    node.answer("GET", "status", {}, 307)
    assert refusal(LocalTarget(data)).code is ErrorCode.NODE_UNREACHABLE


def test_problem_becomes_the_error_it_was(node: Node, data: Path) -> None:
    problem = {"code": "not-permitted", "detail": "You may not.", "remedy": "Ask."}
    node.answer("GET", "status", problem, 403)
    error = refusal(LocalTarget(data))
    assert (error.code, error.message) == (ErrorCode.NOT_PERMITTED, "You may not.")


def test_remote_node_with_its_root(node: Node, remote: Remote) -> None:
    node.answer("GET", "status", {"ready": True})
    with Client(RemoteTarget(remote.url, remote.token_file, remote.ca_file)) as client:
        assert client.get("status") == {"ready": True}
    assert node.received[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_remote_certificate_that_is_not_trusted(node: Node, remote: Remote) -> None:
    error = refusal(RemoteTarget(remote.url, remote.token_file, None))
    assert error.code is ErrorCode.NODE_NOT_TRUSTED
    assert remote.url in error.message
    assert "--ca-file" in error.remedy
    assert node.received == []


def test_remote_name_that_the_certificate_lacks(node: Node, remote: Remote) -> None:
    url = remote.url.replace("127.0.0.1", "localhost")
    error = refusal(RemoteTarget(url, remote.token_file, remote.ca_file))
    assert error.code is ErrorCode.NODE_NOT_TRUSTED
    assert "localhost" in error.message
    assert node.received == []


def test_nobody_listens_there(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"https://127.0.0.1:{free.getsockname()[1]}"
        error = refusal(RemoteTarget(url, tmp_path / "token", None))
    assert error.code is ErrorCode.NODE_UNREACHABLE
    assert url in error.message


@pytest.mark.parametrize("content", ["cwt_a b", "cwt_\x01", "cwt_ä"])
def test_token_that_cannot_be_sent_is_not_quoted(tmp_path: Path, content: str) -> None:
    (tmp_path / "token").write_text(content)
    error = refusal(RemoteTarget("https://127.0.0.1:1", tmp_path / "token", None))
    assert error.code is ErrorCode.INVALID_INPUT
    assert content not in error.message + error.remedy


@pytest.mark.parametrize("content", [None, "", "no PEM"])
def test_root_that_cannot_be_read(tmp_path: Path, content: str | None) -> None:
    (tmp_path / "token").write_text(TOKEN)
    if content is not None:
        (tmp_path / "ca.pem").write_text(content)
    target = RemoteTarget("https://127.0.0.1:1", tmp_path / "token", tmp_path / "ca.pem")
    error = refusal(target)
    assert error.code is ErrorCode.INVALID_INPUT
    assert "ca.pem" in error.message
