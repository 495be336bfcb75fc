"""HAProxy: chain and key in the PEM files that its configuration names, taken up while it runs.

Options: `program` (the path of haproxy), `reload` (a command line, for where neither a socket of
level admin nor a signal to the master will do).
"""

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ...failures import FailureCode, MachineError
from ...programs import run
from ..activation.accounts import asking_account
from ..activation.reloading import run_reload
from ..configuration.files import ConfigurationFiles
from ..options import command_of
from ..pem.certificates import certificates_of, thumbprint_of
from ..pem.endpoints import FileEndpoint, TlsServer, dns_names, endpoints_of
from ..pem.file_service import FileService, TlsConfiguration
from ..pem.files import PemFiles
from ..service import ServiceReference
from .certificates import Loaded, LoadedFile, loaded_files
from .configuration import Configuration, read_configuration
from .process import RunningHAProxy, running_with
from .runtime_api import RuntimeApi

_USUAL = "/etc/haproxy/haproxy.cfg"
_MOST_FILES = 1000
_NO_SOCKET = (
    "No `stats socket` with `level admin` is configured, so a switch is a reload, which closes "
    "idle connections; with `stats socket /run/haproxy/admin.sock mode 600 level admin` in the "
    "section global it closes none."
)


class HAProxy(FileService):
    """The HAProxy that is started with a configuration file or folder."""

    def __init__(self, reference: ServiceReference) -> None:
        """Raises INVALID_INPUT for a malformed option."""
        super().__init__(reference)
        self._path = Path(reference.configuration or _USUAL).absolute()
        self._reload = command_of(reference, "reload")
        self._program = reference.option("program") or shutil.which("haproxy") or "haproxy"

    def configuration(self) -> TlsConfiguration:
        """As `FileService.configuration`: every certificate file that the bind lines name."""
        seen = self._look()
        notes = (*seen.loaded.notes, *(() if seen.is_hot else (_NO_SOCKET,)))
        return TlsConfiguration(self._path, seen.endpoints, notes, seen.authors)

    def without_tls(self, file: Path) -> str:
        """As `FileService.without_tls`."""
        return f"No `bind` line in {file} uses TLS; give one `ssl crt` and the file to serve with."

    def version(self) -> str:
        """As `FileService.version`."""
        try:
            found = re.search(r"HA-?Proxy version (\S+)", run([self._program, "-v"]).output)
        except MachineError:
            return ""
        return f"HAProxy {found[1]}" if found else ""

    def activation(self) -> str:
        """As `FileService.activation`."""
        seen = self._look()
        if seen.is_hot:
            return f"set ssl cert and commit ssl cert at {seen.configuration.admin_socket}"
        if self._reload:
            return self._reference.option("reload")
        return "SIGUSR2 to HAProxy's master, which reloads"

    def interrupts(self) -> bool:
        """As `FileService.interrupts`."""
        return not self._look().is_hot

    def accept(self) -> None:
        """As `FileService.accept`, by `haproxy -c`."""
        seen = self._look()
        folder = ("-C", str(seen.running.folder)) if seen.running and seen.running.folder else ()
        files = [word for file in seen.files for word in ("-f", str(file))]
        finished = run(
            [self._program, *folder, "-c", *files],
            environment=seen.environment or None,
            account=None if seen.running else asking_account(seen.authors),
        )
        if finished.code != 0:
            raise MachineError(
                FailureCode.SERVICE_FAILED,
                f"HAProxy refuses the configuration with this certificate: {finished.words}.",
                "The former certificate is in place again. Mend what HAProxy names, then try "
                "again.",
            )

    def activate(self, endpoint: str) -> str:
        """As `Service.activate`: by the runtime API where it can be had, else by a reload."""
        files, seen = self.files_of(endpoint), self._look()
        if seen.configuration.admin_socket:
            name = seen.name_of(files)
            text = files.text()
            leaf = next(iter(certificates_of(text)), b"")
            RuntimeApi(seen.configuration.admin_socket).switch(name, text, thumbprint_of(leaf))
            return f"HAProxy took {name} anew while it runs, and shows it."
        if self._reload:
            return run_reload(self._reload)
        self._master(seen).reload()
        return "HAProxy was reloaded: a new worker serves, the former one finishes its connections."

    def _look(self) -> "_Seen":
        running = running_with(self._path, self._program)
        files = running.files if running else (self._path,)
        environment = running.environment if running else {}
        reader = ConfigurationFiles()
        texts = ((file, reader.read(file, 0)) for file in islice(_each(files), _MOST_FILES))
        configuration = read_configuration(texts, environment)
        folder = running.folder if running else None
        loaded = loaded_files(configuration, folder)
        return _Seen(running, files, configuration, loaded, reader.authors | loaded.authors)

    def _master(self, seen: "_Seen") -> RunningHAProxy:
        if seen.running is None:
            raise MachineError(
                FailureCode.SERVICE_FAILED,
                f"No HAProxy of this account or of root runs with {self._path}.",
                "Start it; it begins with what its files hold now. If it runs under another "
                "account, give the option reload; if it is another program than "
                f"{self._program}, the option program.",
            )
        if not (seen.running.is_master_worker or seen.configuration.is_master_worker):
            raise MachineError(
                FailureCode.SERVICE_FAILED,
                "HAProxy runs without a master, so it cannot be reloaded by a signal.",
                "Start it with -W, configure a `stats socket` with `level admin`, or give the "
                "option reload.",
            )
        return seen.running


@dataclass(frozen=True)
class _Seen:
    """The configuration at one moment, and who runs with it."""

    running: RunningHAProxy | None
    files: Sequence[Path]
    configuration: Configuration
    loaded: Loaded
    authors: AbstractSet[int]

    @property
    def is_hot(self) -> bool:
        """Whether a certificate can be exchanged while it runs."""
        return bool(self.configuration.admin_socket)

    @property
    def environment(self) -> Mapping[str, str]:
        return self.running.environment if self.running else {}

    @property
    def endpoints(self) -> tuple[FileEndpoint, ...]:
        return endpoints_of(
            TlsServer(dns_names(one.names), one.addresses, _files(one), one.notes)
            for one in self.loaded.files
        )

    def name_of(self, files: PemFiles) -> str:
        """What HAProxy itself calls them."""
        return next(
            one.name
            for one in self.loaded.files
            if (one.path, one.key) == (files.certificate, files.key)
        )


def _files(file: LoadedFile) -> PemFiles:
    return PemFiles(file.path, file.key)


def _each(files: Sequence[Path]) -> Iterator[Path]:
    """Of a folder HAProxy reads all files *.cfg, in alphabetic order and without hidden ones."""
    for file in files:
        if not file.is_dir():
            yield file
            continue
        yield from sorted(one for one in file.glob("*.cfg") if not one.name.startswith("."))
