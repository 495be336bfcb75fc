"""Kill -9 of one node of two in the middle of a renewal: the other one goes on with it."""

import json
import os
import shutil
import signal
from pathlib import Path

import pytest
from sqlalchemy import Engine
from tests.conftest import ANY_PORTS, NodeStarter, run_certwright
from tests.faults.node.renewal_story import wait_for_state
from tests.faults.node.slow_authority import make_slow_authority, wait_for_more, written
from tests.faults.node.test_kill import children


def data_folder(path: Path, folder: Path) -> Path:
    path.mkdir(mode=0o700)
    (path / "certwright.toml").write_text(f'allow-command = ["{folder}/sign"]\n')
    return path


@pytest.mark.timeout(240)
def test_another_node_goes_on_with_what_a_killed_one_began(
    start_node: NodeStarter, database: Engine, tmp_path: Path
) -> None:
    folder = make_slow_authority(tmp_path)
    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    first = start_node("--database", url, data=data_folder(tmp_path / "first", folder))
    second_data = data_folder(tmp_path / "second", folder)
    command = ("up", "--data", str(second_data), "--database", url, "--name", "localhost")
    refused = run_certwright(*command, *ANY_PORTS)
    assert refused.returncode == 1
    assert "key-encryption.key" in refused.stderr
    shutil.copy(first.data / "key-encryption.key", second_data)
    second = start_node("--database", url, data=second_data)

    create = ("authorities", "create", "slow", "--kind", "command")
    first.json(*create, "--command", f"{folder}/sign")
    file = str(folder / "localhost-all.pem")
    former = first.json("certificates", "import", file)["certificate"]["fingerprint"]
    first.json("select", "web-server", former)
    assert first.json("activate", "web-server")["state"] == "proven"
    held = folder / "held"
    held.touch()
    renewal = first.json("renew", former, "--authority", "slow", "--wait", "0")["id"]
    wait_for_more(folder, "begun", 0)
    worker = children(first.process.pid)["worker"]
    for process in (worker, first.process.pid):  # the machine is gone
        os.kill(process, signal.SIGKILL)
    first.process.wait()
    held.unlink()

    name = (first.data / "node-name").read_text().strip()
    story = wait_for_state(second, renewal, "waiting", f"when the node {name} can do it")
    new = story["issued"]
    assert len(written(folder, "issued")) == 1
    silent = {one["name"]: one["silent"] for one in second.json("nodes", "list")}
    assert silent == {name: True, (second_data / "node-name").read_text().strip(): False}
    served = {endpoint["active"] for endpoint in second.json("status")["services"][0]["endpoints"]}
    assert served.isdisjoint({former, new})

    again = start_node("--database", url, data=first.data)
    wait_for_state(again, renewal, "done")
    proof = json.loads(again.command("prove", "web-server", "--json").stdout)
    assert (proof["verdict"], proof["served_fingerprint"]) == ("pass", new)
    assert len(written(folder, "issued")) == 1
