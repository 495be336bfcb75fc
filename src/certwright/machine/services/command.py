"""A program of one's own that takes certificates to wherever they are needed.

Options, each a command line that no shell reads: `command` (takes the certificate), `activate`,
`confirm`, `undo`, `current` (prints the thumbprint or the PEM of what is in use). Besides:
`endpoint` (its name, "command" by default), `names`, `address`.

Each finds one JSON object on its standard input: `step` ("select", "activate", "confirm", "undo"
or "current") and `endpoint`; for "select" also `thumbprint`, `former_thumbprint`, `chain` (PEM,
leaf first, without the root) and `private_key` (PEM, PKCS#8, not encrypted). Exit code 0 says that
it is done. What "select" and "undo" print are the places that they changed, one a line.
"""

import json
import re

from ..failures import FailureCode, MachineError
from ..programs import Finished, run
from .options import addresses_of, command_of, names_of, no_endpoint
from .pem.certificates import certificates_of, check_pair, thumbprint_of
from .service import FoundEndpoint, FoundService, Material, MaterialForm, ServiceReference

_MOST_SECONDS = 300.0
_MOST_PLACES = 100
_LONGEST_PLACE = 500
_SHORTEST_SECRET = 8
"""Letters of a line of the key that are taken out of what a program says."""
_THUMBPRINT = re.compile(r"[0-9a-f]{40}")


class Command:
    """One endpoint, and the programs that know what is to be done."""

    def __init__(self, reference: ServiceReference) -> None:
        """Raises INVALID_INPUT where the option `command` is missing, or one is malformed."""
        self._reference = reference
        self._endpoint = reference.option("endpoint", "command")
        self._addresses = addresses_of(reference)
        steps = ("command", "activate", "confirm", "undo", "current")
        self._commands = {step: command_of(reference, step) for step in steps}
        if not self._commands["command"]:
            raise MachineError(
                FailureCode.INVALID_INPUT,
                "Which program takes the certificate is not said.",
                "Name it by the option command.",
            )

    def find(self) -> FoundService:
        """What `current` prints; without that option nobody knows what is in use."""
        thumbprint, certificate = self._current()
        activation = self._reference.option("activate")
        return FoundService(
            kind=self._reference.kind,
            configuration=self._reference.configuration,
            version="",
            takes=MaterialForm.PEM,
            activation=activation or "nothing: no option activate is given",
            interrupts=bool(activation),  # as far as anybody knows
            endpoints=(
                FoundEndpoint(
                    name=self._endpoint,
                    names=names_of(self._reference),
                    addresses=self._addresses,
                    place=f"what {self._commands['command'][0]} does",
                    thumbprint=thumbprint,
                    certificate=certificate,
                    notes=tuple(self._notes()),
                ),
            ),
        )

    def select(self, endpoint: str, material: Material) -> tuple[str, ...]:
        """Hand it to `command`."""
        self._check(endpoint)
        check_pair(material)
        finished = self._run(
            "command",
            step="select",
            thumbprint=material.thumbprint,
            former_thumbprint=material.former_thumbprint,
            chain=material.chain,
            private_key=material.private_key,
        )
        return _places(finished)

    def activate(self, endpoint: str) -> str:
        """Run `activate`; without it nothing is done, which is said."""
        self._check(endpoint)
        if not self._commands["activate"]:
            return "Nothing was run, as no option activate is given."
        self._run("activate")
        return f"{self._reference.option('activate')} was run."

    def confirm(self, endpoint: str) -> None:
        """Run `confirm`, if there is one."""
        self._check(endpoint)
        if self._commands["confirm"]:
            self._run("confirm")

    def undo(self, endpoint: str) -> tuple[str, ...]:
        """Run `undo`; raises SERVICE_FAILED without it, as the former key is not here."""
        self._check(endpoint)
        if not self._commands["undo"]:
            raise MachineError(
                FailureCode.SERVICE_FAILED,
                "There is no way back to the former certificate: no option undo is given.",
                "Select the former certificate anew, together with its key; and give the option "
                "undo for the next time.",
            )
        return _places(self._run("undo"))

    def _current(self) -> tuple[str, bytes]:
        if not self._commands["current"]:
            return "", b""
        output = self._run("current").output
        certificate = next(iter(certificates_of(output)), b"")
        if certificate or not output.strip():
            return thumbprint_of(certificate), certificate
        thumbprint = re.sub(r"[\s:]", "", output).lower()
        if not _THUMBPRINT.fullmatch(thumbprint):
            raise MachineError(
                FailureCode.SERVICE_FAILED,
                f"{self._commands['current'][0]} printed neither a thumbprint nor a certificate.",
                "Let it print 40 hexadecimal digits, or PEM, or nothing if none is in use.",
            )
        return thumbprint, b""

    def _notes(self) -> list[str]:
        notes = []
        if not self._commands["current"]:
            notes.append("What is in use is not known, as no option current is given.")
        if not self._commands["undo"]:
            notes.append("A certificate that fails stays, as no option undo is given.")
        return notes

    def _run(self, option: str, *, step: str = "", private_key: str = "", **more: str) -> Finished:
        given = {"step": step or option, "endpoint": self._endpoint, **more}
        if private_key:
            given["private_key"] = private_key
        command = self._commands[option]
        finished = run(
            command, seconds=_MOST_SECONDS, given=json.dumps(given).encode("ascii"), apart=True
        )
        finished = Finished(
            finished.code,
            _without(finished.output, private_key),
            _without(finished.errors, private_key),
        )
        if finished.code != 0:
            raise MachineError(
                FailureCode.SERVICE_FAILED,
                f"{command[0]} ended with exit code {finished.code} at the step "
                f"{given['step']}, and said: {finished.words or 'nothing'}.",
                "Mend what it names, then try again.",
            )
        return finished

    def _check(self, endpoint: str) -> None:
        if endpoint != self._endpoint:
            raise no_endpoint(endpoint, (self._endpoint,))


def _places(finished: Finished) -> tuple[str, ...]:
    lines = [line.strip() for line in finished.output.splitlines()]
    shown = [line[:_LONGEST_PLACE] for line in lines if line and line.isprintable()]
    return tuple(shown[:_MOST_PLACES])


def _without(text: str, private_key: str) -> str:
    """What a program says may hold what it was given; that goes to no log."""
    for line in private_key.splitlines():
        if len(line) >= _SHORTEST_SECRET and not line.startswith("-----"):
            text = text.replace(line, "...")
    return text.replace("PRIVATE KEY", "...") if private_key else text
