"""A whole node proves its names to pebble with no hand on it, and nobody who calls notices."""

import http.client
import os
import re
import signal
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from tests.conftest import ANY_PORTS, NodeStarter, RunningNode
from tests.faults.node.test_kill import children
from tests.interop.acme.faulty_proxy import FaultyProxy, Reply, at
from tests.interop.acme.pebble import Pebble
from tests.interop.front.test_front_switching import calling
from tests.interop.servers import LOOPBACK

from certwright.authorities.acme.challenge_answers import keep_answer
from certwright.authorities.acme.challenges import Challenge, ChallengeKind
from certwright.database.encryption import key_from_base64
from certwright.database.tables import challenge_answers
from certwright.lifecycle.renewal.record import (
    Renewal,
    RenewalState,
    Wanted,
    begin_renewal,
    get_renewal,
)
from certwright.services.endpoints import RenewalKey
from certwright.x509.certificate import Certificate
from certwright.x509.keys import KeyType
from certwright.x509.names import parse_server_name

NAME = "todd.corp.example"
PORTS = {
    ("http-01", "own"): (),
    ("http-01", "publication"): ("--publication-port", "{http}"),
    ("tls-alpn-01", "own"): (),
    ("tls-alpn-01", "web server"): ("--https-port", "{tls}"),
    ("tls-alpn-01", "configuration server"): ("--configuration-port", "{tls}"),
}


def ask(
    node: RunningNode, database: Engine, names: tuple[str, ...], certificate: str | None = None
) -> int:
    """Let the node's worker find that a certificate is wanted, as if the node had begun it."""
    wanted = Wanted(
        certificate=certificate,
        names=tuple(map(parse_server_name, names)),
        authority="public",
        key=RenewalKey.NEW,
        key_type=KeyType.EC_P256,
        lifetime=timedelta(days=90),
        actor="ada",
        reason="asked for",
    )
    name = (node.data / "node-name").read_text().strip()
    with database.begin() as connection:
        connection.execute(select(func.set_config("certwright.node", name, True)))
        identifier = begin_renewal(connection, wanted, datetime.now(UTC))
    assert identifier is not None
    return identifier


def wait_for(database: Engine, identifier: int, *, attempts: int = 0) -> Renewal:
    """How it stands once it is over, or has failed so often."""
    deadline = time.monotonic() + 100
    while True:
        with database.connect() as connection:
            renewal = get_renewal(connection, identifier)
        if renewal.state.is_over or renewal.attempts > attempts:
            return renewal
        assert renewal.state is not RenewalState.ASKING, renewal.sentence
        assert time.monotonic() < deadline, renewal
        time.sleep(0.05)


def create(
    node: RunningNode, pebble: Pebble, challenge: str, folder: Path, directory: str = ""
) -> None:
    roots = folder / "directory.pem"
    roots.write_text(pebble.ca_pem)
    node.json(
        *("authorities", "create", "public", "--kind", "acme", "--challenge", challenge),
        *("--directory", directory or pebble.directory, "--ca-file", str(roots)),
        *("--http-port", str(pebble.http_port), "--tls-port", str(pebble.tls_port)),
    )


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def answers(database: Engine) -> int:
    """How many an authority would find."""
    with database.connect() as connection:
        return connection.scalar(select(func.count()).select_from(challenge_answers)) or 0


def is_open(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), 5).close()
    except ConnectionRefusedError:
        return False
    return True


def served(port: int) -> Certificate:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection((LOOPBACK, port), 10) as plain,
        context.wrap_socket(plain, server_hostname=NAME) as connection,
    ):
        return Certificate.from_der(connection.getpeercert(binary_form=True) or b"")


@contextmanager
def traffic(port: int) -> Iterator[None]:
    """Calls on kept and on new connections, none of which fails or is closed."""
    with calling(port, kept=1) as callers:
        yield
    assert all(caller.answers > 10 for caller in callers)


@pytest.mark.parametrize(("challenge", "where"), PORTS)
def test_a_certificate_reaches_the_front_with_no_hand_on_it(
    pebble: Pebble,
    database: Engine,
    start_node: NodeStarter,
    tmp_path: Path,
    challenge: str,
    where: str,
) -> None:
    places = {"http": pebble.http_port, "tls": pebble.tls_port}
    chosen = [option.format(**places) for option in PORTS[challenge, where]]
    url = database.url.render_as_string(hide_password=False)
    node = start_node("--name", NAME, "--database", url, ports=(*ANY_PORTS, *chosen))
    (tmp_path / "root.pem").write_text(pebble.root().pem)
    node.json("certificates", "import", str(tmp_path / "root.pem"), "--trust-root")
    create(node, pebble, challenge, tmp_path)
    port = node.port("web_url")
    with traffic(port):
        first = wait_for(database, ask(node, database, (NAME,)))
    assert first.state is RenewalState.DONE, first.sentence
    assert first.issued is not None
    node.json("select", "web-server", first.issued)
    node.json("activate", "web-server")
    assert served(port).fingerprint == first.issued
    with traffic(port):
        second = wait_for(database, ask(node, database, (NAME,), first.issued))
    assert second.state is RenewalState.DONE, second.sentence
    assert second.issued != first.issued
    assert served(port).fingerprint == second.issued
    looked_at = pebble.http_port if challenge == "http-01" else pebble.tls_port
    wait_until(lambda: is_open(looked_at) == (where != "own"))
    assert answers(database) == 0


