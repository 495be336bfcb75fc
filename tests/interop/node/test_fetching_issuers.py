"""A node that completes chains from inside the network, only if it was told that it may."""

from datetime import UTC, datetime
from pathlib import Path

from tests.conftest import NodeStarter
from tests.unit.lifecycle.authority_on_the_web import ladder, publishing


def test_company_authority_is_asked_only_where_it_is_allowed(
    start_node: NodeStarter, tmp_path: Path
) -> None:
    with publishing() as publisher:
        issued, above = ladder(publisher, datetime.now(UTC), 2)
        publisher.pages["/1"] = above[0].der
        file = tmp_path / "server.pem"
        file.write_bytes(issued.pem)
        preview = ("certificates", "import", str(file), "--fetch-issuers", "--dry-run")
        careful = start_node(data=tmp_path / "careful")
        told = careful.json(*preview)
        assert publisher.asked == []
        assert any("not an address of the Internet" in note for note in told["notes"])
        allowed = start_node("--allow-private-addresses", data=tmp_path / "allowed")
        told = allowed.json(*preview)
        assert publisher.asked[0] == "/1"
        found = {one["fingerprint"]: one["origin"] for one in told["entries"]}
        assert found[above[0].fingerprint] == publisher.address("/1")
