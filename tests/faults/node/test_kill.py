"""Kill -9 of any process at any moment: the node mends itself, or its next start is whole."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import ANY_PORTS, NodeStarter, RunningNode
from tests.materials.openssl_authority import OpensslAuthority

from certwright.errors import CertwrightError


def children(process: int) -> dict[str, int]:
    """The node's own processes, by what they are."""
    kinds = {
        "certwright.node.app": "application",
        "certwright.node.worker": "worker",
        "postgres": "database",
        "envoy": "front",
    }
    tasks = Path(f"/proc/{process}/task").iterdir()
    listed = " ".join(_read(task / "children") for task in tasks)
    commands = {int(child): _read(Path(f"/proc/{child}/cmdline")) for child in listed.split()}
    return {
        kind: child
        for child, command in commands.items()
        for part, kind in kinds.items()
        if part in command
    }


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except (FileNotFoundError, ProcessLookupError):  # the thread or process ended meanwhile
        return ""


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Poll with a deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def works(node: RunningNode) -> bool:
    """Whether both endpoints are proven right now."""
    try:
        with node.client() as client:
            return all(
                client.post("proofs", {"target": endpoint})["verdict"] == "pass"
                for endpoint in ("configuration-server", "web-server")
            )
    except CertwrightError:  # as long as its application or its front is not back
        return False


@pytest.mark.parametrize("kind", ["application", "worker", "database", "front"])
def test_killed_process_is_started_again(kind: str, start_node: NodeStarter) -> None:
    node = start_node()
    former = children(node.process.pid)
    os.kill(former[kind], signal.SIGKILL)
    wait_until(
        lambda: children(node.process.pid).get(kind, former[kind]) != former[kind],
        f"{kind} started again",
    )
    wait_until(lambda: works(node), "both endpoints proven")
    assert node.stop() == 0


def test_node_killed_takes_its_processes_along_and_starts_again(start_node: NodeStarter) -> None:
    first = start_node()
    left = children(first.process.pid)
    first.process.kill()
    first.process.wait()
    wait_until(lambda: not any(map(_exists, left.values())), "its processes ended")
    second = start_node(data=first.data)
    assert _served(second) == _served(first)


def test_all_killed_at_once(start_node: NodeStarter) -> None:
    first = start_node()
    processes = [*children(first.process.pid).values(), first.process.pid]
    for process in processes:
        os.kill(process, signal.SIGKILL)
    first.process.wait()
    second = start_node(data=first.data)
    assert _served(second) == _served(first)
    assert works(second)


def test_leftover_database_is_taken_over(start_node: NodeStarter) -> None:
    first = start_node()
    database = children(first.process.pid)["database"]
    os.kill(database, signal.SIGSTOP)  # it cannot react to the end of its node
    first.process.kill()
    first.process.wait()
    os.kill(database, signal.SIGCONT)
    second = start_node(data=first.data)
    assert _served(second) == _served(first)
    assert children(second.process.pid)["database"] != database


def test_sigterm_leaves_no_process_behind(start_node: NodeStarter) -> None:
    node = start_node()
    group = {node.process.pid, *_descendants(node.process.pid)}
    assert len(group) > 5
    assert node.stop() == 0
    assert not [process for process in group if _exists(process)]
    assert not (node.data / "node" / "local.json").exists()


def test_acknowledged_change_survives(start_node: NodeStarter, tmp_path: Path) -> None:
    node = start_node()
    authority = OpensslAuthority.make(tmp_path / "authority")
    file = authority.pem(authority.issue("localhost"))
    imported = node.json("certificates", "import", str(file))["certificate"]["fingerprint"]
    node.json("select", "web-server", imported)
    for process in [*children(node.process.pid).values(), node.process.pid]:
        os.kill(process, signal.SIGKILL)
    node.process.wait()
    again = start_node(data=node.data)
    assert again.ready["endpoints"]["web-server"]["fingerprint"] == imported


@pytest.fixture(scope="module")
def node(start_module_node: NodeStarter) -> RunningNode:
    """A node that mended itself after whatever was done to it before."""
    return start_module_node()


@pytest.mark.parametrize("moment", [0.0, 0.02, 0.05, 0.1, 0.2])
def test_application_killed_during_an_activation(
    moment: float, node: RunningNode, tmp_path: Path
) -> None:
    authority = OpensslAuthority.make(tmp_path / "authority")
    file = authority.pem(authority.issue("localhost"))
    chosen = node.json("certificates", "import", str(file))["certificate"]["fingerprint"]
    node.json("select", "web-server", chosen)
    local = json.loads((node.data / "node" / "local.json").read_text())
    application = children(node.process.pid)["application"]
    asking = subprocess.Popen(
        [
            *("curl", "-s", "-X", "POST", "--unix-socket", local["socket"]),
            *("-H", f"Authorization: Bearer {local['token']}"),
            "http://localhost/api/v1/endpoints/web-server/activation",
        ],
        stdout=subprocess.DEVNULL,
    )
    with contextlib.suppress(subprocess.TimeoutExpired):
        asking.wait(moment)
    os.kill(application, signal.SIGKILL)
    asking.wait(30)
    wait_until(lambda: works(node), "both endpoints proven")
    web = next(
        endpoint
        for endpoint in node.json("status")["services"][0]["endpoints"]
        if endpoint["name"] == "web-server"
    )
    assert web["proof"]["served_fingerprint"] == web["active"]
    assert node.json("activate", "web-server")["state"] == "proven"


@pytest.mark.parametrize("moment", [0.2, 0.6, 0.9, 1.2, 1.5, 1.8])
def test_first_start_asked_to_stop_at_any_moment(
    moment: float, start_node: NodeStarter, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "certwright", "up", "--data", str(data)),
            *("--name", "localhost", *ANY_PORTS),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(moment)
    left = children(process.pid).values()
    process.terminate()
    # Python's own answer to the signal counts until the node has taken it over.
    assert process.wait(30) in {0, -signal.SIGTERM}
    wait_until(lambda: not any(map(_exists, left)), "its processes ended")
    assert works(start_node(data=data))


@pytest.mark.parametrize("seed", range(6))
def test_first_start_killed_at_any_moment(
    seed: int, start_node: NodeStarter, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    moment = random.Random(seed).uniform(0.1 + seed * 0.35, 0.45 + seed * 0.35)  # noqa: S311
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "certwright", "up", "--data", str(data)),
            *("--name", "localhost", *ANY_PORTS),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(moment)
    process.kill()
    process.wait()
    node = start_node(data=data)
    assert works(node)
    assert node.json("status")["health"] == "good"


def _served(node: RunningNode) -> set[str]:
    return {endpoint["fingerprint"] for endpoint in node.ready["endpoints"].values()}


def _exists(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _descendants(process: int) -> set[int]:
    direct = set(children(process).values())
    found = set(direct)
    for child in direct:
        text = Path(f"/proc/{child}/task/{child}/children").read_text()
        found |= set(map(int, text.split()))
    return found
