"""Activations that are killed, or run at once: each comes to its end, one at a time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from sqlalchemy import update

from certwright.access.rights import Caller
from certwright.database.node_views import activations
from certwright.lifecycle.activation import (
    activate,
    begin_activation,
    resume_activations,
    run_activation,
)
from certwright.lifecycle.activation_record import (
    ActivationState,
    abandon_activations,
    get_activation,
)
from certwright.lifecycle.proving import prove_endpoint
from certwright.lifecycle.server import Server
from certwright.services.endpoints import Choice, OwnEndpoint, WebServerProtocol

from ..foreign_authority import ForeignAuthority
from ..tls_front import TlsFront
from .conftest import Selector, served_at

NAMES = ["todd.corp.example"]
WEB = OwnEndpoint.WEB_SERVER


def test_activation_killed_half_way_is_brought_to_its_end(
    serving: Server, company: ForeignAuthority, select_confirmed: Selector, admin: Caller
) -> None:
    issued = company.issue(NAMES)
    select_confirmed(issued, WEB)
    number = begin_activation(serving, WEB, admin)
    half = [{"name": "switch", "ok": None, "sentence": "Switching.", "at": "then"}]
    with serving.database.begin() as connection:
        connection.execute(update(activations).where(activations.c.id == number).values(steps=half))
    resume_activations(serving)
    done = get_activation(serving, number)
    assert done.state is ActivationState.PROVEN
    assert done.actor == "ada"
    assert all(step.ok for step in done.steps)
    assert served_at(serving, WEB) == issued.leaf


def test_activation_of_a_dead_node_is_closed_as_interrupted(
    serving: Server, company: ForeignAuthority, select_confirmed: Selector, admin: Caller
) -> None:
    former = served_at(serving, WEB)
    select_confirmed(company.issue(NAMES), WEB)
    number = begin_activation(serving, WEB, admin)
    abandon_activations(serving)
    closed = get_activation(serving, number)
    assert closed.state is ActivationState.INTERRUPTED
    assert closed.finished_at == serving.now()
    assert run_activation(serving, number) == closed  # and it stays closed
    resume_activations(serving)
    assert served_at(serving, WEB) == former


def test_finished_activation_is_not_run_again(
    serving: Server, front: TlsFront, admin: Caller
) -> None:
    done = activate(serving, WEB, admin)
    front.switches.clear()
    assert run_activation(serving, done.id) == done
    resume_activations(serving)
    assert front.switches == []


def test_what_is_put_back_is_the_last_activated_at_that_moment(
    serving: Server, company: ForeignAuthority, select_confirmed: Selector, admin: Caller
) -> None:
    good, wrong = company.issue(NAMES), company.issue(["other.example"])
    select_confirmed(good, WEB)
    first = begin_activation(serving, WEB, admin)
    select_confirmed(wrong, WEB)
    second = begin_activation(serving, WEB, admin)  # begun before the first has ended
    assert run_activation(serving, first).state is ActivationState.PROVEN
    done = run_activation(serving, second)
    assert done.state is ActivationState.PUT_BACK
    assert done.former == Choice(WebServerProtocol.HTTPS, good.leaf.fingerprint)
    assert served_at(serving, WEB) == good.leaf


class WatchedFront:
    """Passes on to another front, and notes when two switches of one endpoint overlap."""

    def __init__(self, front: TlsFront) -> None:
        self._front = front
        self._guard = threading.Lock()
        self._inside: list[str] = []
        self.overlaps: list[str] = []

    def switch_certificate(
        self, endpoint: str, certificate_chain_pem: str, private_key_pem: str
    ) -> None:
        with self._guard:
            self.overlaps.extend(name for name in self._inside if name == endpoint)
            self._inside.append(endpoint)
        self._front.switch_certificate(endpoint, certificate_chain_pem, private_key_pem)
        with self._guard:
            self._inside.remove(endpoint)

    def set_web_protocol(self, protocol: WebServerProtocol) -> None:
        self._front.set_web_protocol(protocol)


def test_many_at_once_take_turns_and_each_comes_to_an_end(
    serving: Server, front: TlsFront, admin: Caller
) -> None:
    watched = WatchedFront(front)
    server = replace(serving, front=watched)
    with ThreadPoolExecutor(24) as pool:
        done = list(pool.map(lambda _: activate(server, WEB, admin), range(24)))
    assert {one.state for one in done} == {ActivationState.PROVEN}
    assert watched.overlaps == []


def test_many_looks_at_once_wait_for_each_other(serving: Server) -> None:
    with ThreadPoolExecutor(24) as pool:
        proofs = list(pool.map(lambda _: prove_endpoint(serving, WEB), range(24)))
    assert all(proof.ok for proof in proofs)