@pytest.mark.parametrize("challenge", ["http-01", "tls-alpn-01"])
def test_an_address_is_proven_like_a_name(
    pebble: Pebble, database: Engine, start_node: NodeStarter, tmp_path: Path, challenge: str
) -> None:
    url = database.url.render_as_string(hide_password=False)
    node = start_node("--name", NAME, "--database", url)
    create(node, pebble, challenge, tmp_path)
    done = wait_for(database, ask(node, database, (LOOPBACK,)))
    assert done.state is RenewalState.DONE, done.sentence


@pytest.mark.parametrize("challenge", ["http-01", "tls-alpn-01"])
def test_a_port_that_another_program_has_is_told_and_tried_again_later(
    pebble: Pebble, database: Engine, start_node: NodeStarter, tmp_path: Path, challenge: str
) -> None:
    url = database.url.render_as_string(hide_password=False)
    node = start_node("--name", NAME, "--database", url)
    create(node, pebble, challenge, tmp_path)
    port = pebble.http_port if challenge == "http-01" else pebble.tls_port
    former = served(node.port("web_url")).fingerprint
    with socket.create_server((LOOPBACK, port)):
        failed = wait_for(database, ask(node, database, (NAME,), former))
    assert failed.state is RenewalState.WAITING
    assert served(node.port("web_url")).fingerprint == former
    assert re.match(
        rf"Port {port} for the proof of a name is in use by .* \(process \d+\)\. "
        r"Stop that program, or give another port with --(http|tls)-port of certwright "
        r"authorities change \(with all other options",
        failed.sentence,
    )
    assert "order" not in failed.memory
    assert failed.again_at is not None
    assert failed.again_at > datetime.now(UTC)


def test_a_worker_killed_before_the_authority_looked_leaves_nothing_open_for_ever(
    pebble: Pebble,
    proxy: FaultyProxy,
    database: Engine,
    start_node: NodeStarter,
    tmp_path: Path,
) -> None:
    used = {"Replay-Nonce": "dXNlZA"}  # it is refused, and another one got
    told = at("/chalZ/", Reply(200, b'{"status": "processing"}', used))
    proxy.faults.append(told)
    url = database.url.render_as_string(hide_password=False)
    node = start_node("--name", NAME, "--database", url)
    create(node, pebble, "http-01", tmp_path, directory=proxy.directory)
    identifier = ask(node, database, (NAME,))
    wait_until(lambda: is_open(pebble.http_port))
    wait_until(lambda: bool(proxy.succeeded("/chalZ/")))
    os.kill(children(node.process.pid)["worker"], signal.SIGKILL)
    proxy.faults.remove(told)
    assert answers(database) == 1
    done = wait_for(database, identifier)
    assert done.state is RenewalState.DONE, done.sentence
    assert len(proxy.succeeded("/order-plz")) == 1
    assert answers(database) == 0
    wait_until(lambda: not is_open(pebble.http_port))


def test_the_publication_port_answers_tokens_that_are_waited_for_and_no_others(
    database: Engine, start_node: NodeStarter
) -> None:
    url = database.url.render_as_string(hide_password=False)
    node = start_node("--name", NAME, "--database", url)
    key = key_from_base64((node.data / "key-encryption.key").read_bytes())
    todd, now = parse_server_name(NAME), datetime.now(UTC)
    challenge = Challenge(ChallengeKind.HTTP_01, todd, "a-token_1", "a-token_1.thumb")
    with database.begin() as connection:
        keep_answer(connection, key, challenge, now)
        connection.execute(
            challenge_answers.insert().values(
                token="a-token_3", key_authorization="a-token_3.stranger", created_at=now
            )
        )
    asked = http.client.HTTPConnection(LOOPBACK, node.port("publication_url"), timeout=10)
    for path, status in (
        ("a-token_1", 200),
        ("a-token_2", 404),
        ("a-token_3", 404),  # who wrote that has not the node's key
        ("a%00b", 400),
        ("%2e%2e", 404),
    ):
        asked.request("GET", f"/.well-known/acme-challenge/{path}")
        answer = asked.getresponse()
        body = answer.read()
        assert answer.status == status, (path, body)
        if status == 200:
            assert body == b"a-token_1.thumb"
            assert answer.getheader("content-type") == "application/octet-stream"
    asked.close()
