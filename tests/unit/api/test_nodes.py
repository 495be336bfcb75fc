"""REST: the nodes that share the database."""

from certwright.lifecycle.nodes import be_seen
from certwright.lifecycle.server import Server

from .conftest import TestClient

URL = "/api/v1/nodes"


def test_nodes_are_listed_here_and_in_the_status(owner: TestClient, selected: Server) -> None:
    assert owner.get(URL).json() == []
    be_seen(selected)
    (node,) = owner.get(URL).json()
    assert node.pop("seen_at")
    assert node == {
        "name": "todd-1",
        "server_name": "todd.corp.example",
        "version": "0.0.0",
        "silent": False,
        "this": True,
    }
    assert [one["name"] for one in owner.get("/api/v1/status").json()["nodes"]] == ["todd-1"]


def test_a_stranger_sees_none_and_a_node_that_is_there_stays(
    owner: TestClient, stranger: TestClient, selected: Server
) -> None:
    be_seen(selected)
    assert stranger.get(URL).status_code == 401
    assert stranger.delete(f"{URL}/todd-1").status_code == 401
    assert owner.delete(f"{URL}/todd-1").json()["code"] == "busy"
    assert owner.delete(f"{URL}/todd-9").json()["code"] == "not-found"
