"""Apache httpd: chain and key in the files of `SSLCertificateFile` and `SSLCertificateKeyFile`.

Source: Apache's documentation, mod_ssl, "Stopping and Restarting Apache HTTP Server", and
Debian's README for the folder /etc/apache2.
"""

import re
import shlex
import shutil
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ...failures import FailureCode, MachineError
from ...programs import inherited_environment, run
from ..activation.accounts import asking_account
from ..activation.reloading import Reload, run_reload
from ..configuration.directives import values
from ..configuration.files import is_folder, is_there
from ..options import command_of
from ..pem.certificates import refusal_of
from ..pem.endpoints import endpoints_of
from ..pem.file_service import FileService, TlsConfiguration
from ..service_files.authors import read_written
from .configuration import Configuration, Surroundings, read_configuration
from .servers import tls_servers

_PROGRAMS = ("apache2", "httpd")
_USUAL = (Path("/etc/apache2/apache2.conf"), Path("/etc/httpd/conf/httpd.conf"))
_WITH_ENVVARS = 'APACHE_CONFDIR="${1%/*}"; . "$1"; shift; exec "$@"'
"""As Debian's apache2ctl does; the variables stay out of the list of processes."""


class Apache(FileService):
    """The Apache httpd with one main configuration file.

    Options: `program` (default "apache2" or "httpd"), `reload` (a command line).
    """

    def configuration(self) -> TlsConfiguration:
        """As `FileService.configuration`."""
        read = self._read()
        found = tls_servers(read)
        endpoints = endpoints_of(found.servers)
        authors = read.authors | self._authors_of_variables
        return TlsConfiguration(self._configuration, endpoints, found.notes, authors)

    def without_tls(self, file: Path) -> str:
        """As `FileService.without_tls`."""
        return (
            f"No virtual host in {file} uses TLS with files; give one `SSLEngine on`, "
            "`SSLCertificateFile` and `SSLCertificateKeyFile`."
        )

    def version(self) -> str:
        """As `FileService.version`."""
        return self._built.label

    def activation(self) -> str:
        """As `FileService.activation`."""
        return self._reload.words

    def accept(self) -> None:
        """As `FileService.accept`, by `apache2 -t`, and by a look at each pair of files.

        Apache's own test opens no certificate. A graceful restart does, and where one does not
        fit its key, that is the end of the running Apache.
        """
        finished = run(self._command("-t"), account=self._account())
        if finished.code != 0:
            raise _refused(f"Apache refuses the configuration: {finished.words}")
        for endpoint in self.configuration().endpoints:
            refusal = refusal_of(endpoint.files.certificate, endpoint.files.key)
            if refusal:
                raise _refused(f"Apache would end at {endpoint.found.place}: {refusal}")

    def activate(self, endpoint: str) -> str:
        """As `Service.activate`."""
        self.files_of(endpoint)
        self.accept()
        return self._reload.perform()

    @property
    def _reload(self) -> Reload:
        command = self._command("-k", "graceful")
        return Reload(
            program="Apache",
            own_command=command_of(self._reference, "reload"),
            pid_file=self._pid_file,
            directly=lambda _: run_reload(command, self._account()),
            directly_words=shlex.join([self._program, "-k", "graceful"]),
        )

    def _account(self) -> int | None:
        authors = read_written(self._configuration).authors
        return asking_account(authors | self._authors_of_variables)

    @property
    def _authors_of_variables(self) -> AbstractSet[int]:
        return frozenset() if self._envvars is None else read_written(self._envvars).authors

    @property
    def _pid_file(self) -> Path:
        configuration = self._read()
        named = values(configuration.directives, "pidfile")[-1:] or (self._built.pid_file,)
        return configuration.server_root / named[0]

    def _read(self) -> Configuration:
        return read_configuration(
            self._configuration,
            Surroundings(
                self._configuration.parent if self._envvars else Path(self._built.server_root),
                self._variables(),
                self._built_in_modules(),
                self._built.version,
            ),
        )

    def _variables(self) -> Mapping[str, str]:
        if self._envvars is None:
            return inherited_environment()
        account = asking_account(self._authors_of_variables)  # the file is a program
        finished = run(self._with_envvars("env", "-0"), account=account)
        pairs = (text.partition("=") for text in finished.output.split("\0"))
        return {name: value for name, _, value in pairs}

    def _built_in_modules(self) -> frozenset[str]:
        return frozenset(re.findall(r"^\s+(\S+\.c)$", run([self._program, "-l"]).output, re.M))

    def _command(self, *arguments: str) -> Sequence[str]:
        given = bool(self._reference.configuration)
        root = ("-d", str(self._configuration.parent)) if self._envvars else ()
        file = ("-f", str(self._configuration)) if given else ()
        return self._with_envvars(self._program, *root, *file, *arguments)

    def _with_envvars(self, *command: str) -> Sequence[str]:
        if self._envvars is None:
            return command
        return ("sh", "-c", _WITH_ENVVARS, "sh", str(self._envvars), *command)

    @property
    def _envvars(self) -> Path | None:
        """Debian's file of variables, by which the folder it is in is the server's root."""
        path = self._configuration.with_name("envvars")
        return path if is_there(path) else None

    @cached_property
    def _program(self) -> str:
        there = next((name for name in _PROGRAMS if shutil.which(name)), _PROGRAMS[0])
        return self._reference.option("program", there)

    @property
    def _configuration(self) -> Path:
        if self._reference.configuration:
            path = Path(self._reference.configuration).absolute()
            return path / "apache2.conf" if is_folder(path) else path
        built = Path(self._built.server_root, self._built.configuration)
        return next((path for path in (built, *_USUAL) if is_there(path)), built)

    @cached_property
    def _built(self) -> "Built":
        return how_built(run([self._program, "-V"]).output)


@dataclass(frozen=True)
class Built:
    """What an Apache was built with; relative paths begin at `server_root`."""

    label: str
    version: tuple[int, ...]
    server_root: str
    configuration: str
    pid_file: str


def how_built(output: str) -> Built:
    """Read the output of `apache2 -V`."""
    version = re.search(r"^Server version: Apache/(\d+(?:\.\d+)*)", output, re.MULTILINE)
    given = dict(re.findall(r'^ -D (\w+)="([^"]*)"$', output, re.MULTILINE))
    return Built(
        label=f"Apache {version[1]}" if version else "",
        version=tuple(map(int, version[1].split("."))) if version else (2, 4),
        server_root=given.get("HTTPD_ROOT", "/etc/httpd"),
        configuration=given.get("SERVER_CONFIG_FILE", "conf/httpd.conf"),
        pid_file=given.get("DEFAULT_PIDLOG", "logs/httpd.pid"),
    )


def _refused(sentence: str) -> MachineError:
    return MachineError(
        FailureCode.SERVICE_FAILED,
        f"{sentence.rstrip('.')}.",
        "The running Apache was left as it is. Mend what is named, then try again.",
    )
