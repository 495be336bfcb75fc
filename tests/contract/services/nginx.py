"""Debian's nginx on a folder and a port of its own."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from certwright.machine.services.nginx.service import Nginx
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

MAIN = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  include sites/*.conf;
}}
"""
SITE = """
server {{
  listen {address}:{port} ssl;
  server_name {name} *.{name};
  ssl_certificate tls/site.pem;
  ssl_certificate_key tls/private/site.key;
  location / {{ return 200 "{name}"; }}
}}
"""


@contextmanager
def running(folder: Path, issued: Issued) -> Iterator[ServiceAdapter]:
    """One server, its chain and key in two folders."""
    port = free_port()
    certificate, key = folder / "tls" / "site.pem", folder / "tls" / "private" / "site.key"
    key.parent.mkdir(parents=True)
    (folder / "sites").mkdir()
    certificate.write_text(pem_chain(issued))
    key.write_text(private_key_to_pem(issued.key))
    key.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(key, 0, 1)
    configuration = folder / "nginx.conf"
    configuration.write_text(MAIN.format(folder=folder))
    site = SITE.format(address=LOOPBACK, port=port, name=NAME)
    (folder / "sites" / "site.conf").write_text(site)
    nginx = program("nginx", "nginx-light")
    options = (Option("program", nginx), Option("prefix", str(folder)))
    process = subprocess.Popen(
        [nginx, "-p", str(folder), "-c", str(configuration)],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_it_listens(process, port)
        wait_until_written(folder / "nginx.pid")
        reference = ServiceReference("nginx", str(configuration), options)
        yield ServiceAdapter(
            service=Nginx(reference),
            reference=reference,
            endpoint=NAME,
            current=issued,
            served=served_at(port),
            material=pem_material,
            files=(key, certificate),
        )
    finally:
        end([process])
