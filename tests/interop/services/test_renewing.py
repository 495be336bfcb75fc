"""The whole way of a renewal at real services: taken on, renewed, put back where it fails."""

import time
from pathlib import Path

import pytest

from certwright.lifecycle.renewal.advancing import advance
from certwright.lifecycle.renewal.record import RenewalState
from certwright.lifecycle.server import Server
from certwright.services.endpoints import get_endpoint

from ...contract.services import haproxy, nginx
from ...contract.services.adapter import NAME, Running, ServiceAdapter
from ...unit.foreign_authority import ForeignAuthority, Issued
from .renewals import SURROUNDINGS, agree, begin, take_on

KINDS: dict[str, Running] = {"nginx": nginx.running, "haproxy": haproxy.running}


@pytest.mark.parametrize("kind", KINDS)
def test_a_renewed_certificate_is_served_and_proven(
    kind: str, server: Server, company: ForeignAuthority, tmp_path: Path
) -> None:
    former = company.issue([NAME])
    folder = tmp_path / "service"
    folder.mkdir(mode=0o755)
    with KINDS[kind](folder, former) as adapter:
        name = take_on(server, adapter, kind)
        renewal = begin(server)
        asking = advance(server, renewal, SURROUNDINGS)
        # Another authority issues from now on: somebody has to agree to another root.
        assert asking.state is RenewalState.ASKING
        assert adapter.served() == former.leaf.thumbprint
        agree(server, renewal)
        done = advance(server, renewal, SURROUNDINGS)
        assert done.state is RenewalState.DONE, done.sentence
        with server.database.connect() as connection:
            endpoint = get_endpoint(connection, name)
        assert endpoint.is_proven
        assert endpoint.active == endpoint.saved
        assert endpoint.active is not None
        assert endpoint.active.certificate == done.issued
        _wait_until_gone(adapter, former)


def _wait_until_gone(adapter: ServiceAdapter, former: Issued) -> None:
    # An old worker of nginx may answer once more after a new one has.
    deadline = time.monotonic() + 30
    while adapter.served() == former.leaf.thumbprint:
        assert time.monotonic() < deadline, "the former certificate is still served"
