"""A renewal whose request people sign by hand: what they have to run, and telling them of it."""

from sqlalchemy import Connection

from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.renewal.record import Renewal
from certwright.lifecycle.server import Server


def commands_by_hand(renewal: Renewal) -> tuple[str, str]:
    """The one that writes what is to be signed into a file, and the one that brings the answer."""
    request = renewal.memory.get("request", "REQUEST")
    return (
        f"certwright authorities requests {request} --out FILE",
        f"certwright authorities answer {renewal.wanted.authority} FILE",
    )


def steps_by_hand(renewal: Renewal) -> str:
    """What people have to do, in a sentence that ends with a command."""
    ask, answer = commands_by_hand(renewal)
    return f"Write what is to be signed into a file: {ask}, then bring the answer: {answer}"


def tell_of_request(server: Server, connection: Connection, renewal: Renewal) -> None:
    """Record the event that a request waits for a signature: nobody else would hear of it."""
    names = renewal.wanted.names[0].display
    message = f"Renewal {renewal.id} for {names} waits for a signature by hand."
    record_event(
        connection,
        Event(
            at=server.now(),
            actor=renewal.wanted.actor,
            kind="request-waits",
            subject=renewal.wanted.certificate or names,
            message=f"{message} {steps_by_hand(renewal)}",
            good=False,
        ),
    )
