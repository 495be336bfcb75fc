"""TXT records by a program of the administrator's."""

import os
import re
from dataclasses import dataclass

from certwright.authorities.authority import IssuanceFailed
from certwright.machine.failures import MachineError
from certwright.machine.programs import run
from certwright.x509.text import printable

_SECONDS = 60.0
_RECORD = re.compile(r"[A-Za-z0-9_.-]{1,253}")
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")
"""Not the rest of the node's environment, which may hold what no other program should see."""


@dataclass(frozen=True)
class HookRecords:
    """Runs `PROGRAM add|remove NAME VALUE`, and the same in CERTWRIGHT_DNS_ACTION, _NAME, _VALUE.

    No shell of ours reads any of it; for the program's own, which often is a script, it is a name
    of the DNS and nothing else. Exit code 0 is success; what it says otherwise is passed on.
    """

    program: str
    seconds: float = _SECONDS

    def add(self, name: str, value: str) -> None:
        """Run it with "add"; raises IssuanceFailed."""
        self._run("add", name, value)

    def remove(self, name: str, value: str) -> None:
        """Run it with "remove"; raises IssuanceFailed."""
        self._run("remove", name, value)

    def _run(self, action: str, name: str, value: str) -> None:
        if not _RECORD.fullmatch(name):
            raise IssuanceFailed(
                f"{printable(name, 100)} is no name for a DNS record.", "Use another name."
            )
        environment = {key: os.environ[key] for key in _PASSED_ON if key in os.environ}
        environment["CERTWRIGHT_DNS_ACTION"] = action
        environment["CERTWRIGHT_DNS_NAME"] = name
        environment["CERTWRIGHT_DNS_VALUE"] = value
        try:
            ended = run(
                [self.program, action, name, value], seconds=self.seconds, environment=environment
            )
        except MachineError as error:
            raise IssuanceFailed(error.message, error.remedy) from None
        if ended.code != 0:
            says = f', it says "{ended.words}"' if ended.words else ""
            raise IssuanceFailed(
                f"The program {self.program} could not {action} the record for {name} "
                f"(exit code {ended.code}{says}).",
                "Run it by hand with the same arguments.",
            )
