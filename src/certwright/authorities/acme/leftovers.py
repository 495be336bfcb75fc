"""Proofs that could not be taken away when their order was over: the next one has them taken away.

Records that stay pile up, until an authority no longer finds the right one among them (acme.sh
issues 2037 and 5106).
"""

from dataclasses import dataclass

import structlog

from certwright.authorities.acme.account_keeping import AcmeAccount
from certwright.authorities.acme.challenges import Responder
from certwright.authorities.acme.proofs import Proofs
from certwright.errors import CertwrightError

_log = structlog.get_logger()


@dataclass(frozen=True)
class Leftovers:
    """What an account has up for nothing, and who takes it away."""

    account: AcmeAccount
    responder: Responder

    def add(self, proofs: Proofs) -> None:
        """Remember what is up of `proofs`, since nobody else does any more."""
        if proofs.up:
            self.account.leave((*self.account.left(), *proofs.up))

    def take_away(self) -> None:
        """Withdraw them one after the other, until one cannot be: an order must not wait for all.

        That one is the last to be tried the next time.
        """
        left = self.account.left()
        while left:
            first, *others = left
            try:
                self.responder.withdraw(first)
            except CertwrightError as error:
                _log.warning("acme.proof_left", name=first.name.value, reason=error.message)
                self.account.leave((*others, first))
                return
            left = tuple(others)
            self.account.leave(left)
