"""A whole node tells people: by its command line, and while its web application does nothing."""

import os
import signal
from pathlib import Path

import pytest
from tests.conftest import NodeStarter, RunningNode
from tests.faults.node.test_kill import children, wait_until
from tests.unit.lifecycle.telling.conftest import SECRET, Receiver, receiving


@pytest.fixture
def told(start_node: NodeStarter, tmp_path: Path) -> RunningNode:
    """A node that gathers for three seconds, and knows the secret to sign with."""
    node = start_node("--allow-private-addresses")
    file = tmp_path / "secret"
    file.write_text(SECRET + "\n")
    set_up = node.command("settings", "set", "webhook.secret", "--value-file", str(file))
    assert set_up.returncode == 0, set_up.stderr
    assert node.command("settings", "set", "telling.gather", "3").returncode == 0
    return node


def set_webhook(node: RunningNode, receiver: Receiver) -> None:
    url = f"http://127.0.0.1:{receiver.port}/hook"
    file = node.data / "url"
    file.write_text(url + "\n")
    set_up = node.command("settings", "set", "webhook.url", "--value-file", str(file))
    assert set_up.returncode == 0, set_up.stderr


def heard(receiver: Receiver, what: str) -> bool:
    return any(what in document["subject"] for document in receiver.documents)


def test_it_tells_while_the_web_application_stands_still(told: RunningNode) -> None:
    with receiving(None) as receiver:
        set_webhook(told, receiver)
        tried = told.command("notify", "test")
        assert (tried.returncode, "200 thanks" in tried.stdout) == (0, True), tried.stdout
        wait_until(lambda: bool(told.json("status")["telling"]), "the worker knows the channel")
        processes = children(told.process.pid)
        os.kill(processes["front"], signal.SIGSTOP)
        assert told.command("prove", "web-server").returncode == 1
        os.kill(processes["application"], signal.SIGSTOP)
        wait_until(lambda: heard(receiver, "is not proven"), "people are told")
        for process in (processes["application"], processes["front"]):
            os.kill(process, signal.SIGCONT)
        wait_until(
            lambda: told.command("prove", "web-server").returncode == 0, "the web server is proven"
        )
        wait_until(lambda: heard(receiver, "the Web Server is proven again"), "it is mended")
        (channel,) = told.json("status")["telling"]
        assert (channel["channel"], channel["answer"]) == ("webhook", "200 thanks")


def test_the_secret_shows_nowhere(told: RunningNode) -> None:
    with receiving(None) as receiver:
        receiver.status, receiver.answer = 403, b"who are you"
        set_webhook(told, receiver)
        tried = told.command("notify", "test", "webhook")
    assert (tried.returncode, "403 who are you" in tried.stdout) == (1, True)
    shown = [told.command(*words) for words in (("settings", "get"), ("events",), ("status",))]
    assert all(one.returncode == 0 for one in shown)
    assert "(secret)" in shown[0].stdout
    logs = [file.read_text() for file in (told.data / "log").iterdir()]
    texts = [tried.stdout, tried.stderr, *(one.stdout for one in shown), *logs]
    assert all(SECRET not in text for text in texts)
