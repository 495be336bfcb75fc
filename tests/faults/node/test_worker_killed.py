"""Kill -9 of the worker in the middle of a renewal: one certificate, and it is served."""

import os
import signal
import time
from pathlib import Path

import pytest
from tests.conftest import NodeStarter, RunningNode
from tests.faults.node.renewal_story import wait_for_state
from tests.faults.node.slow_authority import make_slow_authority, wait_for_more, written
from tests.faults.node.test_kill import children


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority whose program takes a second to sign, and writes down when it did."""
    return make_slow_authority(tmp_path_factory.mktemp("slow"))


@pytest.fixture(scope="module")
def node(
    start_module_node: NodeStarter, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> RunningNode:
    """A node that serves what that authority issued, at both endpoints."""
    data = tmp_path_factory.mktemp("data") / "data"
    data.mkdir(mode=0o700)
    (data / "certwright.toml").write_text(f'allow-command = ["{folder}/sign"]\n')
    started = start_module_node(data=data)
    create = ("authorities", "create", "slow", "--kind", "command")
    started.json(*create, "--command", f"{folder}/sign")
    file = str(folder / "localhost-all.pem")
    chosen = started.json("certificates", "import", file)["certificate"]["fingerprint"]
    for endpoint in ("configuration-server", "web-server"):
        started.json("select", endpoint, chosen)
        assert started.json("activate", endpoint)["state"] == "proven"
    return started


@pytest.mark.parametrize(
    ("reached", "later"),
    [("begun", 0.3), ("issued", 0.0), ("issued", 0.1), ("issued", 0.3)],
    ids=["it signs", "it signed", "it was stored", "it is activated"],
)
def test_the_worker_killed_while(
    reached: str, later: float, node: RunningNode, folder: Path
) -> None:
    (service,) = node.json("status")["services"]
    (former,) = {endpoint["active"] for endpoint in service["endpoints"]}
    before, issued_before = written(folder, reached), written(folder, "issued")
    worker = children(node.process.pid)["worker"]
    begun = node.json("renew", former, "--authority", "slow", "--wait", "0")
    wait_for_more(folder, reached, len(before))
    time.sleep(later)
    os.kill(worker, signal.SIGKILL)
    story = wait_for_state(node, begun["id"], "done")
    assert len(written(folder, "issued")) == len(issued_before) + 1
    for endpoint in ("configuration-server", "web-server"):
        proof = node.json("prove", endpoint)
        assert (proof["verdict"], proof["served_fingerprint"]) == ("pass", story["issued"])
    assert story["issued"] != former
