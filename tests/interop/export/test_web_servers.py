"""nginx, HAProxy and Apache take their set as its README says, and serve it."""

import os
import socket
import ssl
from pathlib import Path

from tests.interop.export.conftest import NAME, MakeSet, run
from tests.interop.servers import LOOPBACK, Start, free_port
from tests.materials.ready_sets import Unpacked
from tests.unit.foreign_authority import Issued

from certwright.machine.handshake import shake_hands
from certwright.x509.writing.sets.ready_set import ReadySet

NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  {server}
}}
"""
HAPROXY = """
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend front
  {bind}
  http-request return status 204
"""
APACHE = """
ServerRoot {folder}
PidFile {folder}/apache.pid
ErrorLog {folder}/error.log
DefaultRuntimeDir {folder}
Mutex file:{folder}
Listen 127.0.0.1:{port}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule socache_shmcb_module {modules}/mod_socache_shmcb.so
LoadModule ssl_module {modules}/mod_ssl.so
{account}
{host}
"""
APACHE_MODULES = "/usr/lib/apache2/modules"


def configuration(unpacked: Unpacked, installed: str, folder: Path, port: int) -> str:
    """The README's lines, for the folder and the port of this test."""
    lines = unpacked.lines("Configuration")
    assert installed in lines
    assert unpacked.lines("Install").count(installed) > 1
    return lines.replace(installed, str(folder))


def assert_served(issued: Issued, folder: Path, port: int) -> None:
    """A client that trusts the set's root alone is content; the chain comes in order."""
    hands = shake_hands(LOOPBACK, port, NAME)
    assert list(hands.chain) == [issued.leaf.der, issued.chain[0].der]
    context = ssl.create_default_context(cafile=str(folder / "root.crt"))
    with (
        socket.create_connection((LOOPBACK, port), 10) as connection,
        context.wrap_socket(connection, server_hostname=NAME) as secured,
    ):
        assert secured.version() in ("TLSv1.2", "TLSv1.3")
    check = ["openssl", "s_client", "-connect", f"{LOOPBACK}:{port}", "-servername", NAME]
    trust = ["-CAfile", str(folder / "root.crt"), "-verify_return_error"]
    assert "Verification: OK" in run([*check, *trust], "openssl")


def test_nginx(make_set: MakeSet, start: Start, issued: Issued, folder: Path) -> None:
    port = free_port()
    lines = configuration(make_set(ReadySet.NGINX), "/etc/nginx/tls", folder, port)
    assert f"server_name {NAME} alias.corp.example;" in lines
    server = lines.replace("listen 443", f"listen {LOOPBACK}:{port}")
    server = server.replace("listen [::]:443", f"listen {LOOPBACK}:{free_port()}")
    file = folder / "nginx.conf"
    file.write_text(NGINX.format(folder=folder, server=server))
    command = ["nginx", "-p", str(folder), "-c", str(file), "-e", str(folder / "error.log")]
    assert "test is successful" in run([*command, "-t"], "nginx-light")
    start(command, "nginx-light", port)
    assert_served(issued, folder, port)


def test_haproxy(make_set: MakeSet, start: Start, issued: Issued, folder: Path) -> None:
    port = free_port()
    lines = configuration(make_set(ReadySet.HAPROXY), "/etc/haproxy/certs", folder, port)
    file = folder / "haproxy.cfg"
    file.write_text(HAPROXY.format(bind=lines.replace(":443", f"{LOOPBACK}:{port}")))
    said = run(["haproxy", "-c", "-f", str(file)], "haproxy")
    assert "WARNING" not in said
    start(["haproxy", "-db", "-f", str(file)], "haproxy", port)
    assert_served(issued, folder, port)


def test_apache(make_set: MakeSet, start: Start, issued: Issued, folder: Path) -> None:
    port = free_port()
    lines = configuration(make_set(ReadySet.APACHE), "/etc/apache2/tls", folder, port)
    assert f"ServerName {NAME}" in lines
    assert "ServerAlias alias.corp.example" in lines
    account = "User nobody\nGroup nogroup" if os.geteuid() == 0 else ""
    file = folder / "apache.conf"
    file.write_text(
        APACHE.format(
            folder=folder,
            port=port,
            modules=APACHE_MODULES,
            account=account,
            host=lines.replace("*:443", f"{LOOPBACK}:{port}"),
        )
    )
    command = ["apache2", "-f", str(file)]
    assert "Syntax OK" in run([*command, "-t"], "apache2")
    start([*command, "-D", "FOREGROUND"], "apache2", port)
    assert_served(issued, folder, port)
