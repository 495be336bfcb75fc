"""Java's keytool on one keystore; passwords come from files and the environment alone.

Source: keytool's page in the JDK's tool specifications: `:file` and `:env` behind every option
that takes a password.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...failures import FailureCode, MachineError
from ...programs import LONGEST_OUTPUT, Finished, inherited_environment, run
from ..pem.certificates import certificates_of

_MOST_SECONDS = 60.0
_ENTRY = re.compile(
    r"^(?P<alias>.+), [^,\n]+, \d{4}, (?P<kind>\w+),[^\n]*\n"
    r"(?:Certificate fingerprint \([^)\n]*\): (?P<fingerprint>[0-9A-F:]+))?",
    re.MULTILINE,
)
_TYPE = re.compile(r"^Keystore type: (\S+)", re.MULTILINE)
_KEY = "PrivateKeyEntry"
_JAVA = (
    *("-J-XX:+IgnoreUnrecognizedVMOptions", "-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"),
    *("-J-Duser.language=en", "-J-Duser.country=US", "-J-Dfile.encoding=UTF-8"),
)
"""For a Java that lives for half a second, and whose answers are read by a program."""
_PASSWORD = "CERTWRIGHT_PFX_PASSWORD"  # noqa: S105 - the variable's name


@dataclass(frozen=True)
class Listed:
    """What lies in a keystore: its type, private keys and all entries with their fingerprints."""

    kind: str
    keys: tuple[str, ...]
    fingerprints: Mapping[str, str]


@dataclass(frozen=True)
class Pfx:
    """A PKCS#12 file with one private key."""

    path: Path
    password: str

    @property
    def environment(self) -> Mapping[str, str]:
        """Where keytool finds the password, as it does not take one from its input."""
        return {_PASSWORD: self.password}


@dataclass(frozen=True)
class Keytool:
    """`program` is keytool's path; the first line of `password_file` opens the keystore."""

    program: str
    password_file: Path

    def listed(self, store: Path) -> Listed:
        """Raises WRONG_PASSWORD, TOO_LARGE, or SERVICE_FAILED with keytool's words."""
        output = self._run("-list", *self._opened(store)).output
        if len(output) >= LONGEST_OUTPUT:
            raise MachineError(
                FailureCode.TOO_LARGE,
                f"{store} has more entries than can be listed.",
                "Keep the server's key in a keystore of its own.",
            )
        kind = _TYPE.search(output)
        entries = list(_ENTRY.finditer(output))
        return Listed(
            kind=kind[1] if kind else "PKCS12",
            keys=tuple(entry["alias"] for entry in entries if entry["kind"] == _KEY),
            fingerprints={entry["alias"]: entry["fingerprint"] or "" for entry in entries},
        )

    def chain(self, store: Path, alias: str) -> tuple[bytes, ...]:
        """The certificates (DER) of a private key, leaf first."""
        listed = self._run("-list", "-rfc", "-alias", alias, *self._opened(store))
        return certificates_of(listed.output)

    def put(self, pfx: Pfx, store: Path, kind: str, alias: str) -> None:
        """Take over the key of `pfx` as `alias`, in the place of what has that name.

        The key's password becomes the keystore's, which is what Tomcat expects.
        """
        source = ("-srckeystore", str(pfx.path), "-srcstoretype", "PKCS12")
        password = ("-srcstorepass:env", _PASSWORD)
        target = ("-destkeystore", str(store), "-deststoretype", kind)
        file = str(self.password_file)
        self._run(
            *("-importkeystore", "-noprompt", *source, *password, *target),
            *("-deststorepass:file", file, "-destkeypass:file", file),
            *("-srcalias", self._only_key(pfx), "-destalias", alias),
            environment=pfx.environment,
        )

    def _only_key(self, pfx: Pfx) -> str:
        source = ("-keystore", str(pfx.path), "-storetype", "PKCS12", "-storepass:env", _PASSWORD)
        output = self._run("-list", *source, environment=pfx.environment).output
        keys = [found["alias"] for found in _ENTRY.finditer(output) if found["kind"] == _KEY]
        if len(keys) != 1:
            raise MachineError(
                FailureCode.INVALID_INPUT,
                f"The PKCS#12 file holds {len(keys)} private keys.",
                "Select one certificate with its key.",
            )
        return keys[0]

    def _opened(self, store: Path) -> tuple[str, ...]:
        return ("-keystore", str(store), "-storepass:file", str(self.password_file))

    def _run(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Finished:
        finished = run(
            [self.program, *_JAVA, *arguments],
            seconds=_MOST_SECONDS,
            # Java reads its arguments in the encoding of the locale.
            environment={**inherited_environment(), "LC_ALL": "C.UTF-8", **(environment or {})},
        )
        if finished.code == 0:
            return finished
        if environment is None and "password was incorrect" in finished.output:
            raise MachineError(
                FailureCode.WRONG_PASSWORD,
                f"The keystore does not open with the first line of {self.password_file}.",
                "Name the file with the keystore's password by the option password-file.",
            )
        raise MachineError(
            FailureCode.SERVICE_FAILED,
            f"keytool refuses: {finished.words}.",
            "Mend what it names, then try again.",
        )
