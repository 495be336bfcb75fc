"""HAProxy's runtime API: another certificate while it runs, with no connection lost.

Source: HAProxy's Management Guide, 9.3 "Unix Socket commands" (`set`, `commit`, `abort` and
`show ssl cert`): one transaction at a time, and nothing changes before it is committed.
"""

import re
import socket
import time
from dataclasses import dataclass

from ...failures import FailureCode, MachineError

_MOST_SECONDS = 30.0
"""For one command; a commit works through every name of every socket that uses the file."""
_LONGEST_ANSWER = 1024 * 1024
_MOST_SAID = 400
_FINGERPRINT = re.compile(r"^SHA1 FingerPrint: ([0-9A-Fa-f]{40})$", re.MULTILINE)
_SPECIAL = re.compile(r"([\\ ;])")


@dataclass(frozen=True)
class RuntimeApi:
    """The one of a HAProxy whose `stats socket`, a file, has the level admin."""

    path: str

    def switch(self, name: str, pem: str, thumbprint: str) -> None:
        """Serve `pem` (chain and key) for the file that HAProxy knows as `name`, and read it back.

        `thumbprint` is its leaf's. Raises SERVICE_FAILED with HAProxy's words, BUSY where somebody
        else's transaction is open; what is served is what was served before, then.
        """
        self._look_before(name)
        payload = "\n".join(line for line in pem.splitlines() if line.strip())
        said = self._ask(f"set ssl cert {_escaped(name)} <<\n{payload}\n")
        if "ransaction created" not in said and "ransaction updated" not in said:
            raise _refused(name, said)
        said = self._ask(f"commit ssl cert {_escaped(name)}")
        if "Success!" not in said:
            self._ask(f"abort ssl cert {_escaped(name)}")
            raise _refused(name, said)
        self._read_back(name, thumbprint)

    def _look_before(self, name: str) -> None:
        loaded = self._ask("show ssl cert").splitlines()
        if any(line.startswith("Permission denied") for line in loaded):
            raise _refused(name, "permission denied; its socket has not the level admin")
        open_ones = [line[1:] for line in loaded if line.startswith("*")]
        if open_ones and open_ones != [name]:  # HAProxy 2.6 would put ours in its place
            raise MachineError(
                FailureCode.BUSY,
                f"Somebody else is changing {', '.join(open_ones)} in the running HAProxy.",
                "Wait until that is done, or end it by `abort ssl cert` on HAProxy's socket.",
            )
        if name not in loaded:
            raise MachineError(
                FailureCode.SERVICE_FAILED,
                f"The running HAProxy has not loaded {name}, so it cannot change it while it runs.",
                "Reload HAProxy once (systemctl reload haproxy): it reads the file then.",
            )

    def _read_back(self, name: str, thumbprint: str) -> None:
        found = _FINGERPRINT.search(self._ask(f"show ssl cert {_escaped(name)}"))
        if found is None or found[1].lower() != thumbprint:
            raise MachineError(
                FailureCode.SERVICE_FAILED,
                f"HAProxy took the certificate for {name}, and still shows another one.",
                "See whether another program changes it too, then try again.",
            )

    def _ask(self, command: str) -> str:
        """Its answer to one command; it closes the connection after that."""
        deadline = time.monotonic() + _MOST_SECONDS
        answer = bytearray()
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(_MOST_SECONDS)
                connection.connect(self.path)
                connection.sendall(f"{command}\n".encode("utf-8", "surrogateescape"))
                while piece := connection.recv(64 * 1024):
                    answer += piece
                    connection.settimeout(max(deadline - time.monotonic(), 0.001))
                    if len(answer) > _LONGEST_ANSWER:
                        break
        except OSError as error:
            raise self._unreachable(error) from None
        return answer.decode("utf-8", "replace")

    def _unreachable(self, error: OSError) -> MachineError:
        if isinstance(error, PermissionError):
            return MachineError(
                FailureCode.NOT_PERMITTED,
                f"HAProxy's socket {self.path} is closed to this account.",
                "Give its `stats socket` line a group and mode that let Certwright's account in.",
            )
        return MachineError(
            FailureCode.SERVICE_FAILED,
            f"HAProxy does not answer at {self.path}: {error.strerror or error}.",
            "Start it; it begins with what its files hold now.",
        )


def _escaped(name: str) -> str:
    return _SPECIAL.sub(r"\\\1", name)


def _refused(name: str, said: str) -> MachineError:
    return MachineError(
        FailureCode.SERVICE_FAILED,
        f"HAProxy refuses the certificate for {name}: {_line(said)}",
        "What it served before is served still. A chain that is too large for its buffer needs a "
        "higher tune.bufsize, or a reload in place of the socket.",
    )


def _line(said: str) -> str:
    return " ".join(said.split())[:_MOST_SAID] or "it said nothing."
