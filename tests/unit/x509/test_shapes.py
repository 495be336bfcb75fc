"""One certificate and its key in every shape that people have them in."""

import base64
import hashlib
import hmac
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from certwright.errors import CertwrightError
from certwright.x509.ber import parse_ber
from certwright.x509.reading import Bundle, read_bundle

from ...faults.bombs import element, pbmac1


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With key (PKCS#8) and certificate, made by openssl."""
    made = tmp_path_factory.mktemp("openssl")
    command = [
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=todd"),
        *("-addext", "subjectAltName=DNS:todd.corp.example"),
        *("-keyout", "key.pem", "-out", "certificate.pem"),
    ]
    subprocess.run(command, cwd=made, check=True, capture_output=True)
    return made


@pytest.fixture(scope="module")
def text(folder: Path) -> bytes:
    """Certificate and key in one PEM file."""
    return (folder / "certificate.pem").read_bytes() + (folder / "key.pem").read_bytes()


def openssl(folder: Path, line: str) -> bytes:
    done = subprocess.run(["openssl", *line.split()], cwd=folder, check=True, capture_output=True)
    return done.stdout


def is_whole(bundle: Bundle) -> bool:
    return bundle.leaf.common_name == "todd" and bundle.private_key is not None


def notes_around(text: bytes) -> bytes:
    certificate, _, key = text.partition(b"-----BEGIN PRIVATE KEY")
    return (
        b"Dear colleague,\r\nhere is the key:\r\n\r\n-----BEGIN PRIVATE KEY"
        + key
        + b"subject=CN = todd\n\n\n"
        + certificate
        + b"\nKind regards\n-- \nTodd ---- IT\n"
    )


TEXTS: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda text: text,
    "CRLF": lambda text: text.replace(b"\n", b"\r\n"),
    "CR": lambda text: text.replace(b"\n", b"\r"),
    "UTF-8 with its mark": lambda text: b"\xef\xbb\xbf" + text,
    "UTF-16 little-endian (Notepad)": lambda text: text.decode().encode("utf-16"),
    "UTF-16 big-endian": lambda text: b"\xfe\xff" + text.decode().encode("utf-16-be"),
    "UTF-16 without its mark": lambda text: text.decode().encode("utf-16-le"),
    "spaces in front": lambda text: b"    " + text.replace(b"\n", b"\n    "),
    "tabs and spaces behind": lambda text: text.replace(b"\n", b" \t\n"),
    "empty lines between": lambda text: text.replace(b"\n", b"\n\n"),
    "each block on one line": lambda text: text.replace(b"\n", b""),
    "ends of lines spelled out": lambda text: text.replace(b"\n", b"\\n"),
    "text around, key first": notes_around,
    "all in Base64": base64.b64encode,
}


@pytest.mark.parametrize("shape", TEXTS)
def test_text_is_read(shape: str, text: bytes) -> None:
    assert is_whole(read_bundle(TEXTS[shape](text), None))


@pytest.mark.parametrize("width", [64, 76, 10_000])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_base64_without_begin_line_is_read(folder: Path, width: int, end: bytes) -> None:
    der = base64.b64encode(openssl(folder, "x509 -in certificate.pem -outform DER"))
    lines = end.join(der[start : start + width] for start in range(0, len(der), width))
    assert read_bundle(lines + end, None).leaf.common_name == "todd"


@pytest.mark.parametrize(
    "line",
    [
        "pkey -in key.pem",
        "pkey -in key.pem -outform DER",
        "rsa -in key.pem -traditional",
        "rsa -in key.pem -traditional -outform DER",
        "rsa -in key.pem -traditional -des3 -passout pass:x",
        "rsa -in key.pem -traditional -aes128 -passout pass:x",
        "pkcs8 -topk8 -in key.pem -passout pass:x",
        "pkcs8 -topk8 -in key.pem -outform DER -passout pass:x",
        "pkcs8 -topk8 -in key.pem -v1 PBE-SHA1-3DES -passout pass:x",
        "pkcs8 -topk8 -in key.pem -v2 aes-128-cbc -v2prf hmacWithSHA512 -passout pass:x",
        "pkcs8 -topk8 -in key.pem -scrypt -passout pass:x",
        "ecparam -genkey -name prime256v1",
        "ecparam -genkey -name secp384r1 -noout -outform DER",
        "genpkey -algorithm ED25519",
    ],
)
def test_key_is_read(folder: Path, line: str) -> None:
    password = "x" if "pass:x" in line else None
    assert len(read_bundle(openssl(folder, line), password).private_keys) == 1


@pytest.mark.parametrize(
    "options",
    [
        "",
        "-macalg sha1",
        "-macalg sha512",
        "-legacy",
        "-legacy -descert",
        # What Windows writes beside a key: its provider, and whose key set it lies in.
        "-legacy -iter 2000 -LMK -CSP Microsoft_RSA_SChannel_Cryptographic_Provider",
        "-keypbe AES-256-CBC -certpbe AES-256-CBC -macalg sha256 -iter 2000 -LMK",
        "-nomac",
    ],
)
def test_pfx_is_read_with_its_friendly_name(folder: Path, options: str) -> None:
    pfx = openssl(
        folder,
        "pkcs12 -export -in certificate.pem -inkey key.pem -name Todd -passout pass:x " + options,
    )
    bundle = read_bundle(pfx, "x")
    assert is_whole(bundle)
    assert dict(bundle.friendly_names) == {bundle.leaf.fingerprint: "Todd"}


@pytest.mark.parametrize("made_with", ["", "x"])
@pytest.mark.parametrize("given", [None, "", "x", "y"])
def test_empty_and_missing_password_are_one(
    folder: Path, made_with: str, given: str | None
) -> None:
    pfx = openssl(
        folder, f"pkcs12 -export -in certificate.pem -inkey key.pem -passout pass:{made_with}"
    )
    if (given or "") == made_with:
        assert is_whole(read_bundle(pfx, given))
    else:
        with pytest.raises(CertwrightError, match="does not open" if given else "none was given"):
            read_bundle(pfx, given)


def test_pfx_with_a_mac_of_rfc_9579_is_read(folder: Path) -> None:
    pfx = openssl(
        folder,
        "pkcs12 -export -in certificate.pem -inkey key.pem -nomac -passout pass:x",
    )
    assert is_whole(read_bundle(with_pbmac1(pfx, "x"), "x"))
    with pytest.raises(CertwrightError, match="does not open the PFX file"):
        read_bundle(with_pbmac1(pfx, "y"), "x")


def with_pbmac1(pfx: bytes, password: str) -> bytes:
    version, safe = parse_ber(pfx).children
    authenticated = safe.children[1].children[0].content
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), b"salt", 1000, 64)
    mac = hmac.digest(key, authenticated, "sha512")
    return element(0x30, version.encoded, safe.encoded, pbmac1(1000).replace(bytes(64), mac))


@pytest.mark.parametrize("wrapped", ["DER", "PEM"])
def test_p7b_is_read(folder: Path, wrapped: str) -> None:
    line = f"crl2pkcs7 -nocrl -certfile certificate.pem -outform {wrapped}"
    bundle = read_bundle(openssl(folder, line), None)
    assert bundle.format == "PKCS#7"
    assert bundle.leaf.common_name == "todd"
