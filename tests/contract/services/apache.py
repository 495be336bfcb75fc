"""Debian's Apache on a folder and a port of its own, laid out as Debian's /etc/apache2."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from certwright.machine.services.apache.service import Apache
from certwright.machine.services.service import Option, ServiceReference
from certwright.x509.keys import private_key_to_pem

from ...interop.servers import end, free_port, program, wait_until_it_listens
from ...unit.foreign_authority import Issued
from .adapter import (
    LOOPBACK,
    NAME,
    ServiceAdapter,
    pem_chain,
    pem_material,
    served_at,
    wait_until_written,
)

MODULES = "/usr/lib/apache2/modules"
VARIABLES = {
    "APACHE_RUN_DIR": "{folder}/run",
    "APACHE_PID_FILE": "{folder}/run/apache2.pid",
    "APACHE_RUN_USER": "nobody",
    "APACHE_RUN_GROUP": "nogroup",
}
MAIN = """
DefaultRuntimeDir ${APACHE_RUN_DIR}
PidFile ${APACHE_PID_FILE}
ErrorLog ${APACHE_RUN_DIR}/error.log
Mutex file:${APACHE_RUN_DIR}
User ${APACHE_RUN_USER}
Group ${APACHE_RUN_GROUP}
IncludeOptional mods-enabled/*.load
Include ports.conf
IncludeOptional sites-enabled/*.conf
"""
LOAD = """
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule socache_shmcb_module {modules}/mod_socache_shmcb.so
LoadModule ssl_module {modules}/mod_ssl.so
"""
SITE = """
<IfModule mod_ssl.c>
<VirtualHost {host}:{port}>
  ServerName {name}
  ServerAlias *.{name}
  {engine}
  SSLCertificateFile tls/site.pem
  SSLCertificateKeyFile tls/private/site.key
  {more}
</VirtualHost>
</IfModule>
"""


@contextmanager
def running(folder: Path, issued: Issued) -> Iterator[ServiceAdapter]:
    """One virtual host, its chain and key in two folders."""
    with _running(folder, issued) as adapter:
        yield adapter


@contextmanager
def running_with_chain_file(folder: Path, issued: Issued) -> Iterator[ServiceAdapter]:
    """As older guides have it: the intermediate in a file of its own."""
    with _running(folder, issued, chain=folder / "tls" / "chain.pem") as adapter:
        yield adapter


@contextmanager
def running_by_protocol(folder: Path, issued: Issued) -> Iterator[ServiceAdapter]:
    """TLS by what `Listen` says."""
    with _running(folder, issued, by_protocol=True) as adapter:
        yield adapter


@contextmanager
def _running(
    folder: Path, issued: Issued, chain: Path | None = None, *, by_protocol: bool = False
) -> Iterator[ServiceAdapter]:
    port = free_port()
    certificate, key = folder / "tls" / "site.pem", folder / "tls" / "private" / "site.key"
    for name in ("mods-enabled", "sites-enabled", "run", "tls/private"):
        (folder / name).mkdir(parents=True)
    certificate.write_text(issued.leaf.pem if chain else pem_chain(issued))
    if chain:
        chain.write_text(issued.chain[0].pem)
    key.write_text(private_key_to_pem(issued.key))
    key.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(certificate, 0, 1)
    host, engine, protocol = (LOOPBACK, "", "https") if by_protocol else ("*", "SSLEngine on", "")
    more = f"SSLCertificateChainFile {chain}" if chain else ""
    variables = {name: value.format(folder=folder) for name, value in VARIABLES.items()}
    for name, text in {
        "envvars": "".join(f"export {name}={value}\n" for name, value in variables.items()),
        "apache2.conf": MAIN,
        "ports.conf": f"Listen {LOOPBACK}:{port} {protocol}\n",
        "mods-enabled/all.load": LOAD.format(modules=MODULES),
        "sites-enabled/site.conf": SITE.format(
            host=host, port=port, name=NAME, engine=engine, more=more
        ),
    }.items():
        (folder / name).write_text(text)
    apache = program("apache2", "apache2")
    configuration = folder / "apache2.conf"
    process = subprocess.Popen(
        [apache, "-d", str(folder), "-f", str(configuration), "-D", "FOREGROUND"],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=variables,
    )
    try:
        wait_until_it_listens(process, port)
        wait_until_written(folder / "run" / "apache2.pid")
        reference = ServiceReference("apache", str(configuration), (Option("program", apache),))
        yield ServiceAdapter(
            service=Apache(reference),
            reference=reference,
            endpoint=NAME,
            current=issued,
            served=served_at(port),
            material=pem_material,
            files=(key, certificate, *((chain,) if chain else ())),
        )
    finally:
        end([process])
