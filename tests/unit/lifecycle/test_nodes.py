"""Nodes that share a database: seen, missed, and forgotten."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from certwright.access.rights import Caller, Right
from certwright.authorities.root_keys import RootKeyFolder
from certwright.database.engine import open_engine
from certwright.database.node_lock import node_lock
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.activation import activate
from certwright.lifecycle.deleting import delete_certificate
from certwright.lifecycle.events import latest_events
from certwright.lifecycle.first_start import provide_certificate
from certwright.lifecycle.nodes import be_seen, forget_node, list_nodes, miss_silent_nodes
from certwright.lifecycle.renewal.alarm import sound_alarms
from certwright.lifecycle.renewal.due import plans
from certwright.lifecycle.server import Server
from certwright.lifecycle.telling.record import events_after
from certwright.services.endpoints import (
    OwnEndpoint,
    list_all_endpoints,
    list_endpoints_of_nodes,
)

from ..composed_server import Clock, compose_server
from ..tls_front import TlsFront


@pytest.fixture
def other(
    server: Server, database: Engine, clock: Clock, root_keys: RootKeyFolder, admin: Caller
) -> Iterator[Server]:
    """A second node of the same database, with a front of its own; it serves."""
    engine = open_engine(database.url.render_as_string(hide_password=False), "todd-2")
    front = TlsFront()
    front.go_up()
    made = compose_server(
        engine, front, front.ports, clock, root_keys, node="todd-2", names=("other.corp.example",)
    )
    provide_certificate(made, None)
    for endpoint in OwnEndpoint:
        assert activate(made, endpoint, admin).state == "proven"
    yield made
    front.go_down()
    engine.dispose()


def let_it_be_silent(server: Server, node: str, seconds: int) -> None:
    with server.database.begin() as connection:
        connection.execute(
            text("update nodes set seen_at = now() - make_interval(secs => :ago) where name = :n"),
            {"ago": seconds, "n": node},
        )


def what_is_served(server: Server) -> set[str | None]:
    with server.database.connect() as connection:
        return {one.saved.certificate for one in list_all_endpoints(connection)}


def test_each_node_has_its_own_endpoints(serving: Server, other: Server) -> None:
    assert len(what_is_served(serving)) == len(what_is_served(other)) == 1
    assert what_is_served(serving) != what_is_served(other)
    with serving.database.connect() as connection:
        assert [one.label for one in list_endpoints_of_nodes(connection)] == [
            "Configuration Server",
            "Web Server",
            "Configuration Server of node todd-2",
            "Web Server of node todd-2",
        ]
        (plan,) = plans(serving, connection, None)
        assert {plan.certificate.fingerprint} == what_is_served(serving)


def test_what_another_node_serves_is_not_deleted(
    serving: Server, other: Server, admin: Caller
) -> None:
    (fingerprint,) = what_is_served(other)
    with pytest.raises(CertwrightError) as refused:
        delete_certificate(serving, str(fingerprint), caller=admin)
    assert refused.value.code is ErrorCode.CERTIFICATE_IN_USE
    assert "what the Web Server of node todd-2 serves" in refused.value.message


def test_a_node_that_said_so_lately_is_there(serving: Server, other: Server) -> None:
    for node in (serving, other):
        be_seen(node)
    assert [(one.name, one.is_silent, one.is_this) for one in list_nodes(serving)] == [
        ("todd-1", False, True),
        ("todd-2", False, False),
    ]
    let_it_be_silent(serving, "todd-2", 31)
    assert [one.is_silent for one in list_nodes(serving)] == [False, True]
    be_seen(other)
    assert [one.is_silent for one in list_nodes(serving)] == [False, False]


def test_a_silent_node_is_missed_once_and_welcomed_back(serving: Server, other: Server) -> None:
    for node in (serving, other):
        be_seen(node)
    let_it_be_silent(serving, "todd-2", 100)
    miss_silent_nodes(serving)
    assert "node-silent" not in {one.kind for one in latest_events(serving, 5)}
    let_it_be_silent(serving, "todd-2", 130)
    for _ in range(2):
        miss_silent_nodes(serving)
    missed, *before = latest_events(serving, 5)
    assert not missed.good
    assert missed.message.startswith("The node todd-2 (other.corp.example) was last seen at ")
    assert "node-silent" not in {one.kind for one in before}
    for _ in range(2):
        be_seen(other)
    back, *before = latest_events(serving, 5)
    assert (back.message, back.good) == ("On node todd-2: It is there again.", True)
    assert before[0] == missed


def test_a_node_does_not_miss_itself(serving: Server) -> None:
    be_seen(serving)
    let_it_be_silent(serving, "todd-1", 1000)
    miss_silent_nodes(serving)
    assert "node-silent" not in {one.kind for one in latest_events(serving, 5)}


def test_each_node_tells_its_own_events_alone(serving: Server, other: Server) -> None:
    for node, label in ((serving, "todd.corp.example"), (other, "other.corp.example")):
        with node.database.connect() as connection:
            events = events_after(connection, 0) or ()
        chosen = [one.event.message for one in events if one.event.kind == "certificate-selected"]
        assert chosen
        assert all(message.startswith(label) for message in chosen)


def test_alarms_of_two_nodes_do_not_sound_in_turns(
    serving: Server, other: Server, clock: Clock
) -> None:
    with serving.database.connect() as connection:
        (plan,) = plans(serving, connection, None)
    clock.move((plan.certificate.not_after - clock()) * 0.8)
    for _ in range(3):
        for node in (serving, other):
            sound_alarms(node)
    alarms = [one for one in latest_events(serving, 50) if one.kind == "expiry-alarm"]
    assert len(alarms) == 4  # two endpoints of two nodes, each once


def test_a_node_that_is_gone_is_forgotten_with_what_it_used(
    serving: Server, other: Server, admin: Caller
) -> None:
    for node in (serving, other):
        be_seen(node)
    (fingerprint,) = what_is_served(other)
    with pytest.raises(CertwrightError) as refused:
        forget_node(serving, "todd-2", admin)
    assert refused.value.code is ErrorCode.BUSY
    let_it_be_silent(serving, "todd-2", 31)
    with (
        node_lock(other.database, "todd-2"),  # only its worker is dead
        pytest.raises(CertwrightError, match="is running"),
    ):
        forget_node(serving, "todd-2", admin)
    forget_node(serving, "todd-2", admin)
    (forgotten, *_) = latest_events(serving, 1)
    assert (forgotten.actor, forgotten.kind) == (admin.name, "node-forgotten")
    assert [one.name for one in list_nodes(serving)] == ["todd-1"]
    delete_certificate(serving, str(fingerprint), caller=admin)


@pytest.mark.parametrize(
    ("name", "right", "code"),
    [
        ("todd-9", Right.ADMIN, ErrorCode.NOT_FOUND),
        ("todd-1", Right.ADMIN, ErrorCode.BUSY),
        ("todd-1", Right.CREATE, ErrorCode.NOT_PERMITTED),
    ],
)
def test_what_must_not_be_forgotten_is_not(
    serving: Server, name: str, right: Right, code: ErrorCode
) -> None:
    be_seen(serving)
    let_it_be_silent(serving, "todd-1", 100)
    with (
        node_lock(serving.database, "todd-1"),
        pytest.raises(CertwrightError) as refused,
    ):
        forget_node(serving, name, Caller("ada", right))
    assert refused.value.code is code


def test_times_are_told_as_utc_wherever_the_database_lives(serving: Server) -> None:
    be_seen(serving)
    with serving.database.begin() as connection:
        connection.execute(text("alter role current_user set timezone to 'Asia/Tokyo'"))
    try:
        again = open_engine(
            serving.database.url.render_as_string(hide_password=False), serving.node
        )
        (node,) = list_nodes(replace(serving, database=again))
        assert node.seen_at.utcoffset() == timedelta()
        again.dispose()
    finally:
        with serving.database.begin() as connection:
            connection.execute(text("alter role current_user reset timezone"))
