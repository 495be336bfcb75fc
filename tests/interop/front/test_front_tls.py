"""What the front's TLS accepts, asked by OpenSSL."""

import shutil
import ssl
import subprocess
from typing import Any

import pytest

from certwright.machine.client_hello import preferred_group


def _s_client(port: int, *options: str) -> str:
    """What `openssl s_client` tells; a missing openssl fails the test with the package's name."""
    assert shutil.which("openssl"), "Debian package openssl is missing"
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", *options]
    done = subprocess.run(command, input=b"", capture_output=True, timeout=30, check=False)
    return (done.stdout + done.stderr).decode(errors="replace")


@pytest.fixture
def ports(start_front: Any) -> tuple[int, int]:
    settings = start_front().settings
    return settings.configuration_port, settings.https_port


def test_tls_1_2_and_1_3_are_spoken(ports: tuple[int, int]) -> None:
    for port in ports:
        assert "Protocol  : TLSv1.2" in _s_client(port, "-tls1_2")
        assert "New, TLSv1.3" in _s_client(port, "-tls1_3")


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_older_versions_are_refused(ports: tuple[int, int], version: str) -> None:
    for port in ports:
        told = _s_client(port, version, "-cipher", "ALL:@SECLEVEL=0")
        assert "alert protocol version" in told


@pytest.mark.parametrize(
    "cipher",
    [
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-CHACHA20-POLY1305",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
    ],
)
def test_strong_ciphers_of_tls_1_2_are_taken(ports: tuple[int, int], cipher: str) -> None:
    assert f"Cipher    : {cipher}" in _s_client(ports[0], "-tls1_2", "-cipher", cipher)


@pytest.mark.parametrize(
    "cipher",
    ["ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES128-SHA", "AES128-GCM-SHA256", "AES128-SHA"],
)
def test_other_ciphers_of_tls_1_2_are_refused(ports: tuple[int, int], cipher: str) -> None:
    told = _s_client(ports[0], "-tls1_2", "-cipher", f"{cipher}:@SECLEVEL=0")
    assert "alert handshake failure" in told


@pytest.mark.parametrize(("group", "told"), [("X25519", "X25519"), ("P-256", "prime256v1")])
def test_groups_are_taken(ports: tuple[int, int], group: str, told: str) -> None:
    answer = _s_client(ports[0], "-tls1_3", "-groups", group)
    assert f"Server Temp Key: {told}" in answer or f"Server Temp Key: ECDH, {told}" in answer


@pytest.mark.parametrize("group", ["P-384", "P-521", "X448", "ffdhe2048"])
def test_other_groups_are_refused(ports: tuple[int, int], group: str) -> None:
    assert "alert handshake failure" in _s_client(ports[0], "-tls1_3", "-groups", group)


def test_renegotiation_is_refused(ports: tuple[int, int]) -> None:
    assert "Secure Renegotiation IS NOT supported" not in _s_client(ports[0], "-tls1_2")
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{ports[0]}", "-tls1_2"]
    done = subprocess.run(command, input=b"R\n", capture_output=True, timeout=30, check=False)
    assert b"no renegotiation" in done.stderr + done.stdout or done.returncode != 0


def test_application_protocols(ports: tuple[int, int], trusting: ssl.SSLContext) -> None:
    for offered, chosen in (("h2,http/1.1", "h2"), ("http/1.1", "http/1.1")):
        assert f"ALPN protocol: {chosen}" in _s_client(ports[1], "-alpn", offered)


def test_nothing_is_compressed_and_no_early_data_taken(ports: tuple[int, int]) -> None:
    told = _s_client(ports[0], "-tls1_3")
    assert "Compression: NONE" in told
    assert "Max Early Data: 0" in told or "Max Early Data" not in told


def test_hybrid_group_is_preferred(ports: tuple[int, int]) -> None:
    for port in ports:
        assert preferred_group("127.0.0.1", port, "localhost") == "X25519MLKEM768"
