"""`certwright check --revocation` against openssl's OCSP responder, and lists over HTTP."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID
from tests.interop.check.conftest import Check, Corp
from tests.interop.servers import LOOPBACK, free_port
from tests.unit.cli.check_files import Made, elliptic, pem

ALLOWED = ("--revocation", "--allow-private-addresses")


@pytest.fixture
def published() -> Iterator[tuple[str, dict[str, bytes]]]:
    """An HTTP server's address, and what it gives out by path."""
    files: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = files.get(self.path)
            self.send_response(404 if content is None else 200)
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://{LOOPBACK}:{server.server_address[1]}", files
    server.shutdown()
    server.server_close()
    thread.join()


def list_at(url: str) -> tuple[x509.CRLDistributionPoints, bool]:
    place = [x509.UniformResourceIdentifier(url)]
    return x509.CRLDistributionPoints([x509.DistributionPoint(place, None, None, None)]), False


def responder_at(url: str) -> tuple[x509.AuthorityInformationAccess, bool]:
    place = x509.UniformResourceIdentifier(url)
    description = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, place)
    return x509.AuthorityInformationAccess([description]), False


def revocation_list(
    issuer: Made, *revoked: Made, key: Any = None, made: datetime | None = None
) -> bytes:
    made = made or datetime.now(UTC) - timedelta(hours=1)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(made)
        .next_update(made + timedelta(7))
    )
    for one in revoked:
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(one.certificate.serial_number)
            .revocation_date(made)
            .add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
        )
        builder = builder.add_revoked_certificate(entry.build())
    signed = builder.sign(key or issuer.key, hashes.SHA256())
    return signed.public_bytes(Encoding.DER)


def written(folder: Path, leaf: Made, corp: Corp) -> Path:
    file = folder / "server.pem"
    file.write_bytes(pem(leaf, corp.issuing))
    return file


def of_leaf(document: Any) -> list[str]:
    return [one["message"] for one in document["findings"] if "above it" not in one["message"]]


def test_list(
    corp: Corp, check: Check, published: tuple[str, dict[str, bytes]], tmp_path: Path
) -> None:
    address, files = published
    good, bad = (corp.leaf("todd.corp.example", list_at(f"{address}/crl")) for _ in range(2))
    files["/crl"] = revocation_list(corp.issuing, bad)
    outcome = check(written(tmp_path, good, corp), *ALLOWED)
    assert (outcome.exit_code, of_leaf(outcome.document)) == (0, [])
    assert outcome.document["revocation"][0]["state"] == "good"
    outcome = check(written(tmp_path, bad, corp), *ALLOWED)
    assert outcome.exit_code == 1
    (message,) = of_leaf(outcome.document)
    assert message.startswith("Its authority revoked it on ")
    assert message.endswith(", reason keyCompromise (says its CRL).")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda _: None, "answers with HTTP status 404"),
        (lambda _: b"<html>", "no revocation list"),
        (
            lambda corp: revocation_list(corp.issuing, key=elliptic()),
            "is not signed with Corp Issuing's key",
        ),
        (
            lambda corp: revocation_list(corp.issuing, made=datetime.now(UTC) - timedelta(30)),
            "The revocation list was good until",
        ),
    ],
    ids=["missing", "a page", "forged", "old"],
)
def test_list_that_says_nothing(
    corp: Corp,
    check: Check,
    published: tuple[str, dict[str, bytes]],
    tmp_path: Path,
    content: Callable[[Corp], bytes | None],
    words: str,
) -> None:
    address, files = published
    given = content(corp)
    if given is not None:
        files["/crl"] = given
    leaf = corp.leaf("todd.corp.example", list_at(f"{address}/crl"))
    outcome = check(written(tmp_path, leaf, corp), *ALLOWED)
    assert outcome.exit_code == 0
    (message,) = of_leaf(outcome.document)
    assert message.startswith("Whether it was revoked could not be found out. ")
    assert words in message


def test_own_network_is_not_asked_unless_allowed(
    corp: Corp, check: Check, published: tuple[str, dict[str, bytes]], tmp_path: Path
) -> None:
    address, files = published
    leaf = corp.leaf("todd.corp.example", list_at(f"{address}/crl"))
    files["/crl"] = revocation_list(corp.issuing, leaf)
    outcome = check(written(tmp_path, leaf, corp), "--revocation")
    (message,) = of_leaf(outcome.document)
    assert "which is not an address of the Internet" in message


def test_not_asked_unless_wanted(corp: Corp, check: Check, tmp_path: Path) -> None:
    leaf = corp.leaf("todd.corp.example", list_at("http://127.0.0.1:1/crl"))
    outcome = check(written(tmp_path, leaf, corp))
    assert (outcome.exit_code, outcome.codes) == (0, [])
    assert outcome.document["revocation"] == []


@pytest.fixture
def responder(corp: Corp, tmp_path: Path) -> Iterator[Callable[[int, str], None]]:
    """openssl's OCSP responder on a port, with the lines of its index."""
    running: list[subprocess.Popen[str]] = []

    def respond(port: int, index: str) -> None:
        (tmp_path / "index").write_text(index)
        issuing = tmp_path / "issuing.pem"
        issuing.write_bytes(corp.issuing.pem + corp.issuing.key_pem())
        command = ["openssl", "ocsp", "-index", str(tmp_path / "index"), "-CA", str(issuing)]
        command += ["-rsigner", str(issuing), "-rkey", str(issuing), "-port", str(port)]
        process = subprocess.Popen(
            [*command, "-ndays", "1"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        running.append(process)
        # It answers one at a time, and a connection only to look would keep it from the next.
        assert process.stdout is not None
        assert process.stdout.readline().startswith("ACCEPT")

    yield respond
    for process in running:
        process.kill()
        process.communicate(timeout=20)


def test_responder(
    corp: Corp, check: Check, responder: Callable[[int, str], None], tmp_path: Path
) -> None:
    port = free_port()
    address = responder_at(f"http://{LOOPBACK}:{port}/")
    good, bad, unknown = (corp.leaf("todd.corp.example", address) for _ in range(3))
    responder(port, index_line("V", good) + index_line("R", bad))
    outcome = check(written(tmp_path, good, corp), *ALLOWED)
    assert (outcome.exit_code, of_leaf(outcome.document)) == (0, [])
    outcome = check(written(tmp_path, bad, corp), *ALLOWED)
    assert outcome.exit_code == 1
    assert of_leaf(outcome.document)[0].endswith("reason keyCompromise (says its OCSP).")
    outcome = check(written(tmp_path, unknown, corp), *ALLOWED)
    assert (outcome.exit_code, of_leaf(outcome.document)) == (
        0,
        ["Its authority does not know it (says its OCSP)."],
    )


def index_line(state: str, leaf: Made) -> str:
    number = f"{leaf.certificate.serial_number:X}"
    serial = number.zfill(len(number) + len(number) % 2)
    until = f"{leaf.certificate.not_valid_after_utc:%y%m%d%H%M%SZ}"
    revoked = f"{datetime.now(UTC) - timedelta(1):%y%m%d%H%M%SZ},keyCompromise"
    return f"{state}\t{until}\t{revoked if state == 'R' else ''}\t{serial}\tunknown\t/CN=x\n"
