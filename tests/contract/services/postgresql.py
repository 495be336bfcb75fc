"""Debian's PostgreSQL on a data directory and a port of its own."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from certwright.machine.handshake import StartTls
from certwright.machine.services.postgresql.service import PostgreSQL
from certwright.machine.services.service import ServiceReference
from certwright.x509.keys import private_key_to_pem

from ...interop.export.conftest import account_of
from ...interop.export.test_postgresql import newest
from ...interop.servers import end, free_port, wait_until_it_listens
from ...unit.foreign_authority import Issued
from .adapter import (
    LOOPBACK,
    ServiceAdapter,
    pem_chain,
    pem_material,
    served_at,
    wait_until_written,
)

SETTINGS = """
ssl = on
ssl_cert_file = 'tls/server.crt'
ssl_key_file = 'tls/private/server.key'
listen_addresses = '{address}'
unix_socket_directories = ''
port = {port}
fsync = off
"""


@contextmanager
def running(folder: Path, issued: Issued) -> Iterator[ServiceAdapter]:
    """One cluster, its chain and key in two folders of the data directory."""
    account, port, data = account_of("postgres"), free_port(), folder / "data"
    if account:
        shutil.chown(folder, account)
    # The locale of whoever runs the tests may not be installed: initdb refuses then.
    initdb = [newest("initdb"), "-D", str(data), "-U", "todd", "-A", "trust", "-N", "--no-locale"]
    group = {"user": account, "group": account, "extra_groups": []} if account else {}
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd="/", **group)  # type: ignore[call-overload]
    certificate, key = data / "tls" / "server.crt", data / "tls" / "private" / "server.key"
    key.parent.mkdir(parents=True)
    certificate.write_text(pem_chain(issued))
    key.write_text(private_key_to_pem(issued.key))
    key.chmod(0o600)
    if account:
        for path in (key.parent.parent, key.parent, key, certificate):
            shutil.chown(path, account, account)
    with (data / "postgresql.conf").open("a") as file:
        file.write(SETTINGS.format(address=LOOPBACK, port=port))
    process = subprocess.Popen(
        [newest("postgres"), "-D", str(data)],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        **group,  # type: ignore[call-overload]
    )
    try:
        wait_until_it_listens(process, port)
        wait_until_written(data / "postmaster.pid")
        yield ServiceAdapter(
            service=PostgreSQL(ServiceReference("postgresql", str(data))),
            endpoint="postgresql",
            current=issued,
            served=served_at(port, StartTls.POSTGRES),
            material=pem_material,
            files=(key, certificate),
        )
    finally:
        end([process])
