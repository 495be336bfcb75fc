"""A real upstream behind the node, and another company's authority."""

from pathlib import Path

import pytest
from tests.interop.servers import LOOPBACK, Start, free_port
from tests.materials.openssl_authority import OpensslAuthority

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
def upstream(start: Start, tmp_path: Path) -> str:
    """The URL of an nginx that serves a directory of files."""
    port = free_port()
    files = tmp_path / "files"
    files.mkdir()
    (files / "hello.txt").write_text("hello from the upstream\n")
    with (files / "large.bin").open("wb") as file:
        file.truncate(300 * 1024 * 1024)
    tmp_path.chmod(0o755)
    configuration = tmp_path / "nginx.conf"
    configuration.write_text("user root;\n" + _CONFIGURATION.format(folder=tmp_path, port=port))
    start(["nginx", "-c", str(configuration), "-p", str(tmp_path)], "nginx-light", port)
    return f"http://{LOOPBACK}:{port}"
