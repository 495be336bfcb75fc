"""Plain PEM files of any program: written in one go, then a command of one's own.

Options: `certificate` and `key` (paths, relative ones within the folder `configuration`; the same
path for one file with both), `chain` (a path for the intermediates alone), `endpoint` (its name,
"files" by default), `names`, `address`, `reload` (a command line).
"""

from pathlib import Path

from ..failures import FailureCode, MachineError
from .options import addresses_of, command_of, names_of, no_endpoint, run_or_fail
from .pem.certificates import thumbprint_of
from .pem.files import PemFiles
from .pem.rights import lacking_rights, open_to_others
from .service import FoundEndpoint, FoundService, Material, MaterialForm, ServiceReference


class FilesService:
    """A certificate, its key and perhaps its chain, in files that the options name."""

    def __init__(self, reference: ServiceReference) -> None:
        """Raises INVALID_INPUT where an option is missing or malformed."""
        self._reference = reference
        certificate, key = self._path("certificate"), self._path("key")
        if certificate is None or key is None:
            raise MachineError(
                FailureCode.INVALID_INPUT,
                "Which files are meant is not said.",
                "Name them by the options certificate and key, which may be the same file.",
            )
        self._files = PemFiles(certificate, key, self._path("chain"))
        self._reload = command_of(reference, "reload")
        self._addresses = addresses_of(reference)
        self._endpoint = reference.option("endpoint", "files")

    def find(self) -> FoundService:
        """What the files hold now; raises NOT_PERMITTED."""
        certificate = self._files.current()
        notes = lacking_rights(self._files.all), open_to_others((self._files.key,))
        return FoundService(
            kind="files",
            configuration=self._reference.configuration,
            version="",
            takes=MaterialForm.PEM,
            activation=self._reference.option("reload") or "nothing: no option reload is given",
            interrupts=bool(self._reload),  # as far as anybody knows
            endpoints=(
                FoundEndpoint(
                    name=self._endpoint,
                    names=names_of(self._reference),
                    addresses=self._addresses,
                    place=str(self._files.certificate),
                    thumbprint=thumbprint_of(certificate),
                    certificate=certificate,
                ),
            ),
            notes=tuple(filter(None, notes)),
        )

    def select(self, endpoint: str, material: Material) -> tuple[str, ...]:
        """Write the files, all or none."""
        self._check(endpoint)
        return self._files.select(material)

    def activate(self, endpoint: str) -> str:
        """Run the command `reload`; without one nothing is done, which is said."""
        self._check(endpoint)
        if not self._reload:
            return (
                "Nothing was run, as no option reload is given: the program uses the new files "
                "once it reads them."
            )
        run_or_fail(self._reload)
        return f"{self._reference.option('reload')} was run."

    def confirm(self, endpoint: str) -> None:
        """What was kept of the files becomes the previous ones."""
        self._check(endpoint)
        self._files.confirm()

    def undo(self, endpoint: str) -> tuple[str, ...]:
        """Put the files back that were activated last."""
        self._check(endpoint)
        return self._files.undo()

    def _path(self, option: str) -> Path | None:
        value = self._reference.option(option)
        path = Path(self._reference.configuration, value)
        if value and not path.is_absolute():
            raise MachineError(
                FailureCode.INVALID_INPUT,
                f"Where the file {value} lies is not said.",
                f"Write its whole path in the option {option}, or name its folder.",
            )
        return path if value else None

    def _check(self, endpoint: str) -> None:
        if endpoint != self._endpoint:
            raise no_endpoint(endpoint, (self._endpoint,))
