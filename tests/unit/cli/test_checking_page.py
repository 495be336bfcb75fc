"""Every command that docs/checking.md shows does what stands below it there."""

import re
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from certwright.x509.building import build_leaf
from certwright.x509.keys import KeyType, generate_private_key, private_key_to_pem
from certwright.x509.names import parse_server_name

from ..x509.pki import ADDRESSES, Authority
from .conftest import Certwright

PAGE = Path(__file__).parents[3] / "docs" / "checking.md"
SHOWN = re.findall(r"^\$ certwright (check .*)\n(.*)$", PAGE.read_text("utf-8"), re.M)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = Authority.root(days=36500)
    issuing = root.authority(days=36500)
    key = generate_private_key(KeyType.EC_P256)
    now = datetime.now(UTC)
    certificate = build_leaf(
        key.public_key(),
        [parse_server_name("todd.corp.example")],
        "todd.corp.example",
        issuing.certificate,
        issuing.key,
        not_before=now - timedelta(1),
        not_after=now + timedelta(46),
        serial=1,
        addresses=ADDRESSES,
    )
    above = issuing.certificate
    (tmp_path / "root.pem").write_text(root.certificate.pem)
    (tmp_path / "server.pem").write_text(certificate.pem + above.pem + private_key_to_pem(key))
    (tmp_path / "server.pfx").write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"todd",
            key,
            certificate.cryptography,
            [above.cryptography],
            BestAvailableEncryption(b"a password"),
        )
    )
    (tmp_path / "password.txt").write_text("a password\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_commands_are_shown() -> None:
    assert len(SHOWN) >= 6


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("command", "answer"), SHOWN)
def test_command_does_what_the_page_says(certwright: Certwright, command: str, answer: str) -> None:
    outcome = certwright(*shlex.split(command))
    assert outcome.output.splitlines()[0] == answer
    is_wrong = answer.startswith("Not right") or "--json" in command
    assert outcome.exit_code == (1 if is_wrong else 0)
