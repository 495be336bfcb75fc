"""What was put up for an order, remembered before it is up, so that it is always taken away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from certwright.authorities.acme.challenges import Challenge, Responder
from certwright.errors import CertwrightError

_log = structlog.get_logger()


@dataclass
class Proofs:
    """The proofs of one order; `up` are those that may be there, of an earlier process too."""

    responder: Responder
    up: tuple[Challenge, ...]
    keep: Callable[[tuple[Challenge, ...]], None]

    def put_up(self, challenges: Sequence[Challenge]) -> None:
        """Put all of them up, and take away what is there beside them."""
        former, self.up = self.up, tuple(dict.fromkeys([*challenges, *self.up]))
        self.keep(self.up)
        for challenge in challenges:
            self.responder.respond(challenge)
        self._withdraw([one for one in former if one not in challenges])

    def take_away(self) -> None:
        """Withdraw all that is up. What cannot be is kept for the next go, and never an error:
        the outcome of the order matters more.
        """
        if self.up:
            self._withdraw(self.up)
            self.keep(self.up)

    def _withdraw(self, challenges: Sequence[Challenge]) -> None:
        for challenge in challenges:
            try:
                self.responder.withdraw(challenge)
            except CertwrightError as error:
                _log.warning("acme.proof_left", name=challenge.name.value, reason=error.message)
            else:
                self.up = tuple(one for one in self.up if one != challenge)
