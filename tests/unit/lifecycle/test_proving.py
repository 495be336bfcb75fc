"""Looking at other servers: bounded, whatever they do."""

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from sqlalchemy import update

from certwright.database.node_views import endpoints
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import latest_events
from certwright.lifecycle.proving import prove_elsewhere, prove_endpoint
from certwright.lifecycle.server import Server
from certwright.services.endpoints import OwnEndpoint
from certwright.x509.names import parse_server_name

AT_ONCE = 8


def test_silent_servers_do_not_take_all_threads(server: Server) -> None:
    name = parse_server_name("localhost")
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(AT_ONCE))
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        silent.settimeout(10)
        port = silent.getsockname()[1]
        looks = [
            pool.submit(prove_elsewhere, server, "127.0.0.1", port, name) for _ in range(AT_ONCE)
        ]
        accepted = [silent.accept()[0] for _ in range(AT_ONCE)]
        with pytest.raises(CertwrightError) as error:
            prove_elsewhere(server, "127.0.0.1", port, name)
        assert error.value.code is ErrorCode.BUSY
        for connection in accepted:
            connection.close()
        assert not any(look.result().ok for look in looks)
    assert not prove_elsewhere(server, "127.0.0.1", port, name).ok


@pytest.mark.parametrize(
    ("before", "told"),
    [(None, "Web Server proven"), ({"verdict": "fail"}, "Web Server proven again")],
)
def test_only_what_was_looked_at_before_is_proven_again(
    serving: Server, before: dict[str, str] | None, told: str
) -> None:
    with serving.database.begin() as connection:
        connection.execute(
            update(endpoints).where(endpoints.c.name == OwnEndpoint.WEB_SERVER).values(proof=before)
        )
    prove_endpoint(serving, OwnEndpoint.WEB_SERVER)
    assert latest_events(serving, 1)[0].message == told
