"""The script that docs/authorities.md shows for `openssl ca`, with Debian's openssl."""

import os
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from certwright.authorities.authority import (
    CertificateRequest,
    IssuanceFailed,
    IssuedCertificate,
    Memory,
    Progress,
    request_for,
)
from certwright.authorities.command import CommandAuthority, CommandSettings
from certwright.lifecycle.first_start import keep_issued
from certwright.x509.chains import verify_chain
from certwright.x509.keys import KeyType, generate_private_key
from certwright.x509.names import parse_server_name

PAGE = Path(__file__).parents[3] / "docs" / "authorities.md"
FOLDER = "/srv/corp-ca"
NAMES = ("todd.corp.example", "192.0.2.7")


def shown(kind: str, holding: str) -> str:
    """The block of the page that is of `kind` and holds a word."""
    blocks: list[str] = re.findall(rf"```{kind}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (block,) = [one for one in blocks if holding in one]
    assert FOLDER in block
    return block


def openssl(*arguments: str) -> None:
    try:
        made = subprocess.run(
            ["openssl", *arguments], capture_output=True, text=True, check=False, timeout=30
        )
    except FileNotFoundError:
        pytest.fail("The Debian package openssl is not installed.")
    assert made.returncode == 0, made.stderr


@pytest.fixture
def authority(tmp_path: Path, database: Engine) -> CommandAuthority:
    folder = tmp_path / "corp-ca"
    for name in ("requests", "certificates"):
        (folder / name).mkdir(parents=True)
    (folder / "index.txt").touch()
    (folder / "openssl.cnf").write_text(
        shown("ini", "copy_extensions").replace(FOLDER, str(folder))
    )
    openssl(
        *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"),
        *("-days", "3650", "-subj", "/O=Corp/CN=Corp Root"),
        *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
        *("-keyout", str(folder / "ca.key"), "-out", str(folder / "ca.pem")),
    )
    script = tmp_path / "sign-with-openssl"
    script.write_text(shown("sh", "openssl ca").replace(FOLDER, str(folder)))
    script.chmod(0o755)
    command = (str(script),)
    return CommandAuthority(
        "corp-ca", CommandSettings(command), frozenset({command}), database, os.urandom, keep_issued
    )


def wanted() -> CertificateRequest:
    names = tuple(map(parse_server_name, NAMES))
    return request_for(generate_private_key(KeyType.EC_P256), names, timedelta(days=30), "ada")


def test_it_signs_what_was_asked_for_once(authority: CommandAuthority, tmp_path: Path) -> None:
    request, now = wanted(), datetime.now(UTC)
    kept: list[Memory] = []
    issued = authority.issue(request, Progress(remember=kept.append), now)
    assert isinstance(issued, IssuedCertificate)
    assert issued.leaf.names == NAMES
    assert issued.leaf.common_name == NAMES[0]
    assert issued.root is not None
    assert issued.root.common_name == "Corp Root"
    at = now + timedelta(days=29)
    assert verify_chain(issued.leaf, (), [issued.root], request.names[0], at).ok
    without_answer = {"request": kept[0]["request"]}  # as if the node was killed meanwhile
    assert authority.issue(request, Progress(without_answer), now) == issued
    assert len(list((tmp_path / "corp-ca" / "certificates").iterdir())) == 1


def test_it_says_what_openssl_says_when_it_cannot_sign(
    authority: CommandAuthority, tmp_path: Path
) -> None:
    (tmp_path / "corp-ca" / "ca.key").unlink()
    with pytest.raises(IssuanceFailed, match=r"ended with the code 1: .*ca\.key"):
        authority.issue(wanted(), Progress(), datetime.now(UTC))
