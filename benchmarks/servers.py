"""The front, and those it is measured beside: same key, TLS version, cipher, group, upstream."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.certificates import Pair
from benchmarks.programs import free_port, program, running, wait_for_port
from certwright.front.front import Front
from certwright.front.ports import hold_port
from certwright.front.settings import FrontSettings, parse_upstream
from certwright.services.endpoints import OwnEndpoint

BIND = ("127.0.0.1",)
CIPHER = "TLS_AES_128_GCM_SHA256"

_NGINX_BASE = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 100000000; client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  {server}
}}
"""
_NGINX_UPSTREAM = """
  sendfile on; tcp_nopush on;
  server {{ listen 127.0.0.1:{port} backlog=4096; root {root}; }}
"""
# A temporary file would make it a test of the disk, not of TLS.
_NGINX_FRONT = """
  upstream behind {{
    server 127.0.0.1:{upstream_port}; keepalive 64; keepalive_requests 100000000;
  }}
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {certificate}; ssl_certificate_key {key};
    ssl_protocols TLSv1.3; ssl_conf_command Ciphersuites {cipher}; ssl_ecdh_curve X25519;
    location / {{
      proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Host $http_host;
      proxy_max_temp_file_size 0;
    }}
  }}
"""
_CADDY_FRONT = """
{{
  admin off
  auto_https off
}}
https://127.0.0.1:{port} {{
  tls {certificate} {key} {{
    protocols tls1.3
    curves x25519
  }}
  reverse_proxy 127.0.0.1:{upstream_port}
}}
"""


@dataclass(frozen=True)
class Served:
    """A server that runs: its port and its first process."""

    port: int
    process_id: int


@contextmanager
def nginx_upstream(root: Path) -> Iterator[int]:
    """Files of `root` over plain HTTP; yields the port."""
    port = free_port()
    with _nginx(_NGINX_UPSTREAM.format(port=port, root=root), port) as served:
        yield served.port


@contextmanager
def nginx_front(pair: Pair, upstream_port: int) -> Iterator[Served]:
    """nginx with its defaults wherever the comparison does not fix a value."""
    port = free_port()
    with _folder() as folder:
        certificate, key = pair.write(folder)
        server = _NGINX_FRONT.format(
            port=port, upstream_port=upstream_port, certificate=certificate, key=key, cipher=CIPHER
        )
        with _nginx(server, port) as served:
            yield served


@contextmanager
def caddy_front(pair: Pair, upstream_port: int) -> Iterator[Served]:
    """Caddy with its defaults wherever the comparison does not fix a value."""
    port = free_port()
    with _folder() as folder:
        certificate, key = pair.write(folder)
        file = folder / "Caddyfile"
        file.write_text(
            _CADDY_FRONT.format(
                port=port, upstream_port=upstream_port, certificate=certificate, key=key
            )
        )
        command = [program("caddy"), "run", "--adapter", "caddyfile", "--config", str(file)]
        with running(command, {"XDG_DATA_HOME": str(folder)}) as process:
            wait_for_port(port)
            yield Served(port, process.pid)


@contextmanager
def certwright_front(pair: Pair, upstream_port: int) -> Iterator[tuple[Served, Front]]:
    """Certwright's front as the node runs it."""
    with _folder() as folder, ExitStack() as held:
        configuration, http, https, publication = (
            hold_port(held, BIND, 0, "a benchmark", "--port") for _ in range(4)
        )
        settings = FrontSettings(
            bind=BIND,
            configuration_port=configuration,
            http_port=http,
            https_port=https,
            publication_port=publication,
            server_name="localhost",
            upstream=parse_upstream(f"http://127.0.0.1:{upstream_port}"),
            runtime_folder=folder,
            app_socket=folder / "app.sock",
        )
        front = Front(settings)
        front.prepare()
        for endpoint in OwnEndpoint:
            front.switch_certificate(endpoint, pair.certificate.pem, pair.key_pem)
        with running(front.command()) as process:
            front.wait_until_listening(15, lambda: process.poll() is None)
            yield Served(https, process.pid), front


@contextmanager
def _nginx(server: str, port: int) -> Iterator[Served]:
    with _folder() as folder:
        file = folder / "nginx.conf"
        file.write_text(_NGINX_BASE.format(folder=folder, server=server))
        # nginx as root gives its worker to another account, which has to reach the files.
        folder.chmod(0o755)
        command = [program("nginx"), "-p", str(folder), "-c", str(file)]
        with running([*command, "-e", str(folder / "error.log")]) as process:
            wait_for_port(port)
            yield Served(port, process.pid)


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="certwright-benchmark-", dir="/dev/shm"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
