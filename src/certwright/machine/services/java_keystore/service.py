"""A Java keystore (PKCS#12, JKS): one private key with its chain replaced, all else as it was.

Options: `password-file` (its first line opens the keystore), `alias` (of the key; all keys by
default), `keytool` (its path; by default that of JAVA_HOME, or else the first of the PATH),
`reload` (a command line), `names`, `address`.
"""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from ...failures import FailureCode, MachineError
from ..activation.reloading import run_reload
from ..options import addresses_of, command_of, names_of, no_endpoint
from ..pem.certificates import thumbprint_of
from ..service import FoundEndpoint, FoundService, Material, MaterialForm, ServiceReference
from ..service_files.reading import read_file
from ..service_files.replacing import exchange_file, former_content, keep_as_previous, put_back
from .keytool import Keytool, Listed, Pfx

_MOST_KEYS = 50


class JavaKeystore:
    """One keystore file; each private key in it is an endpoint, named by its alias."""

    def __init__(self, reference: ServiceReference) -> None:
        """Raises INVALID_INPUT where the file or its password is not named."""
        self._reference = reference
        self._path = Path(reference.configuration)
        password_file = reference.option("password-file")
        if not reference.configuration or not password_file:
            raise MachineError(
                FailureCode.INVALID_INPUT,
                "Which keystore is meant, or what opens it, is not said.",
                "Name its file, and by the option password-file a file whose first line is its "
                "password.",
            )
        self._keytool = Keytool(
            reference.option("keytool") or _usual_keytool(), Path(password_file)
        )
        self._reload = command_of(reference, "reload")
        self._addresses = addresses_of(reference)

    def find(self) -> FoundService:
        """Its private keys and their certificates."""
        listed = self._listed(self._path)
        aliases = self._aliases(listed)
        is_one = len(aliases) == 1
        notes = () if is_one else ("Name one key by the option alias to have it proven.",)
        return FoundService(
            kind=self._reference.kind,
            configuration=str(self._path),
            version=f"keystore of type {listed.kind}",
            takes=MaterialForm.PFX,
            activation=self._reference.option("reload") or "nothing: no option reload is given",
            interrupts=bool(self._reload),  # as far as anybody knows
            endpoints=tuple(
                self._endpoint(alias, listed, is_one=is_one) for alias in aliases[:_MOST_KEYS]
            ),
            notes=notes,
        )

    def select(self, endpoint: str, material: Material) -> tuple[str, ...]:
        """Build a keystore with the new key beside all other entries, and put it in its place."""
        listed = self._listed(self._path)
        alias = self._alias(endpoint, listed)
        with tempfile.TemporaryDirectory(prefix="certwright-") as folder:
            self._refuse_a_second_switch(alias, listed, Path(folder, "former"))
            built = Path(folder, "keystore")
            content = read_file(self._path)
            built.write_bytes(content)
            pfx = Pfx(Path(folder, "new.pfx"), material.pfx_password)
            pfx.path.write_bytes(material.pfx)
            self._keytool.put(pfx, built, listed.kind, alias)
            chain = self._keytool.chain(built, alias)
            if not chain or thumbprint_of(chain[0]) != material.thumbprint:
                raise MachineError(
                    FailureCode.INVALID_INPUT,
                    f"The PKCS#12 file does not hold the certificate {material.thumbprint}.",
                    "Select the certificate anew.",
                )
            if self._holds(chain, alias, listed):
                return ()
            exchange_file(self._path, built.read_bytes(), content)  # other entries may come and go
        return (str(self._path),)

    def activate(self, endpoint: str) -> str:
        """Run the command `reload`; without one nothing is done, which is said."""
        self._check(endpoint)
        if self._reload:
            return run_reload(self._reload)
        return (
            "Nothing was run, as no option reload is given: the program uses the keystore once it "
            "reads it anew, as a rule at its next start."
        )

    def confirm(self, endpoint: str) -> None:
        """What was kept of the keystore becomes the previous one."""
        self._check(endpoint)
        keep_as_previous(self._path)

    def undo(self, endpoint: str) -> tuple[str, ...]:
        """Put the keystore back that was activated last."""
        self._check(endpoint)
        return (str(self._path),) if put_back(self._path) else ()

    def _listed(self, path: Path) -> Listed:
        read_file(path)  # keytool would make one that is not there, or say less of why
        read_file(self._keytool.password_file)
        return self._keytool.listed(path)

    def _aliases(self, listed: Listed) -> tuple[str, ...]:
        named = self._reference.option("alias").lower()  # as keystores of both types keep them
        if not named:
            return listed.keys
        if named in listed.fingerprints and named not in listed.keys:
            raise MachineError(
                FailureCode.INVALID_INPUT,
                f"What {self._path} calls {named!r} is no private key.",
                "Name another alias; a new one is made.",
            )
        return (named,)

    def _check(self, endpoint: str) -> None:
        """Without a look into the keystore where the option names the one alias."""
        named = self._reference.option("alias").lower()
        if endpoint.lower() != named:
            self._alias(endpoint, self._listed(self._path))

    def _holds(self, chain: tuple[bytes, ...], alias: str, listed: Listed) -> bool:
        """Whether the key that is there has this chain; most often its leaf tells already."""
        leaf = hashlib.sha256(chain[0]).hexdigest()
        there = listed.fingerprints.get(alias, "").replace(":", "").lower()
        return leaf == there and self._keytool.chain(self._path, alias) == chain

    def _alias(self, endpoint: str, listed: Listed) -> str:
        aliases = self._aliases(listed)
        if endpoint.lower() not in aliases:
            raise no_endpoint(endpoint, aliases)
        return endpoint.lower()

    def _endpoint(self, alias: str, listed: Listed, *, is_one: bool) -> FoundEndpoint:
        chain = self._keytool.chain(self._path, alias) if alias in listed.keys else ()
        certificate = chain[0] if chain else b""
        return FoundEndpoint(
            name=alias,
            names=names_of(self._reference) if is_one else (),
            addresses=self._addresses if is_one else (),
            place=f"{self._path}, alias {alias}",
            thumbprint=thumbprint_of(certificate),
            certificate=certificate,
        )

    def _refuse_a_second_switch(self, alias: str, listed: Listed, copy: Path) -> None:
        """One file is kept for all its keys: undoing one of them would undo the other too."""
        kept = former_content(self._path)
        if kept is None:
            return
        copy.write_bytes(kept)
        former, now = dict(self._keytool.listed(copy).fingerprints), dict(listed.fingerprints)
        former.pop(alias, None)
        now.pop(alias, None)
        if former != now:
            raise MachineError(
                FailureCode.BUSY,
                f"Another entry of {self._path} is being switched.",
                "Confirm or undo that switch, then try again.",
            )


def _usual_keytool() -> str:
    home = os.environ.get("JAVA_HOME")
    return str(Path(home, "bin", "keytool")) if home else shutil.which("keytool") or "keytool"
