"""What the kinds of services have in common that read chain and key from files as PEM."""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from ...failures import FailureCode, MachineError
from ..options import no_endpoint
from ..service import FoundService, Material, MaterialForm, ServiceReference
from ..service_files.reading import read_file
from .endpoints import FileEndpoint
from .files import PemFiles

_PARAMETERS = re.compile(
    r"-----BEGIN (?:X9\.42 )?DH PARAMETERS-----[A-Za-z0-9+/=\s]*-----END [^-\n]*-----"
)


@dataclass(frozen=True)
class TlsConfiguration:
    """What a program's configuration with that main file says of certificates in files."""

    file: Path
    endpoints: tuple[FileEndpoint, ...]
    notes: tuple[str, ...] = ()


class FileService(ABC):
    """A `Service` but for what only its program knows: its configuration, its test, its reload."""

    def __init__(self, reference: ServiceReference) -> None:
        self._reference = reference

    @abstractmethod
    def configuration(self) -> TlsConfiguration:
        """What its configuration says, read anew."""

    @abstractmethod
    def without_tls(self, file: Path) -> str:
        """What to do where a configuration with that main file has no endpoint."""

    @abstractmethod
    def version(self) -> str:
        """As `FoundService.version`."""

    @abstractmethod
    def activation(self) -> str:
        """As `FoundService.activation`."""

    def interrupts(self) -> bool:
        """As `FoundService.interrupts`."""
        return False

    @abstractmethod
    def accept(self) -> None:
        """Ask the program about what stands in its files; raises SERVICE_FAILED if it refuses."""

    @abstractmethod
    def activate(self, endpoint: str) -> str:
        """As `Service.activate`."""

    def find(self) -> FoundService:
        """As `Service.find`."""
        found = self.configuration()
        return FoundService(
            kind=self._reference.kind,
            configuration=str(found.file),
            version=self.version(),
            takes=MaterialForm.PEM,
            activation=self.activation(),
            interrupts=self.interrupts(),
            endpoints=tuple(one.found for one in found.endpoints),
            notes=(*found.notes, *(() if found.endpoints else (self.without_tls(found.file),))),
        )

    def select(self, endpoint: str, material: Material) -> tuple[str, ...]:
        """As `Service.select`."""
        files = self.files_of(endpoint)
        for path in files.all:
            _check_content(path)
        changed = files.select(material, besides=key_exchange_parameters(files))
        try:
            self.accept()
        except MachineError:
            files.undo()
            raise
        return changed

    def confirm(self, endpoint: str) -> None:
        """As `Service.confirm`."""
        self.files_of(endpoint).confirm()

    def undo(self, endpoint: str) -> tuple[str, ...]:
        """As `Service.undo`."""
        return self.files_of(endpoint).undo()

    def files_of(self, endpoint: str) -> PemFiles:
        """Where an endpoint's choice stands; raises NOT_FOUND and names those there are."""
        endpoints = {one.found.name: one.files for one in self.configuration().endpoints}
        if not endpoints:
            raise MachineError(
                FailureCode.NOT_FOUND,
                f"The service has no endpoint {endpoint!r}, nor any other.",
                " ".join(self.find().notes),
            )
        if endpoint not in endpoints:
            raise no_endpoint(endpoint, tuple(endpoints))
        return endpoints[endpoint]


def key_exchange_parameters(files: PemFiles) -> str:
    """The DH parameters that some programs read from the certificate's file, "" for none."""
    return "".join(f"{found[0]}\n" for found in _PARAMETERS.finditer(_text(files.certificate)))


def _check_content(path: Path) -> None:
    """A configuration that another account may write must not lead us to any file it likes."""
    text = _text(path)
    if text.strip() and "-----BEGIN " not in text:
        raise MachineError(
            FailureCode.INVALID_INPUT,
            f"{path} holds neither a certificate nor a private key in PEM; it was left alone.",
            "See whether the configuration names the right file; if so, move away what is there.",
        )


def _text(path: Path) -> str:
    try:
        return read_file(path).decode("ascii", "replace")
    except MachineError as failure:
        if failure.code is FailureCode.NOT_FOUND:
            return ""
        raise
