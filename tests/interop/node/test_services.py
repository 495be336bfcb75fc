"""Services by the command line of a real node: found, taken on, switched, and told of."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import NodeStarter, RunningNode
from tests.contract.services import nginx
from tests.contract.services.adapter import NAME, ServiceAdapter
from tests.unit.foreign_authority import ForeignAuthority


@pytest.fixture(scope="module")
def node(start_module_node: NodeStarter) -> RunningNode:
    return start_module_node("--name", NAME, "--name", "localhost")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[ServiceAdapter]:
    """nginx with a certificate of the company."""
    with nginx.running(
        tmp_path, ForeignAuthority(datetime.now(UTC), "Company").issue([NAME])
    ) as it:
        yield it


def add(served: ServiceAdapter, *more: str) -> tuple[str, ...]:
    assert served.reference is not None
    options = [f"--option={one.name}={one.value}" for one in served.reference.options]
    config = ("--config", served.reference.configuration)
    return ("services", "add", "nginx", *config, *options, *more)


def test_a_plan_changes_nothing(node: RunningNode, served: ServiceAdapter) -> None:
    before = served.state()
    plan = node.json(*add(served, "--dry-run"))
    (endpoint,) = plan["endpoints"]
    assert endpoint["certificate"]["thumbprint"] == served.current.leaf.thumbprint
    # The intermediate that is served with it is no missing one; the company's root is.
    (chain,) = [one for one in endpoint["findings"] if one["code"] == "chain-incomplete"]
    assert chain["message"].startswith("The certificate of Company Root, which issued Company")
    assert node.json("services", "list") == []
    assert served.state() == before


def test_taken_on_it_is_switched_like_the_nodes_own(
    node: RunningNode, served: ServiceAdapter
) -> None:
    node.json(*add(served, "--yes"))
    name = f"nginx/{served.endpoint}"
    shown = node.json("services", "show", "nginx")
    assert shown["kind"] == "nginx"
    assert [one["name"] for one in shown["endpoints"]] == [name]
    assert shown["endpoints"][0]["active"] == served.current.leaf.fingerprint
    own = node.ready["endpoints"]["web-server"]
    assert node.command("select", name, own["thumbprint"]).returncode == 0
    activation = node.json("activate", name)
    assert activation["state"] == "proven"
    assert node.json("prove", name)["served_fingerprint"] == own["fingerprint"]
    services = {one["name"] for one in node.json("status")["services"]}
    assert services == {"node", "nginx"}
    look_again(node, served)
    assert node.command("services", "remove", "nginx").returncode == 0
    assert node.json("services", "list") == []


def on_record(node: RunningNode) -> list[dict[str, Any]]:
    """The endpoints of nginx, but for their proofs: the node looks at them every minute."""
    endpoints = node.json("services", "show", "nginx")["endpoints"]
    return [{name: one[name] for name in one if name != "proof"} for one in endpoints]


def look_again(node: RunningNode, served: ServiceAdapter) -> None:
    """With another server in its configuration, and then without it again."""
    assert served.reference is not None
    site = Path(served.reference.configuration).parent / "sites" / "site.conf"
    other = site.with_name("other.conf")
    text = site.read_text().replace(NAME, "shop.corp.example").replace("site.pem", "shop.pem")
    other.write_text(text)
    kept = on_record(node)
    seen = node.json("services", "look", "nginx", "--dry-run")
    assert [one["name"] for one in seen["new"]] == ["nginx/shop.corp.example"]
    assert seen["stays"] == [f"nginx/{NAME}"]
    assert on_record(node) == kept
    listed = node.command("services", "list").stdout
    assert "a server that is not cared for yet: shop.corp.example" in " ".join(listed.split())
    service = next(one for one in node.json("status")["services"] if one["name"] == "nginx")
    assert service["look"]["new"] == ["shop.corp.example"]
    assert "certwright services look nginx" in node.command("status").stdout
    node.json("services", "look", "nginx", "--yes")
    names = [one["name"] for one in node.json("services", "show", "nginx")["endpoints"]]
    assert names == [f"nginx/{NAME}", "nginx/shop.corp.example"]
    other.unlink()
    assert node.json("services", "look", "nginx", "--yes")["gone"] == ["nginx/shop.corp.example"]
    assert "as Certwright knows them" in node.command("services", "look", "nginx").stdout


def test_without_yes_a_script_is_told_what_to_say(
    node: RunningNode, served: ServiceAdapter
) -> None:
    answer = node.command(*add(served), "--json")
    assert answer.returncode == 2
    assert "--yes" in answer.stderr


def test_an_unknown_kind_is_told_of(node: RunningNode) -> None:
    answer = node.command("services", "add", "iis", "--json", "--dry-run")
    assert answer.returncode == 1
    assert "nginx" in json.loads(answer.stderr)["remedy"]
