"""PostgreSQL: chain and key in the files of `ssl_cert_file` and `ssl_key_file`.

Source: PostgreSQL's documentation, "Secure TCP/IP Connections with SSL"; Debian's layout is
/etc/postgresql/VERSION/CLUSTER.
"""

import os
import re
import signal
import stat
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from ...failures import FailureCode, MachineError
from ..activation.reloading import Reload, run_reload
from ..configuration.files import ConfigurationFiles, is_folder, matching
from ..options import command_of, is_port
from ..pem.endpoints import FileEndpoint, TlsServer, absolute, dns_names, endpoints_of, reachable
from ..pem.file_service import FileService, TlsConfiguration
from ..pem.files import PemFiles
from ..service import Address
from ..service_files.reading import read_file
from .configuration import is_on, read_if_there, read_settings, started_with

_USUAL = (
    "/etc/postgresql/*/*/postgresql.conf",
    "/var/lib/pgsql/data/postgresql.conf",
    "/var/lib/pgsql/*/data/postgresql.conf",
    "/var/lib/postgresql/data/postgresql.conf",
    "/var/lib/postgres/data/postgresql.conf",
)
_PORT = "5432"
_VERSION = re.compile(rb"\d{1,3}(?:\.\d{1,3})?(?=\s*\Z)")
_CERTIFICATE, _KEY = "ssl_cert_file", "ssl_key_file"


@dataclass(frozen=True)
class Cluster:
    """One server's data directory, its main configuration file, and the settings in force.

    `authors` are the accounts that could have named its certificate or key so, root apart.
    """

    data: Path
    configuration: Path
    settings: Mapping[str, str]
    authors: AbstractSet[int] = frozenset()


class PostgreSQL(FileService):
    """The PostgreSQL server of one postgresql.conf or one data directory.

    Options: `program` (pg_ctl, for Windows), `reload` (a command line).
    """

    def configuration(self) -> TlsConfiguration:
        """As `FileService.configuration`."""
        cluster = self._cluster()
        endpoints = endpoints_in(cluster)
        file = cluster.configuration
        if read_cluster(file).data != cluster.data:
            file = cluster.data  # where paths begin, and the configuration does not say so
        return TlsConfiguration(file, endpoints, authors=cluster.authors)

    def without_tls(self, file: Path) -> str:
        """As `FileService.without_tls`."""
        return (
            f"TLS is off. Put a certificate and its key (mode 0600) where PostgreSQL may read "
            f"them, write `ssl = on`, `ssl_cert_file` and `ssl_key_file` into "
            f"{read_cluster(file).configuration}, and reload PostgreSQL."
        )

    def version(self) -> str:
        """As `FileService.version`."""
        try:
            number = read_file(self._cluster().data / "PG_VERSION")
        except MachineError:
            return ""
        found = _VERSION.match(number)  # whatever a link brings here is not for showing
        return f"PostgreSQL {found[0].decode()}" if found else ""

    def activation(self) -> str:
        """As `FileService.activation`."""
        return self._reload(self._cluster()).words

    def accept(self) -> None:
        """As `FileService.accept`; PostgreSQL has no test, so its rule for keys is kept here."""
        for endpoint in self.configuration().endpoints:
            fault = fault_of_key(endpoint.files.key)
            if fault:
                raise MachineError(
                    FailureCode.SERVICE_FAILED,
                    fault,
                    f"The former certificate is in place again. Run chmod 0600 "
                    f"{endpoint.files.key} (0640 if root owns it), then try again.",
                )

    def activate(self, endpoint: str) -> str:
        """As `Service.activate`. PostgreSQL only logs where it cannot load the new files."""
        self.files_of(endpoint)
        return self._reload(self._cluster()).perform()

    def _cluster(self) -> Cluster:
        named = self._reference.configuration
        return read_cluster(Path(named).absolute() if named else usual_place(_USUAL))

    def _reload(self, cluster: Cluster) -> Reload:
        command = (self._reference.option("program", "pg_ctl"), "reload", "-D", str(cluster.data))

        def directly(process: int) -> str:
            if os.name == "posix":  # where pg_ctl would want the account of the server
                return _hang_up(process)
            return run_reload(command)

        return Reload(
            program="PostgreSQL",
            own_command=command_of(self._reference, "reload"),
            pid_file=cluster.data / "postmaster.pid",
            directly=directly,
            directly_words="SIGHUP to PostgreSQL" if os.name == "posix" else " ".join(command),
        )


