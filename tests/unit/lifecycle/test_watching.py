"""What was proven once is looked at again, and a change of the verdict is an event."""

from certwright.access.rights import Caller
from certwright.lifecycle.activation import begin_activation
from certwright.lifecycle.activation_record import ActivationState, get_activation
from certwright.lifecycle.events import latest_events
from certwright.lifecycle.server import Server
from certwright.lifecycle.watching import look_at_endpoints
from certwright.services.endpoints import OwnEndpoint

from ..tls_front import TlsFront


def test_what_stays_as_it_is_makes_no_event(serving: Server) -> None:
    before = latest_events(serving, 100)
    look_at_endpoints(serving)
    look_at_endpoints(serving)
    assert latest_events(serving, 100) == before


def test_endpoint_that_fails_and_comes_back_makes_one_event_each(
    serving: Server, front: TlsFront
) -> None:
    before = len(latest_events(serving, 100))
    front.go_down()
    look_at_endpoints(serving)
    look_at_endpoints(serving)
    front.go_up()
    look_at_endpoints(serving)
    new = latest_events(serving, 100)[: len(latest_events(serving, 100)) - before]
    assert sorted((event.subject, event.good) for event in new) == [
        ("configuration-server", False),
        ("configuration-server", True),
        ("web-server", False),
        ("web-server", True),
    ]


def test_before_anything_is_active_there_is_nothing_to_look_at(server: Server) -> None:
    look_at_endpoints(server)
    assert latest_events(server, 100) == ()


def test_activation_that_lost_its_database_is_brought_to_its_end(
    serving: Server, admin: Caller
) -> None:
    number = begin_activation(serving, OwnEndpoint.WEB_SERVER, admin)
    look_at_endpoints(serving)
    assert get_activation(serving, number).state is ActivationState.PROVEN
