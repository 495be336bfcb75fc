"""`certwright check` on running servers: nginx, openssl s_server, and those that are no servers."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from tests.interop.check.conftest import NAME, Check, Corp, pair
from tests.interop.servers import LOOPBACK, Start, free_port
from tests.unit.cli.check_files import Made, pem
from tests.unit.machine.servers import greeting, serving

NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  {servers}
}}
"""
SERVER = """
server {{
  listen 127.0.0.1:{port} ssl; server_name {name};
  ssl_certificate {pair}; ssl_certificate_key {pair}; ssl_protocols TLSv1.3;
}}
"""


@pytest.fixture
def s_server(start: Start, corp: Corp, tmp_path: Path) -> Callable[..., str]:
    def serve(leaf: Made, *options: str, above: Sequence[Made] = (corp.issuing,)) -> str:
        file, chain = pair(tmp_path, leaf), tmp_path / "chain.pem"
        if above:
            chain.write_bytes(pem(*above))
            options = ("-cert_chain", str(chain), *options)
        port = free_port()
        command = ["openssl", "s_server", "-accept", f"{LOOPBACK}:{port}", "-www"]
        command += ["-cert", str(file), "-key", str(file), *options]
        start(command, "openssl", port)
        return f"{LOOPBACK}:{port}"

    return serve


def test_nginx_chooses_by_the_name(corp: Corp, check: Check, start: Start, tmp_path: Path) -> None:
    port = free_port()
    mail = "mail.corp.example"
    servers = "".join(
        SERVER.format(port=port, name=name, pair=pair(tmp_path, corp.leaf(name), corp.issuing))
        for name in (NAME, mail)
    )
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(NGINX.format(folder=tmp_path, servers=servers))
    start(["nginx", "-c", str(configuration), "-p", str(tmp_path)], "nginx-light", port)
    for name in (NAME, mail):
        outcome = check(f"{LOOPBACK}:{port}", name=name)
        assert (outcome.exit_code, outcome.codes) == (0, [])
        assert outcome.document["certificate"]["common_name"] == name
        assert outcome.document["handshake"]["tls_version"] == "TLSv1.3"
    outcome = check(f"{LOOPBACK}:{port}", name="other.corp.example")
    assert (outcome.exit_code, len(outcome.codes)) == (1, 2)


def test_without_the_intermediate(corp: Corp, check: Check, s_server: Callable[..., str]) -> None:
    outcome = check(s_server(corp.leaf(), above=()))
    assert (outcome.exit_code, outcome.codes) == (1, ["chain-incomplete error"])


def test_expired(corp: Corp, check: Check, s_server: Callable[..., str]) -> None:
    outcome = check(s_server(corp.leaf(days=9)))
    assert outcome.exit_code == 1
    assert "expired error" in outcome.codes


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_server_that_wants_a_certificate_too(
    corp: Corp, check: Check, s_server: Callable[..., str], version: str
) -> None:
    outcome = check(s_server(corp.leaf(), "-Verify", "1", version))
    assert (outcome.exit_code, outcome.codes) == (0, [])


def test_old_versions_only(corp: Corp, check: Check, s_server: Callable[..., str]) -> None:
    outcome = check(s_server(corp.leaf(), "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"))
    assert outcome.exit_code == 1
    assert "speaks neither TLS 1.2 nor TLS 1.3" in outcome.document["message"]


@pytest.mark.parametrize(
    ("answer", "options", "words"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", (), "answers, but not with TLS"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", (), "answers, but not with TLS"),
        (b"\x16\x03\x03\x40\x00" + bytes(70_000), (), "answers, but not with TLS"),
        (b"220 \xff\xfe\r\n221 bye\r\n", ("--starttls", "imap"), "but not with IMAP"),
        (b"", (), "did not answer within 10 seconds"),
        (b"", ("--starttls", "smtp"), "did not answer within 10 seconds"),
    ],
)
def test_what_is_no_tls_server(
    check: Check, answer: bytes, options: tuple[str, ...], words: str
) -> None:
    with serving(greeting(answer)) as port:
        begin = time.monotonic()
        outcome = check(f"{LOOPBACK}:{port}", *options)
        assert time.monotonic() - begin < 40
    assert outcome.exit_code == 1
    assert words in outcome.document["message"]
    assert outcome.document["remedy"]
