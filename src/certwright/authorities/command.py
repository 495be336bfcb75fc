"""The authority that is a program: it gets the signing request and prints the certificate.

The program finds the request (PKCS#10 in PEM) on its standard input, and in its environment
`CERTWRIGHT_NAMES` (with spaces between), `CERTWRIGHT_DAYS` and `CERTWRIGHT_REQUEST`, which stays
the same however often it is asked for one certificate. What it prints is the certificate, and
perhaps its chain. With nothing, or with the exit code 75 (EX_TEMPFAIL of sysexits.h), it is asked
again later; any other code but 0 is a refusal, and what it wrote to standard error says why.
"""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Connection, Engine

from certwright.authorities.answers import accept_answer
from certwright.authorities.authority import (
    CertificateRequest,
    IssuanceFailed,
    IssuedCertificate,
    Pending,
    Progress,
)
from certwright.errors import CertwrightError, ErrorCode
from certwright.machine.failures import MachineError
from certwright.machine.programs import Finished, run
from certwright.x509.certificate import Certificate
from certwright.x509.pem import read_pem_certificates
from certwright.x509.reading import read_bundle
from certwright.x509.text import printable

Command = tuple[str, ...]
_ASK_AGAIN = 75
_IDENTIFIER_BYTES = 8
_IDENTIFIER = re.compile(rf"[0-9a-f]{{{2 * _IDENTIFIER_BYTES}}}")
_MOST_WORDS = 50
_LONGEST_WORD = 1000
_HANDED_ON = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR"),
        *("KRB5CCNAME", "KRB5_CONFIG", "SSH_AUTH_SOCK", "http_proxy", "https_proxy", "no_proxy"),
    }
)
"""Of the node's environment, where the key-encryption passphrase may stand, nothing else."""


@dataclass(frozen=True)
class CommandSettings:
    """The program with its arguments, how long it may take, and when it is asked again."""

    command: Command
    limit: timedelta = timedelta(seconds=60)
    again_after: timedelta = timedelta(minutes=10)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "CommandSettings":
        """Read `command` (texts) and `limit`, `again_after` (seconds); raises INVALID_INPUT."""
        unknown = sorted(set(values) - {"command", "limit", "again_after"})
        if unknown:
            raise _invalid(f"there is no setting {printable(unknown[0], 40)!r}")
        return cls(
            _command(values.get("command")),
            _duration(values, "limit", 1, 600, cls.limit),
            _duration(values, "again_after", 10, 7 * 86400, cls.again_after),
        )


