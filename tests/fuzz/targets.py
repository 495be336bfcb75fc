"""What is fuzzed: each importer, and what is done with a certificate that was imported.

A target takes any bytes, and fails where the program would: by any error but `CertwrightError`
(`UnusableAnswer` for what authorities answer), or by taking longer than 2 s.
"""

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha1
from itertools import chain
from pathlib import Path

import cryptography_vectors
from tests.processor import is_within

from certwright.errors import CertwrightError
from certwright.x509.asn1_tree import asn1_tree
from certwright.x509.ber import BerError, Element, first_flaw, parse_ber
from certwright.x509.certificate import Certificate
from certwright.x509.jks import JKS_MAGIC
from certwright.x509.ocsp import judge_ocsp_response
from certwright.x509.pem import pem_blocks
from certwright.x509.reading import LARGEST_FILE, read_bundle
from certwright.x509.revocation_answer import UnusableAnswer
from certwright.x509.revocation_by_list import judge_revocation_list

from .showing import show

VECTORS = Path(cryptography_vectors.__file__).parent
OWN = Path(__file__).parents[1] / "vectors" / "files"
LONGEST_SECONDS = 2
LONGEST_SENTENCE = 1000
PASSWORD = "password"
_AT = datetime(2018, 10, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Target:
    """`run` fails where the program would; `seeds` are good inputs to begin from."""

    run: Callable[[bytes], None]
    seeds: Callable[[], Iterator[bytes]]

    def try_one(self, data: bytes) -> None:
        """Run it on `data`, and fail too if that takes too much of the processor's time."""
        started = time.process_time()
        self.run(data)
        seconds = time.process_time() - started
        assert is_within(seconds, LONGEST_SECONDS), f"{seconds:.1f} s"


def _read(data: bytes) -> None:
    for password in (None, PASSWORD):
        try:
            bundle = read_bundle(data, password)
        except CertwrightError as error:
            _check_sentences(error.message, error.remedy)
        else:
            assert bundle.certificates or bundle.private_keys


def _check_sentences(*texts: str) -> None:
    for text in texts:
        assert text.isprintable(), ascii(text)
        assert text.endswith("."), text
        assert len(text) < LONGEST_SENTENCE, text


def _read_bags(data: bytes) -> None:
    """A PFX without MAC around `data`: what a MAC would keep the mutations away from."""
    safe = _wrapped(0x30, _DATA + _wrapped(0xA0, _wrapped(0x04, data)))
    _read(_wrapped(0x30, b"\x02\x01\x03" + safe))


def _read_java_entries(data: bytes) -> None:
    """A Java key store with the right digest at its end, for the same reason."""
    store = JKS_MAGIC + data
    secret = PASSWORD.encode("utf-16-be") + b"Mighty Aphrodite"
    _read(store + sha1(secret + store).digest())  # noqa: S324 - the format's own


def _walk(data: bytes) -> None:
    first_flaw(data)
    asn1_tree(data)
    try:
        waiting: list[Element] = [parse_ber(data)]
        while waiting:
            element = waiting.pop()
            _ = element.identifier, element.number, element.octets
            waiting += element.children
    except BerError:
        return


def _show(data: bytes) -> None:
    try:
        certificate = Certificate.from_der(data)
    except CertwrightError:
        return
    show(certificate, (certificate,))


def _judge_answers(data: bytes) -> None:
    leaf, issuer = _asked_about()
    try:
        judge_revocation_list(data, leaf, issuer, _AT)
    except UnusableAnswer as unusable:
        _check_sentences(str(unusable))
    try:
        judge_ocsp_response(data, leaf, issuer, b"", _AT)
    except UnusableAnswer as unusable:
        _check_sentences(str(unusable))


def _asked_about() -> tuple[Certificate, Certificate]:
    blocks = pem_blocks((VECTORS / "x509" / "cryptography.io.chain.pem").read_bytes())
    leaf, issuer = (Certificate.from_der(block.der) for block in blocks)
    return leaf, issuer


def _files(*patterns: str) -> Iterator[bytes]:
    for folder in (VECTORS, OWN):
        for file in sorted(chain.from_iterable(folder.rglob(pattern) for pattern in patterns)):
            # PKITS has 405 files that differ little.
            content = b"" if "PKITS" in file.parts else file.read_bytes()
            if 0 < len(content) < LARGEST_FILE // 16:
                yield content


def _certificates() -> Iterator[bytes]:
    for data in _files("x509/**/*.pem"):
        for block in pem_blocks(data):
            try:
                yield block.der
            except CertwrightError:
                continue


def _pfx_files() -> Iterator[bytes]:
    """Of every kind, with one round of derivation: the usual 2,048 leave no time for mutations."""
    with tempfile.TemporaryDirectory(prefix="certwright-fuzz-") as folder:
        command = [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-subj", "/CN=todd.corp.example", "-keyout", "key", "-out", "certificate"),
        ]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        for options in _PFX_OPTIONS:
            command = [
                *("openssl", "pkcs12", "-export", "-in", "certificate", "-inkey", "key", "-iter"),
                *("1", "-name", "todd", "-passout", f"pass:{PASSWORD}", *options.split()),
            ]
            done = subprocess.run(command, cwd=folder, check=True, capture_output=True)
            yield done.stdout


def _bags() -> Iterator[bytes]:
    for data in _pfx_files():
        try:
            yield parse_ber(data).children[1].children[1].children[0].octets
        except (BerError, IndexError):
            continue


def _java_entries() -> Iterator[bytes]:
    for data in _files("*.jks"):
        yield data[len(JKS_MAGIC) : -20]
    for certificate in list(_certificates())[:20]:
        entry = b"\0\0\0\2\0\1a" + bytes(8) + b"\0\5X.509"
        yield b"\0\0\0\2\0\0\0\1" + entry + len(certificate).to_bytes(4, "big") + certificate


def _wrapped(tag: int, content: bytes) -> bytes:
    return bytes([tag, 0x84]) + len(content).to_bytes(4, "big") + content


_DATA = bytes.fromhex("06092a864886f70d010701")
_PFX_OPTIONS = (
    "",
    "-legacy",
    "-legacy -descert",
    "-keypbe NONE -certpbe NONE",
    "-keypbe PBE-SHA1-RC2-128 -certpbe PBE-SHA1-2DES -legacy -macalg sha1",
    "-nomac",
    "-keypbe NONE -certpbe NONE -nomac",
)

TARGETS = {
    "pem": Target(_read, lambda: _files("*.pem", "*.key", "*.txt")),
    "der": Target(_read, lambda: _files("*.der", "*.crt", "*.crl")),
    "pkcs12": Target(_read, _pfx_files),
    "pkcs12-bags": Target(_read_bags, _bags),
    "pkcs7": Target(_read, lambda: _files("pkcs7/*", "*.p7b")),
    "jks": Target(_read_java_entries, _java_entries),
    "ber": Target(_walk, lambda: _files("*.der", "*.p12")),
    "certificate": Target(_show, _certificates),
    "revocation": Target(_judge_answers, lambda: _files("ocsp/*.der", "*crl*.pem", "*crl*.der")),
}
