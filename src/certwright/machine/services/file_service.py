"""What the kinds of services have in common that read chain and key from files as PEM."""

import re
from abc import ABC, abstractmethod

from ..failures import MachineError
from .certificate_and_key import PemFiles
from .file_endpoints import FileEndpoint
from .options import no_endpoint
from .replaced_files import read_file
from .service import FoundService, Material

_PARAMETERS = re.compile(
    r"-----BEGIN DH PARAMETERS-----[A-Za-z0-9+/=\s]*-----END DH PARAMETERS-----"
)


class FileService(ABC):
    """A `Service` but for what only its program knows: its configuration, its test, its reload."""

    @abstractmethod
    def find(self) -> FoundService:
        """As `Service.find`."""

    @abstractmethod
    def endpoints(self) -> tuple[FileEndpoint, ...]:
        """Every endpoint that its configuration names files for, read anew."""

    @abstractmethod
    def accept(self) -> None:
        """Ask the program about what stands in its files; raises SERVICE_FAILED if it refuses."""

    @abstractmethod
    def activate(self, endpoint: str) -> str:
        """As `Service.activate`."""

    def select(self, endpoint: str, material: Material) -> tuple[str, ...]:
        """As `Service.select`."""
        files = self.files_of(endpoint)
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
        endpoints = {one.found.name: one.files for one in self.endpoints()}
        if endpoint not in endpoints:
            raise no_endpoint(endpoint, tuple(endpoints))
        return endpoints[endpoint]


def key_exchange_parameters(files: PemFiles) -> str:
    """The DH parameters that some programs read from the certificate's file, "" for none."""
    if not files.certificate.exists():
        return ""
    text = read_file(files.certificate).decode("ascii", "replace")
    return "".join(f"{found[0]}\n" for found in _PARAMETERS.finditer(text))
