"""The handshake against other people's servers: openssl's and nginx."""

import ssl
from pathlib import Path

import pytest
from tests.interop.servers import LOOPBACK, Start, StartServer, free_port

from certwright.machine.client_hello import accepts, preferred_group
from certwright.machine.connection import FailureReason
from certwright.machine.handshake import HandshakeFailed, shake_hands

NAME = "todd.corp.example"
FILES = Path(__file__).parents[1] / "vectors" / "files"
PAIR = FILES / "leaf-key-chain.pem"

NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  ssl_certificate {pair}; ssl_certificate_key {pair};
  server {{ listen 127.0.0.1:{port} ssl http2; {options} }}
}}
"""


@pytest.fixture
def openssl(start: Start, tmp_path: Path) -> StartServer:
    def serve(*options: str) -> int:
        port = free_port()
        root = tmp_path / "root.pem"
        text = PAIR.read_text("ascii")
        root.write_text(text[text.rindex("-----BEGIN CERTIFICATE-----") :])
        command = ["openssl", "s_server", "-accept", f"{LOOPBACK}:{port}", "-www"]
        command += ["-cert", str(PAIR), "-key", str(PAIR), "-cert_chain", str(root), *options]
        start(command, "openssl", port)
        return port

    return serve


@pytest.fixture
def nginx(start: Start, tmp_path: Path) -> StartServer:
    def serve(options: str = "") -> int:
        port = free_port()
        configuration = tmp_path / "nginx.conf"
        configuration.write_text(
            NGINX.format(folder=tmp_path, pair=PAIR, port=port, options=options)
        )
        start(["nginx", "-c", str(configuration), "-p", str(tmp_path)], "nginx-light", port)
        return port

    return serve


def served() -> tuple[bytes, ...]:
    begin = "-----BEGIN CERTIFICATE-----"
    blocks = PAIR.read_text("ascii").split(begin)[1:]
    end = "-----END CERTIFICATE-----\n"
    return tuple(ssl.PEM_cert_to_DER_cert(begin + block.split(end)[0] + end) for block in blocks)


def test_openssl_shows_its_whole_chain(openssl: StartServer) -> None:
    seen = shake_hands(LOOPBACK, openssl(), NAME)
    assert seen.tls_version == "TLSv1.3"
    assert seen.chain == served()


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_nginx_shows_http_2(nginx: StartServer, version: str) -> None:
    seen = shake_hands(LOOPBACK, nginx(f"ssl_protocols {version};"), NAME)
    assert (seen.tls_version, seen.alpn) == (version, "h2")
    assert seen.chain == served()


@pytest.mark.parametrize(
    ("groups", "preferred"),
    [("X25519:P-256", "X25519"), ("P-256", "P-256"), ("P-384:P-256", "P-384"), ("P-521", None)],
)
@pytest.mark.parametrize("version", ["-tls1_3", "-tls1_2"])
def test_openssl_names_its_group(
    openssl: StartServer, groups: str, preferred: str | None, version: str
) -> None:
    port = openssl(version, "-groups", groups, "-serverpref")
    assert preferred_group(LOOPBACK, port, NAME) == preferred


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_nginx_names_its_group(nginx: StartServer, version: str) -> None:
    port = nginx(f"ssl_ecdh_curve secp384r1; ssl_protocols {version};")
    assert preferred_group(LOOPBACK, port, NAME) == "P-384"


@pytest.mark.parametrize(
    ("options", "accepted"),
    [
        ([], {"TLSv1.2", "TLSv1.3"}),
        (["-tls1_2"], {"TLSv1.2"}),
        (["-tls1_3"], {"TLSv1.3"}),
        (["-tls1", "-cipher", "ALL:@SECLEVEL=0"], {"TLSv1"}),
        (["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], {"TLSv1.1"}),
        (["-tls1_2", "-cipher", "DHE"], {"TLSv1.2"}),
    ],
)
def test_versions_of_openssl(openssl: StartServer, options: list[str], accepted: set[str]) -> None:
    port = openssl(*options)
    versions = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
    assert {one for one in versions if accepts(LOOPBACK, port, NAME, one)} == accepted


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_old_versions_are_named_as_such(openssl: StartServer, version: str) -> None:
    port = openssl(version, "-cipher", "ALL:@SECLEVEL=0")
    with pytest.raises(HandshakeFailed) as caught:
        shake_hands(LOOPBACK, port, NAME)
    assert caught.value.reason is FailureReason.OLD_VERSION


def test_plain_http_of_nginx_is_named_as_such(nginx: StartServer) -> None:
    plain = free_port()
    nginx(f"}} server {{ listen 127.0.0.1:{plain};")
    with pytest.raises(HandshakeFailed) as caught:
        shake_hands(LOOPBACK, plain, NAME)
    assert caught.value.reason is FailureReason.NOT_TLS
    assert "plain HTTP" in caught.value.message


def test_name_that_nginx_rejects_is_an_alert(nginx: StartServer) -> None:
    port = nginx("ssl_reject_handshake on;")
    with pytest.raises(HandshakeFailed) as caught:
        shake_hands(LOOPBACK, port, NAME)
    assert caught.value.reason is FailureReason.ALERT
    assert "unrecognized name" in caught.value.message
