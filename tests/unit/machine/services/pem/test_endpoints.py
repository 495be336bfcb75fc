"""Endpoints of pairs of files: their names, and what an administrator should know of them."""

from pathlib import Path

import pytest
from tests.unit.machine.services.materials import material

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.services.pem.endpoints import TlsServer, dns_names, endpoints_of
from certwright.machine.services.pem.files import PemFiles
from certwright.machine.services.service import Address, FoundEndpoint
from certwright.services.endpoints import parse_endpoint_name


def found(*servers: TlsServer) -> list[FoundEndpoint]:
    return [endpoint.found for endpoint in endpoints_of(servers)]


def server(certificate: Path, key: Path, *names: str) -> TlsServer:
    return TlsServer(names, (Address("127.0.0.1", 443),), PemFiles(certificate, key))


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    made = material()
    certificate, key = tmp_path / "site.pem", tmp_path / "site.key"
    certificate.write_text(f"# of today\n{made.chain}")
    key.write_text(made.private_key)
    key.chmod(0o600)
    return certificate, key


def test_certificate_that_lies_there_is_found(pair: tuple[Path, Path]) -> None:
    (endpoint,) = found(server(*pair, "a.example"))
    assert len(endpoint.thumbprint) == 40
    assert endpoint.certificate
    assert endpoint.notes == ()


def test_files_that_are_missing_empty_or_folders_are_told_of(tmp_path: Path) -> None:
    empty, folder = tmp_path / "empty.pem", tmp_path / "folder"
    empty.touch(0o600)
    folder.mkdir()
    for path in (tmp_path / "none.pem", empty, folder):
        (endpoint,) = found(server(path, path, "a.example"))
        assert (endpoint.thumbprint, endpoint.certificate) == ("", b"")
        (note,) = endpoint.notes
        assert str(path) in note


def test_key_that_everybody_may_read_is_told_of(pair: tuple[Path, Path]) -> None:
    pair[1].chmod(0o604)
    (endpoint,) = found(server(*pair, "a.example"))
    assert endpoint.notes == (
        f"Every account of this machine may read the private key in {pair[1]}.",
    )


def test_files_of_another_tool_are_told_of(pair: tuple[Path, Path], tmp_path: Path) -> None:
    live, archive = (tmp_path / "letsencrypt" / name for name in ("live", "archive"))
    for folder in (live, archive):
        folder.mkdir(parents=True)
    for path in pair:
        path.rename(archive / path.name)
        path.symlink_to(archive / path.name)
    (endpoint,) = found(server(*pair, "a.example"))
    assert endpoint.notes == ("certbot renews these files too; let only one of the two do it.",)


def test_key_that_several_certificates_share_is_told_of(pair: tuple[Path, Path]) -> None:
    certificate, key = pair
    other = certificate.with_name("other.pem")
    other.write_bytes(certificate.read_bytes())
    for endpoint in found(server(certificate, key, "a.example"), server(other, key, "b.example")):
        (note,) = endpoint.notes
        assert "share the private key" in note


def test_names_are_unique_and_stay_the_same(tmp_path: Path) -> None:
    servers = [
        server(tmp_path / folder / "Cert 1.pem", tmp_path / "x.key", *names)
        for folder, names in {
            "a": ["w.example"],
            "b": ["w.example"],
            "c": ["w.example"],
            "d": [],
        }.items()
    ]
    names = [endpoint.name for endpoint in found(*servers)]
    assert names == ["w.example", "w.example-cert-1", "w.example-cert-1-2", "cert-1"]
    assert [endpoint.name for endpoint in found(*servers)] == names


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        *(("A.Example", "a.example"), ("*.a.example", "*.a.example"), ("a.example.", "a.example")),
        *(("_", None), ("a*.example", None), ("~^a", None), ("", None), ("a..b", None)),
        *(("a" * 64, None), (".".join(["a" * 63] * 4), None), ("é.example", None), ("a b", None)),
    ],
)
def test_only_what_can_be_a_dns_name_is_one(name: str, kept: str | None) -> None:
    assert dns_names([name, name]) == ((kept,) if kept else ())


def test_so_many_servers_and_no_more(tmp_path: Path) -> None:
    one = server(tmp_path / "a.pem", tmp_path / "a.key", "a.example")
    assert len(found(*[one] * 5000)) == 1
    with pytest.raises(MachineError, match="more than 5000 servers") as refused:
        found(*[one] * 5001)
    assert refused.value.code is FailureCode.TOO_LARGE


def test_every_endpoint_has_a_name_that_it_can_be_called_by(tmp_path: Path) -> None:
    names = ("_dmarc.corp.example", ".".join(["a" * 60] * 4), "")
    servers = [
        server(
            tmp_path / f"{'x' * 200}{number}.pem", tmp_path / f"{number}.key", *filter(None, [one])
        )
        for number, one in enumerate(names * 2)
    ]
    found_names = [one.name for one in found(*servers)]
    assert len(set(found_names)) == len(servers)
    assert found_names[0] == "dmarc.corp.example"
    for name in found_names:
        assert parse_endpoint_name(f"nginx/{name}").label