@dataclass(frozen=True)
class CommandAuthority:
    """Asks a program, if the owner of this node allows just that command."""

    name: str
    settings: CommandSettings
    allowed: frozenset[Command]
    database: Engine
    random: Callable[[int], bytes]
    keep: Callable[[Connection, IssuedCertificate, datetime], None]

    def look(self, now: datetime) -> str:
        """See that the program may be run and is there; raises NOT_PERMITTED or NOT_FOUND."""
        del now
        refuse_forbidden(self.settings.command, self.allowed)
        program = self.settings.command[0]
        if not Path(program).is_file() or not os.access(program, os.X_OK):
            raise CertwrightError(
                ErrorCode.NOT_FOUND,
                f"There is no program {program} that the node could run.",
                "Put it there, executable for the account that the node runs as.",
            )
        return f"The program {program} is there."

    def issue(
        self, request: CertificateRequest, progress: Progress, now: datetime
    ) -> IssuedCertificate | Pending:
        """What the program printed, or `Pending` with its words.

        Raises `IssuanceFailed` where it refuses, does not end in time, or prints something else
        than the certificate that was asked for; NOT_PERMITTED where it must not be run.
        """
        remembered = read_pem_certificates(progress.memory.get("answer", "").encode())
        if remembered:
            return self._hand_out(self._accept(remembered, request, now), now)
        refuse_forbidden(self.settings.command, self.allowed)
        identifier = str(progress.memory.get("request", ""))
        # What a program makes a file's name of has to be a number, whoever can write the database.
        if not _IDENTIFIER.fullmatch(identifier):
            identifier = self.random(_IDENTIFIER_BYTES).hex()
            progress.remember({"request": identifier})
        finished = self._ask(request, identifier)
        if _has_none_yet(finished):
            words = finished.words or "it says no more"
            sentence = f"{self.name} has no certificate yet. {self._program}: {words}"
            return Pending(sentence, now + self.settings.again_after)
        answer = self._read(finished)
        issued = self._accept(answer, request, now)
        # From here on the program need not be asked again, whatever happens to the node.
        pem = "".join(one.pem for one in answer)
        progress.remember({"request": identifier, "answer": pem})
        return self._hand_out(issued, now)

    @property
    def _program(self) -> str:
        return Path(self.settings.command[0]).name

    def _ask(self, request: CertificateRequest, identifier: str) -> Finished:
        signing_request = x509.load_der_x509_csr(request.signing_request)
        inherited = {key: value for key, value in os.environ.items() if key in _HANDED_ON}
        try:
            return run(
                self.settings.command,
                seconds=self.settings.limit.total_seconds(),
                given=signing_request.public_bytes(Encoding.PEM),
                apart=True,
                environment=inherited
                | {
                    "CERTWRIGHT_NAMES": " ".join(name.value for name in request.names),
                    "CERTWRIGHT_DAYS": str(request.days),
                    "CERTWRIGHT_REQUEST": identifier,
                },
            )
        except MachineError as failure:
            raise IssuanceFailed(failure.message, failure.remedy) from failure

    def _read(self, finished: Finished) -> tuple[Certificate, ...]:
        if finished.code != 0:
            words = finished.words or "it says no more"
            raise IssuanceFailed(
                f"{self._program} ended with the code {finished.code}: {words}",
                f"Mend what it says; {self._program} run by hand says the same.",
            )
        try:
            certificates = read_bundle(finished.output.encode(), None).certificates
        except CertwrightError as error:
            raise IssuanceFailed(
                f"What {self._program} printed is no certificate: {error.message}",
                "Let it print the certificate in PEM, its chain after it, and everything else to "
                "standard error.",
            ) from error
        return certificates

    def _accept(
        self, answer: Sequence[Certificate], request: CertificateRequest, now: datetime
    ) -> IssuedCertificate:
        try:
            return accept_answer(answer, request, now)
        except CertwrightError as error:
            raise IssuanceFailed(
                f"{self._program} printed something else than was asked for. {error.message}",
                error.remedy,
                starts_over=True,
            ) from error

    def _hand_out(self, issued: IssuedCertificate, now: datetime) -> IssuedCertificate:
        with self.database.begin() as connection:
            self.keep(connection, issued, now)
        return issued


def refuse_forbidden(command: Command, allowed: frozenset[Command]) -> None:
    """Raise NOT_PERMITTED unless the owner of this node allows just that command."""
    if command not in allowed:
        raise CertwrightError(
            ErrorCode.NOT_PERMITTED,
            f"This node may not run {printable(' '.join(command), 200)} for an authority.",
            "Whoever owns the node can allow it, word for word, with allow-command in "
            "certwright.toml, and start the node anew.",
        )


def _has_none_yet(finished: Finished) -> bool:
    return finished.code == _ASK_AGAIN or (finished.code == 0 and not finished.output.strip())


def _command(value: object) -> Command:
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise _invalid("its command is no list of texts")
    if not value or len(value) > _MOST_WORDS or any(len(word) > _LONGEST_WORD for word in value):
        raise _invalid("its command is empty or too long")
    if any("\0" in word for word in value) or not Path(value[0]).is_absolute():
        raise _invalid("its program is not named from the root on")
    return tuple(value)


def _duration(
    values: Mapping[str, Any], name: str, least: int, most: int, otherwise: timedelta
) -> timedelta:
    if name not in values:
        return otherwise
    seconds = values[name]
    if type(seconds) is not int or not least <= seconds <= most:
        raise _invalid(f"{name} is no number of seconds from {least} to {most}")
    return timedelta(seconds=seconds)


def _invalid(why: str) -> CertwrightError:
    return CertwrightError(
        ErrorCode.INVALID_INPUT,
        f"The settings of the command cannot be used: {why}.",
        "Give the program with its whole path and its arguments, such as "
        "/usr/local/bin/sign-request --template WebServer.",
    )
