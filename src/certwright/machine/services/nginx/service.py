"""nginx: chain and key in the files of `ssl_certificate` and `ssl_certificate_key`.

Source: nginx's documentation, ngx_http_ssl_module and "Controlling nginx".
"""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ...failures import FailureCode, MachineError
from ...programs import run
from ..activation.accounts import asking_account
from ..activation.reloading import Reload, run_reload
from ..configuration.directives import values
from ..configuration.files import ConfigurationFiles, is_folder
from ..options import command_of
from ..pem.endpoints import endpoints_of
from ..pem.file_service import FileService, TlsConfiguration
from ..service_files.authors import read_written
from .configuration import read_configuration
from .servers import tls_servers


class Nginx(FileService):
    """The nginx with one main configuration file.

    Options: `program` (default "nginx"), `prefix` (as its -p), `reload` (a command line).
    """

    def configuration(self) -> TlsConfiguration:
        """As `FileService.configuration`."""
        file, files = self._configuration, ConfigurationFiles()
        found = tls_servers(read_configuration(file, files), file.parent)
        return TlsConfiguration(file, endpoints_of(found.servers), found.notes, files.authors)

    def without_tls(self, file: Path) -> str:
        """As `FileService.without_tls`."""
        return (
            f"No server in {file} uses TLS with files; give one `listen 443 ssl`, "
            "`ssl_certificate` and `ssl_certificate_key`."
        )

    def version(self) -> str:
        """As `FileService.version`."""
        return self._built.version

    def activation(self) -> str:
        """As `FileService.activation`."""
        return self._reload.words

    def accept(self) -> None:
        """As `FileService.accept`, by `nginx -t`."""
        finished = run(self._command("-t"), account=self._account())
        if finished.code != 0:
            raise MachineError(
                FailureCode.SERVICE_FAILED,
                f"nginx refuses the configuration with this certificate: {finished.words}.",
                "The former certificate is in place again. Mend what nginx names, then try again.",
            )

    def activate(self, endpoint: str) -> str:
        """As `Service.activate`."""
        self.files_of(endpoint)
        return self._reload.perform()

    def _account(self) -> int | None:
        return asking_account(read_written(self._configuration).authors)

    @property
    def _reload(self) -> Reload:
        command = self._command("-s", "reload")
        return Reload(
            program="nginx",
            own_command=command_of(self._reference, "reload"),
            pid_file=self._pid_file,
            directly=lambda _: run_reload(command, self._account()),
            directly_words=shlex.join(command),
        )

    @property
    def _pid_file(self) -> Path:
        named = values(read_configuration(self._configuration), "pid")
        return self._prefix / (named[0] if named else self._built.pid_file)

    def _command(self, *arguments: str) -> Sequence[str]:
        prefix = self._reference.option("prefix")
        return [
            self._program,
            *(("-p", prefix) if prefix else ()),
            *(("-c", str(self._configuration)) if self._reference.configuration else ()),
            *arguments,
        ]

    @property
    def _program(self) -> str:
        return self._reference.option("program", "nginx")

    @property
    def _prefix(self) -> Path:
        return Path(self._reference.option("prefix", self._built.prefix))

    @property
    def _configuration(self) -> Path:
        named = self._reference.configuration
        path = Path(named).absolute() if named else self._prefix / self._built.configuration
        return path / "nginx.conf" if is_folder(path) else path

    @cached_property
    def _built(self) -> "Built":
        return how_built(run([self._program, "-V"]).output)


@dataclass(frozen=True)
class Built:
    """What an nginx was built with; relative paths begin at `prefix`."""

    version: str
    prefix: str
    configuration: str
    pid_file: str


def how_built(output: str) -> Built:
    """Read the output of `nginx -V`; the defaults are those of nginx's "Building from Sources"."""
    version = re.search(r"^nginx version: (\S+)", output, re.MULTILINE)
    arguments = re.search(r"^configure arguments:(.*)$", output, re.MULTILINE)
    try:
        words = shlex.split(arguments[1]) if arguments else []
    except ValueError:
        words = []
    given = dict(word.split("=", 1) for word in words if "=" in word)
    return Built(
        version=version[1].replace("/", " ") if version else "",
        prefix=given.get("--prefix", "/usr/local/nginx"),
        configuration=given.get("--conf-path", "conf/nginx.conf"),
        pid_file=given.get("--pid-path", "logs/nginx.pid"),
    )
