"""A real upstream behind the node, and another company's authority."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from tests.openssl_authority import OpensslAuthority

from certwright.front.ports import free_port

_CONFIGURATION = """
daemon off;
error_log stderr;
pid {folder}/nginx.pid;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    root {folder}/files;
    autoindex on;
    location = /seen {{
      default_type text/plain;
      return 200 "$http_x_forwarded_for|$http_x_forwarded_proto|$http_x_forwarded_host";
    }}
  }}
}}
"""


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> OpensslAuthority:
    """Another company's authority."""
    return OpensslAuthority.make(tmp_path_factory.mktemp("openssl") / "authority")


@pytest.fixture
def upstream(tmp_path: Path) -> Iterator[str]:
    """The URL of an nginx that serves a directory of files."""
    program = which("nginx") or "/usr/sbin/nginx"
    assert Path(program).exists(), "nginx is missing: apt-get install nginx-light"
    port = free_port(["127.0.0.1"])
    files = tmp_path / "files"
    files.mkdir()
    (files / "hello.txt").write_text("hello from the upstream\n")
    with (files / "large.bin").open("wb") as file:
        file.truncate(300 * 1024 * 1024)
    tmp_path.chmod(0o755)
    configuration = tmp_path / "nginx.conf"
    configuration.write_text("user root;\n" + _CONFIGURATION.format(folder=tmp_path, port=port))
    process = subprocess.Popen(
        [program, "-c", str(configuration), "-p", str(tmp_path)], stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 10
    while not _answers(url):
        assert time.monotonic() < deadline, "nginx does not start"
        time.sleep(0.02)
    yield url
    process.terminate()
    process.wait(10)


def _answers(url: str) -> bool:
    try:
        urlopen(f"{url}/hello.txt", timeout=2).close()
    except URLError:
        return False
    return True
