"""Exporting: who may, what goes with it, and what is on record afterwards."""

from io import BytesIO
from zipfile import ZipFile

import pytest

from certwright.access.rights import Caller, Right
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import latest_events
from certwright.lifecycle.exporting import ExportedFile, export_certificate, export_set
from certwright.lifecycle.importing import ImportFile, import_files
from certwright.lifecycle.server import Server
from certwright.x509.keys import key_fingerprint
from certwright.x509.reading import read_bundle
from certwright.x509.writing.formats import ExportFormat
from certwright.x509.writing.sets.ready_set import ReadySet

from ..foreign_authority import ForeignAuthority, Issued

PASSWORD = "correct horse"
BELOW_ADMIN = [right for right in Right if right < Right.ADMIN]


def bring(server: Server, content: bytes, admin: Caller, *, exportable: bool = True) -> None:
    import_files(
        server,
        [ImportFile("", content)],
        None,
        friendly_name="",
        caller=admin,
        exportable=exportable,
    )


@pytest.fixture
def issued(server: Server, company: ForeignAuthority, admin: Caller) -> Issued:
    """A certificate in Personal, what stands above it brought before, by itself."""
    made = company.issue(["todd.corp.example"])
    bring(server, "".join(one.pem for one in made.chain).encode(), admin)
    bring(server, Issued(made.leaf, made.key, ()).pem, admin)
    return made


def exported(
    server: Server,
    issued: Issued,
    caller: Caller,
    file_format: ExportFormat = ExportFormat.PFX,
    *,
    with_key: bool = True,
    password: str | None = PASSWORD,
) -> ExportedFile:
    return export_certificate(
        server,
        issued.leaf.thumbprint[:10],
        file_format,
        with_key=with_key,
        password=password,
        caller=caller,
    )


def key_events(server: Server) -> list[tuple[str, str, str]]:
    return [
        (one.actor, one.subject, one.message)
        for one in latest_events(server, 50)
        if one.kind == "private-key-exported"
    ]


def test_chain_is_completed_from_the_stores(server: Server, issued: Issued, admin: Caller) -> None:
    file = exported(server, issued, admin)
    assert (file.name, file.media_type) == ("todd.corp.example.pfx", "application/x-pkcs12")
    bundle = read_bundle(file.content, PASSWORD)
    assert bundle.leaf == issued.leaf
    assert set(bundle.others) == set(issued.chain)
    assert bundle.private_key is not None
    assert key_fingerprint(bundle.private_key.public_key()) == issued.leaf.key_fingerprint
    assert PASSWORD not in repr(file)


def test_key_that_leaves_is_on_record(server: Server, issued: Issued, admin: Caller) -> None:
    exported(server, issued, admin)
    told = f"{issued.leaf.name_on_record} exported with its private key, as PFX"
    assert key_events(server) == [("ada", issued.leaf.fingerprint, told)]


def test_set_is_on_record_too(server: Server, issued: Issued, admin: Caller) -> None:
    identifier = issued.leaf.fingerprint
    file = export_set(server, identifier, ReadySet.NGINX, password=None, caller=admin)
    assert (file.name, file.media_type) == ("todd.corp.example-nginx.zip", "application/zip")
    with ZipFile(BytesIO(file.content)) as archive:
        pair = b"".join(
            archive.read(f"todd.corp.example/todd.corp.example.{end}") for end in ("crt", "key")
        )
    assert read_bundle(pair, None).private_key is not None
    assert key_events(server)[0][2].endswith("with its private key, as the set for nginx")


@pytest.mark.parametrize("right", BELOW_ADMIN)
def test_key_needs_admin(server: Server, issued: Issued, right: Right) -> None:
    caller = Caller("bob", right)
    with pytest.raises(CertwrightError) as error:
        exported(server, issued, caller)
    assert error.value.code is ErrorCode.NOT_PERMITTED
    with pytest.raises(CertwrightError) as error:
        export_set(server, issued.leaf.thumbprint, ReadySet.SAP_PSE, password="x", caller=caller)
    assert error.value.code is ErrorCode.NOT_PERMITTED
    assert key_events(server) == []


@pytest.mark.parametrize("file_format", ExportFormat)
def test_without_the_key_read_is_enough(
    server: Server, issued: Issued, file_format: ExportFormat
) -> None:
    reader = Caller("eve", Right.READ)
    before = latest_events(server, 50)
    file = exported(server, issued, reader, file_format, with_key=False, password=None)
    bundle = read_bundle(file.content, None)
    assert bundle.leaf == issued.leaf
    assert bundle.private_keys == ()
    assert latest_events(server, 50) == before


def test_missing_key_is_said(server: Server, company: ForeignAuthority, admin: Caller) -> None:
    made = company.issue(["keyless.corp.example"])
    bring(server, made.pem_without_key, admin)
    with pytest.raises(CertwrightError) as error:
        exported(server, made, admin)
    assert error.value.code is ErrorCode.NO_PRIVATE_KEY
    assert key_events(server) == []


def test_key_that_was_imported_to_stay_stays(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    made = company.issue(["stays.corp.example"])
    bring(server, made.pem, admin, exportable=False)
    with pytest.raises(CertwrightError) as error:
        exported(server, made, admin)
    assert error.value.code is ErrorCode.KEY_NOT_EXPORTABLE
    assert "never leaves this node" in error.value.message
    with pytest.raises(CertwrightError) as error:
        export_set(server, made.leaf.fingerprint, ReadySet.NGINX, password=None, caller=admin)
    assert error.value.code is ErrorCode.KEY_NOT_EXPORTABLE
    assert key_events(server) == []
    # Nor does bringing it again change that.
    bring(server, made.pem, admin)
    with pytest.raises(CertwrightError):
        exported(server, made, admin)
    assert exported(server, made, admin, with_key=False).content


def test_export_that_fails_is_not_on_record(server: Server, issued: Issued, admin: Caller) -> None:
    with pytest.raises(CertwrightError) as error:
        exported(server, issued, admin, password=None)
    assert error.value.code is ErrorCode.INVALID_INPUT
    assert key_events(server) == []
