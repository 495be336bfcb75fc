"""The process killed at each of its commits, from the account to the certificate in the store.

What the authority did was then done and not recorded: an account, an order, a proof, a certificate.
"""

from itertools import count

import pytest
from sqlalchemy import event
from tests.interop.acme.renewal.conftest import Way

from certwright.authorities.acme.account_keeping import forget_account
from certwright.lifecycle.renewal.record import Renewal, RenewalState, get_renewal

ACCOUNT, ORDER, FINALIZE = "/sign-me-up", "/order-plz", "/finalize-order/"


class KilledError(BaseException):
    """What no code catches, as a kill is."""


def test_killed_at_each_commit_it_gets_one_certificate_and_has_one_account(way: Way) -> None:
    lost_orders = 0
    for number in count(1):
        # Each time an account that has proven nothing: pebble may take an earlier proof, and the
        # order would have other steps.
        with way.server.database.begin() as connection:
            forget_account(connection, way.server.vault, "public")
        way.proxy.calls.clear()
        renewal = way.begin()
        killed = _killed_at(way, renewal, number)
        done = way.advance(renewal)
        assert done.state is RenewalState.DONE, (number, done.sentence)
        assert way.served() == done.issued
        # What is known of an order is its address: one that was not recorded is not found again.
        orders = len(way.proxy.succeeded(ORDER))
        lost_orders += orders - 1
        assert orders in {1, 2}, number
        assert len(way.proxy.succeeded(FINALIZE)) == 1, number
        assert not way.http.answers, number
        made = [call.reply for call in way.proxy.succeeded(ACCOUNT)]
        assert len({reply.headers["Location"] for reply in made if reply is not None}) == 1, number
        if killed.issued is not None:
            break  # how the rest is gone on with does not hang on who issued
    assert number > 8
    assert lost_orders == 1


def _killed_at(way: Way, renewal: int, number: int) -> Renewal:
    """How it stands after that."""
    commits = count(1)

    def strike(_: object) -> None:
        if next(commits) == number:
            raise KilledError

    event.listen(way.server.database, "commit", strike)
    try:
        with pytest.raises(KilledError):
            way.advance(renewal)
    finally:
        event.remove(way.server.database, "commit", strike)
    with way.server.database.connect() as connection:
        return get_renewal(connection, renewal)
