"""What the kinds of services have in common that read chain and key from files as PEM."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path

from ...failures import FailureCode, MachineError
from ..options import no_endpoint
from ..service import FoundEndpoint, FoundService, Material, MaterialForm, ServiceReference
from .endpoints import FileEndpoint
from .files import PemFiles
from .rights import lacking_rights, open_to_others


@dataclass(frozen=True)
class TlsConfiguration:
    """What a program's configuration with that main file says of certificates in files.

    `authors` are the accounts that could have written so, root apart.
    """

    file: Path
    endpoints: tuple[FileEndpoint, ...]
    notes: tuple[str, ...] = ()
    authors: AbstractSet[int] = frozenset()

    @property
    def files(self) -> Mapping[str, PemFiles]:
        """Those of each endpoint, by its name."""
        return {one.found.name: replace(one.files, named_by=self.authors) for one in self.endpoints}


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
        files = found.files
        return FoundService(
            kind=self._reference.kind,
            configuration=str(found.file),
            version=self.version(),
            takes=MaterialForm.PEM,
            activation=self.activation(),
            interrupts=self.interrupts(),
            endpoints=tuple(
                _with_note(one.found, files[one.found.name].refusal()) for one in found.endpoints
            ),
            notes=(*found.notes, *self._doubts(found)),
        )

    def _doubts(self, found: TlsConfiguration) -> tuple[str, ...]:
        if not found.endpoints:
            return (self.without_tls(found.file),)
        files = tuple(found.files.values())
        lacking = lacking_rights(path for one in files for path in one.all)
        exposed = open_to_others(one.key for one in files)
        return tuple(filter(None, (lacking, exposed)))

    def select(self, endpoint: str, material: Material) -> tuple[str, ...]:
        """As `Service.select`."""
        files = self.files_of(endpoint)
        changed = files.select(material)
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
        endpoints = self.configuration().files
        if not endpoints:
            raise MachineError(
                FailureCode.NOT_FOUND,
                f"The service has no endpoint {endpoint!r}, nor any other.",
                " ".join(self.find().notes),
            )
        if endpoint not in endpoints:
            raise no_endpoint(endpoint, tuple(endpoints))
        return endpoints[endpoint]


def _with_note(endpoint: FoundEndpoint, note: str) -> FoundEndpoint:
    return replace(endpoint, notes=(*endpoint.notes, note)) if note else endpoint