def read_cluster(path: Path) -> Cluster:
    """The cluster of a postgresql.conf or of a data directory, wherever the other one is."""
    main, altered, started = ConfigurationFiles(), ConfigurationFiles(), ConfigurationFiles()
    if is_folder(path):
        named = started_with(path, started).get("config_file")
        main.authors = started.authors if named else main.authors
        path, data = absolute(named or "postgresql.conf", path), path
    else:
        data = path.parent
    settings = read_settings(path, main)
    data = absolute(settings.get("data_directory", ""), data)
    sources = (
        (settings, main.authors),
        (read_if_there(data / "postgresql.auto.conf", altered), altered.authors),  # ALTER SYSTEM
        (started_with(data, started), started.authors),
    )
    authors = _authors(_CERTIFICATE, sources) | _authors(_KEY, sources)
    return Cluster(data, path, settings | sources[1][0] | sources[2][0], authors)


def _authors(
    setting: str, sources: Sequence[tuple[Mapping[str, str], AbstractSet[int]]]
) -> AbstractSet[int]:
    """Of the source that names the file; of a relative one also of what names the data folder."""
    given = [(values[setting], by) for values, by in sources if setting in values]
    value, authors = given[-1] if given else ("", frozenset[int]())
    first, by = sources[0]
    return authors if value.startswith("/") or "data_directory" not in first else authors | by


def endpoints_in(cluster: Cluster) -> tuple[FileEndpoint, ...]:
    """The one endpoint of a cluster with TLS, none without; reads the certificate."""
    settings = cluster.settings
    if not is_on(settings.get("ssl", "off")):
        return ()
    files = PemFiles(
        absolute(settings.get(_CERTIFICATE, "server.crt"), cluster.data),
        absolute(settings.get(_KEY, "server.key"), cluster.data),
    )
    port = settings.get("port", _PORT)
    listens = settings.get("listen_addresses", "localhost").split(",")
    hosts = [host for host in map(str.strip, listens) if host]
    addresses = tuple(
        Address(reachable(host), int(port), "postgres") for host in hosts if is_port(port)
    )
    names = dns_names(host for host in hosts if not _is_local(host))
    fault = fault_of_key(files.key)
    notes = (fault,) if fault else ()
    return endpoints_of([TlsServer(names, addresses, files, notes, otherwise="postgresql")])


def usual_place(patterns: Sequence[str]) -> Path:
    """The one postgresql.conf that fits; raises NOT_FOUND, and INVALID_INPUT if there are more."""
    found = [path for pattern in patterns for path in matching(pattern)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise MachineError(
            FailureCode.NOT_FOUND,
            "There is no postgresql.conf where Debian, Red Hat and others have it.",
            "Name the configuration file or the data directory.",
        )
    raise MachineError(
        FailureCode.INVALID_INPUT,
        "This machine has more than one PostgreSQL cluster.",
        f"Name one of: {', '.join(map(str, found))}.",
    )


def fault_of_key(key: Path) -> str:
    """Why PostgreSQL would refuse a private key's file, "" if it would not.

    "If the file is owned by the database user: 0600 or less; if by root: 0640 or less."
    """
    if os.name != "posix":
        return ""
    try:
        status = key.stat()
    except OSError:
        return ""
    others = stat.S_IRWXO | (stat.S_IRWXG if status.st_uid else stat.S_IWGRP | stat.S_IXGRP)
    if not status.st_mode & others:
        return ""
    return (
        f"PostgreSQL refuses the private key in {key}, as others than its account may use the "
        f"file: its mode is {stat.S_IMODE(status.st_mode):04o}."
    )


def _hang_up(process: int) -> str:
    try:
        os.kill(process, signal.SIGHUP)
    except OSError as error:
        raise MachineError(
            FailureCode.SERVICE_FAILED,
            f"PostgreSQL could not be told to reload: {error.strerror}.",
            "Let Certwright run as root or as PostgreSQL's account, or give it a reload command.",
        ) from None
    return f"SIGHUP to process {process}"


def _is_local(host: str) -> bool:
    return host == "localhost" or ":" in host or host.replace(".", "").isdigit()
