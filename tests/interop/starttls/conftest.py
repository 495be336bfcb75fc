"""Real servers that begin in the clear, each with its own files; `tls=False`: none is offered."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from pwd import getpwnam

import pytest
from tests.interop.servers import (
    LOOPBACK,
    Start,
    StartServer,
    end,
    free_port,
    wait_until_it_listens,
)

from certwright.database.account import database_account
from certwright.database.embedded import EmbeddedPostgreSQL

PAIR = Path(__file__).parents[2] / "vectors" / "files" / "leaf-key-chain.pem"
_IS_ROOT = os.geteuid() == 0

EXIM = """
keep_environment =
spool_directory = {folder}/spool
log_file_path = syslog
pid_file_path = {folder}/exim.pid
tls_advertise_hosts = {tls}
tls_certificate = {pair}
tls_privatekey = {pair}
host_lookup =
rfc1413_hosts =
acl_smtp_rcpt = deny
begin acl
begin routers
begin transports
"""

DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
ssl = {tls}
ssl_cert = <{pair}
ssl_key = <{pair}
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {login_user}
mail_location = maildir:{folder}/mail
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}/mail
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""

SLAPD = """
include /etc/ldap/schema/core.schema
pidfile {folder}/slapd.pid
{tls}
database config
"""

PGBOUNCER = """
[databases]
postgres = host=127.0.0.1 port=1
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
client_tls_sslmode = {tls}
client_tls_key_file = {pair}
client_tls_cert_file = {pair}
"""


def pair_in(folder: Path, owner: str | None = None) -> Path:
    """The certificate, its key and its chain, readable for `owner` too."""
    copy = folder / "pair.pem"
    shutil.copyfile(PAIR, copy)
    if owner is not None and _IS_ROOT:
        shutil.chown(copy, owner)
    copy.chmod(0o600)
    return copy


@pytest.fixture
def smtp(start: Start, folder: Path) -> StartServer:
    """Exim, with GnuTLS."""

    def serve(*, tls: bool = True) -> int:
        port = free_port()
        (folder / "spool").mkdir()
        owner = "Debian-exim" if _IS_ROOT else None
        if owner is not None:
            require_account(owner, "exim4-daemon-light")
            shutil.chown(folder / "spool", owner)
        configuration = folder / "exim.conf"
        configuration.write_text(
            EXIM.format(folder=folder, pair=pair_in(folder, owner), tls="*" if tls else "")
        )
        command = ["exim4", "-C", str(configuration), "-bdf", "-oX", f"{LOOPBACK}.{port}"]
        start(command, "exim4-daemon-light", port)
        return port

    return serve


@pytest.fixture
def imap(start: Start, folder: Path) -> StartServer:
    """Dovecot, with OpenSSL."""

    def serve(*, tls: bool = True) -> int:
        port = free_port()
        user = "root" if _IS_ROOT else os.environ["USER"]
        configuration = folder / "dovecot.conf"
        configuration.write_text(
            DOVECOT.format(
                folder=folder,
                pair=pair_in(folder),
                port=port,
                user=user,
                group=user,
                login_user="nobody" if _IS_ROOT else user,
                tls="yes" if tls else "no",
            )
        )
        start(["dovecot", "-F", "-c", str(configuration)], "dovecot-imapd", port)
        return port

    return serve


@pytest.fixture
def ldap(start: Start, folder: Path) -> StartServer:
    """OpenLDAP, with GnuTLS."""

    def serve(*, tls: bool = True) -> int:
        port = free_port()
        pair = pair_in(folder)
        lines = f"TLSCertificateFile {pair}\nTLSCertificateKeyFile {pair}" if tls else ""
        configuration = folder / "slapd.conf"
        configuration.write_text(SLAPD.format(folder=folder, tls=lines))
        address = f"ldap://{LOOPBACK}:{port}/"
        start(["slapd", "-h", address, "-f", str(configuration), "-d", "0"], "slapd", port)
        return port

    return serve


@pytest.fixture
def mysql(start: Start, folder: Path) -> StartServer:
    """MariaDB, with OpenSSL."""

    def serve(*, tls: bool = True) -> int:
        port = free_port()
        data = folder / "data"
        data.mkdir()
        if _IS_ROOT:
            shutil.chown(data, "nobody")
        pair = pair_in(folder, "nobody")
        command = [
            *("mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={data}/socket"),
            *(f"--port={port}", f"--bind-address={LOOPBACK}", "--skip-grant-tables"),
            *("--skip-innodb", "--default-storage-engine=Aria"),
            *(("--user=nobody",) if _IS_ROOT else ()),
            *((f"--ssl-cert={pair}", f"--ssl-key={pair}") if tls else ("--skip-ssl",)),
        ]
        start(command, "mariadb-server-core", port)
        return port

    return serve


@pytest.fixture
def postgres(start: Start, folder: Path) -> StartServer:
    """PgBouncer, PostgreSQL's protocol with OpenSSL: the embedded PostgreSQL is built without."""

    def serve(*, tls: bool = True) -> int:
        port = free_port()
        configuration = folder / "pgbouncer.ini"
        pair = pair_in(folder, "nobody")
        configuration.write_text(
            PGBOUNCER.format(port=port, pair=pair, tls="allow" if tls else "disable")
        )
        account = ["-u", "nobody"] if _IS_ROOT else []
        start(["pgbouncer", *account, str(configuration)], "pgbouncer", port)
        return port

    return serve


@pytest.fixture
def postgresql_without_tls(tmp_path: Path) -> Iterator[int]:
    """The port of the embedded PostgreSQL itself."""
    port = free_port()
    with _socket_folder() as socket_folder:
        server = EmbeddedPostgreSQL(tmp_path / "postgresql", socket_folder, database_account())
        server.prepare()
        descriptor = os.open(server.cluster, os.O_PATH | os.O_DIRECTORY)
        account = server.account
        process = subprocess.Popen(
            [
                *server.command(descriptor),
                *("-c", f"listen_addresses={LOOPBACK}", "-c", f"port={port}", "-c", "fsync=off"),
            ],
            pass_fds=(descriptor,),
            cwd="/",
            stderr=subprocess.DEVNULL,
            user=account.user if account else None,
            group=account.group if account else None,
            extra_groups=[] if account else None,
        )
        os.close(descriptor)
        wait_until_it_listens(process, port)
        yield port
        end([process])


@contextmanager
def _socket_folder() -> Iterator[Path]:
    # A socket's path must be short, so not under pytest's folder.
    with tempfile.TemporaryDirectory(prefix="certwright-test-", dir="/dev/shm") as name:
        Path(name).chmod(0o711)
        yield Path(name) / "database"


def require_account(name: str, package: str) -> None:
    try:
        getpwnam(name)
    except KeyError:
        pytest.fail(f"The Debian package {package} is not installed.")
