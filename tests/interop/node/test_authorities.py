"""Authorities of a whole node: which programs it runs is said where it is started, nowhere else."""

from pathlib import Path

from tests.conftest import NodeStarter


def test_a_command_is_taken_on_only_where_the_node_was_told_that_it_may_run(
    start_node: NodeStarter, tmp_path: Path
) -> None:
    program = tmp_path / "sign"
    program.write_text("#!/bin/sh\nexit 75\n")
    program.chmod(0o755)
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "certwright.toml").write_text(f"allow-command = [\"{program} 'Web Server'\"]\n")
    node = start_node(data=data)
    create = ("authorities", "create", "adcs", "--kind", "command", "--command")
    refused = node.command(*create, "/bin/sh -c id")
    assert refused.returncode == 1
    assert "may not run /bin/sh -c id for an authority" in refused.stderr
    assert "allow-command" in refused.stderr
    made = node.json(*create, f"{program} 'Web Server'")
    assert made["found"] == f"The program {program} is there."
    node.json("authorities", "create", "team", "--kind", "by-hand")
    names = [one["name"] for one in node.json("authorities", "list")]
    assert names == ["internal", "adcs", "team"]
    assert [one["name"] for one in node.json("status")["authorities"]] == names
    assert "adcs (command)" in node.command("status").stdout
    assert node.json("authorities", "requests") == []
    node.json("authorities", "remove", "team")
    kinds = [one["kind"] for one in node.json("events") if one["subject"] in {"adcs", "team"}]
    assert kinds == ["authority-removed", "authority-created", "authority-created"]
