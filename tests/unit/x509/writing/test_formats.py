"""What is written is read back as it was, and what cannot be right is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.keys import KeyType, private_key_to_der
from certwright.x509.reading import read_bundle
from certwright.x509.writing.formats import ExportFormat, write_certificate

from ...foreign_authority import Issued, self_signed
from .conftest import AT

PASSWORD = "correct horse"
KEY_FORMATS = [one for one in ExportFormat if one.may_hold_key]
_TYPED = st.characters(exclude_characters="\0", codec="utf-8")
_SAMPLE = self_signed(["todd.corp.example"], AT)


def written(
    issued: Issued,
    file_format: ExportFormat,
    password: str | None = None,
    *,
    key: bool = False,
    name: str = "Todd's own",
    older: bool = False,
) -> bytes:
    return write_certificate(
        file_format,
        issued.leaf,
        issued.chain,
        issued.key if key else None,
        password,
        name,
        older_encryption=older,
    )


def refusal(issued: Issued, *arguments: object, **options: object) -> CertwrightError:
    with pytest.raises(CertwrightError) as error:
        written(issued, *arguments, **options)  # type: ignore[arg-type]
    assert error.value.code is ErrorCode.INVALID_INPUT
    return error.value


@pytest.mark.parametrize("file_format", KEY_FORMATS)
def test_key_and_chain_come_back(issued: Issued, file_format: ExportFormat) -> None:
    bundle = read_bundle(written(issued, file_format, PASSWORD, key=True), PASSWORD)
    assert bundle.leaf == issued.leaf
    assert bundle.private_key is not None
    assert private_key_to_der(bundle.private_key) == private_key_to_der(issued.key)
    root_too = file_format is not ExportFormat.PEM
    assert set(bundle.others) == set(issued.chain if root_too else issued.chain[:1])


@pytest.mark.parametrize("file_format", KEY_FORMATS)
def test_key_opens_with_its_password_only(issued: Issued, file_format: ExportFormat) -> None:
    content = written(issued, file_format, PASSWORD, key=True)
    assert private_key_to_der(issued.key) not in content
    for wrong in ("Correct horse", None):
        with pytest.raises(CertwrightError) as error:
            read_bundle(content, wrong)
        assert error.value.code is ErrorCode.WRONG_PASSWORD


@pytest.mark.parametrize("file_format", ExportFormat)
def test_without_the_key_there_is_none(issued: Issued, file_format: ExportFormat) -> None:
    bundle = read_bundle(written(issued, file_format), None)
    assert bundle.leaf == issued.leaf
    assert bundle.private_keys == ()


def test_pem_is_in_the_order_that_servers_send(issued: Issued) -> None:
    text = written(issued, ExportFormat.PEM).decode("ascii")
    assert text == issued.leaf.pem + issued.chain[0].pem


def test_root_by_itself_is_written(issued: Issued) -> None:
    root = issued.chain[-1]
    assert write_certificate(ExportFormat.PEM, root, (), None, None, "") == root.pem.encode()
    assert write_certificate(ExportFormat.DER, root, (), None, None, "") == root.der


def test_p7b_and_trusting_stores_hold_the_whole_chain(issued: Issued) -> None:
    for file_format in (ExportFormat.P7B, ExportFormat.PFX, ExportFormat.JKS):
        bundle = read_bundle(written(issued, file_format), None)
        assert set(bundle.certificates) == {issued.leaf, *issued.chain}


def test_pem_key_without_password_is_for_a_server_to_start_with(issued: Issued) -> None:
    content = written(issued, ExportFormat.PEM, key=True)
    assert b"BEGIN PRIVATE KEY" in content
    assert read_bundle(content, None).private_key is not None


def test_pfx_is_encrypted_as_today_or_as_before(issued: Issued) -> None:
    aes_256 = bytes.fromhex("060960864801650304012a")
    pbkdf2 = bytes.fromhex("06092a864886f70d01050c")
    triple_des = bytes.fromhex("060a2a864886f70d010c0103")
    today = written(issued, ExportFormat.PFX, PASSWORD, key=True)
    assert aes_256 in today
    assert pbkdf2 in today
    assert triple_des not in today
    older = written(issued, ExportFormat.PFX, PASSWORD, key=True, older=True)
    assert triple_des in older
    assert aes_256 not in older


@pytest.mark.parametrize("file_format", [ExportFormat.PFX, ExportFormat.JKS])
def test_key_store_needs_a_password(issued: Issued, file_format: ExportFormat) -> None:
    for password in (None, ""):
        assert "needs a password" in refusal(issued, file_format, password, key=True).message


@pytest.mark.parametrize("file_format", [ExportFormat.P7B, ExportFormat.DER])
def test_format_without_keys_gets_none(issued: Issued, file_format: ExportFormat) -> None:
    assert "cannot hold" in refusal(issued, file_format, PASSWORD, key=True).message


@pytest.mark.parametrize("file_format", [ExportFormat.PEM, ExportFormat.P7B, ExportFormat.DER])
def test_password_that_protects_nothing_is_refused(
    issued: Issued, file_format: ExportFormat
) -> None:
    assert "protect nothing" in refusal(issued, file_format, PASSWORD).message


def test_older_encryption_is_for_pfx_only(issued: Issued) -> None:
    error = refusal(issued, ExportFormat.PEM, PASSWORD, key=True, older=True)
    assert "older encryption" in error.message


@pytest.mark.parametrize("file_format", KEY_FORMATS)
@pytest.mark.parametrize("password", ["with\0nul", "\ud800 alone", "x" * 1024])
def test_password_that_nobody_could_use_is_refused(
    issued: Issued, file_format: ExportFormat, password: str
) -> None:
    error = refusal(issued, file_format, password, key=True)
    assert password not in error.message + error.remedy


def test_java_takes_no_short_password(issued: Issued) -> None:
    assert "6 characters" in refusal(issued, ExportFormat.JKS, "12345", key=True).message


@pytest.mark.parametrize("key_type", KeyType)
@pytest.mark.parametrize("file_format", KEY_FORMATS)
def test_every_kind_of_key(file_format: ExportFormat, key_type: KeyType) -> None:
    issued = self_signed(["todd.corp.example"], AT, key_type)
    content = written(issued, file_format, PASSWORD, key=True)
    assert read_bundle(content, PASSWORD).private_key is not None


@settings(max_examples=60)
@given(
    file_format=st.sampled_from(KEY_FORMATS),
    password=st.text(
        st.characters(exclude_characters="\0", codec="utf-8"), min_size=6, max_size=40
    ),
    name=st.text(max_size=200),
    older=st.booleans(),
)
def test_any_name_and_password_come_back(
    file_format: ExportFormat, password: str, name: str, older: bool
) -> None:
    older = older and file_format is ExportFormat.PFX
    content = written(_SAMPLE, file_format, password, key=True, name=name, older=older)
    bundle = read_bundle(content, password)
    assert bundle.leaf == _SAMPLE.leaf
    assert bundle.private_key is not None
