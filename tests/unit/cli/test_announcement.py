"""What a node tells on the terminal when it is up."""

from dataclasses import replace
from pathlib import Path

import pytest

from certwright.access.rights import Caller
from certwright.cli.announcement import announce
from certwright.lifecycle.activation import activate
from certwright.lifecycle.first_start import provide_certificate
from certwright.lifecycle.server import Server
from certwright.node.serving import Started
from certwright.node.settings import NodeSettings
from certwright.rules.environment import Environment
from certwright.services.endpoints import OwnEndpoint
from certwright.x509.reading import Bundle, read_bundle

from ..foreign_authority import ForeignAuthority, self_signed

NAMES = ["todd.corp.example"]


def started(server: Server, admin: Caller, data: Path, brought: Bundle | None = None) -> Started:
    made = provide_certificate(server, None if brought is None else lambda: brought)
    settings = NodeSettings(
        data=data,
        names=server.names,
        environment=server.environment,
        database=None,
        bind=("127.0.0.1",),
        ports=server.ports,
        upstream=None,
        certificate=None,
        certificate_password_file=None,
        admin_password_file=None,
        ready_file=None,
    )
    activations = tuple(activate(server, endpoint, admin) for endpoint in OwnEndpoint)
    return Started(server, settings, made, activations, None, 1.0)


def told(started: Started, capsys: pytest.CaptureFixture[str]) -> str:
    announce(started)
    return capsys.readouterr().out


def test_own_certificate_is_trusted_through_the_own_root(
    server: Server, admin: Caller, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = told(started(server, admin, tmp_path), capsys)
    assert "todd.corp.example is ready and proven" in text
    assert "a certificate for todd.corp.example, localhost" in text
    assert text.count(f"once they trust {tmp_path / 'root.pem'}") == 1


def test_brought_certificate_is_trusted_through_its_own_authority(
    server: Server,
    admin: Caller,
    company: ForeignAuthority,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    issued = company.issue(NAMES)
    bundle = read_bundle(issued.pem, None)
    text = told(started(server, admin, tmp_path, bundle), capsys)
    assert "Imported" in text
    assert f"A certificate of {issued.leaf.issuer_name} is served" in text
    assert "root.pem" not in text


def test_what_the_rules_object_to_is_told_beside_the_proof(
    server: Server, admin: Caller, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud = replace(server, environment=Environment.CLOUD)
    text = told(started(cloud, admin, tmp_path), capsys)
    assert "is ready and proven" in text
    assert "But " in text
    assert "public" in text
    assert "But " not in told(started(server, admin, tmp_path), capsys)


def test_self_signed_certificate_is_trusted_itself(
    server: Server, admin: Caller, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = read_bundle(self_signed(NAMES, server.now()).pem, None)
    assert "A self-signed certificate is served" in told(
        started(server, admin, tmp_path, bundle), capsys
    )


def test_file_that_no_longer_counts_is_told_of(
    server: Server, admin: Caller, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    provide_certificate(server, None)
    later = started(server, admin, tmp_path)
    assert "--certificate" not in told(later, capsys)
    settings = replace(later.settings, certificate=tmp_path / "server.pfx")
    assert "--certificate counts at a first start only" in told(
        replace(later, settings=settings), capsys
    )
