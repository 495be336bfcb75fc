"""Directories by name and by address, and what they say of themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.authorities.acme.directories import DIRECTORIES, directory_url, read_directory
from certwright.authorities.acme.documents import NotUnderstood
from certwright.errors import CertwrightError, ErrorCode

HERE = "https://acme.corp.example/directory"
DOCUMENT = {
    "newNonce": "https://acme.corp.example/nonce",
    "newAccount": "https://acme.corp.example/account",
    "newOrder": "https://acme.corp.example/order",
}


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("letsencrypt", "acme-v02.api.letsencrypt.org"),
        ("letsencrypt-staging", "acme-staging-v02.api.letsencrypt.org"),
        ("zerossl", "acme.zerossl.com"),
        ("google", "dv.acme-v02.api.pki.goog"),
        ("google-staging", "dv.acme-v02.test-api.pki.goog"),
        ("sectigo", "acme.sectigo.com"),
    ],
)
def test_a_name_stands_for_its_authoritys_directory(name: str, host: str) -> None:
    assert directory_url(f" {name.upper()} ").startswith(f"https://{host}/")
    assert name in DIRECTORIES


def test_any_https_address_is_a_directory() -> None:
    assert directory_url(f"{HERE}?a=b") == f"{HERE}?a=b"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "letsdecrypt",
        "http://acme.corp.example/directory",
        "ftp://acme.corp.example/",
        "https://",
        "https://user:secret@acme.corp.example/",
        "https://acme.corp.example:0/",
        "https://acme.corp.example:99999/",
        "https://[::1/",
        "https://acme.corp.example/a b",
        "https://acme.corp.example/\r\nHost: other",
        "https://b\u00fccher.example/",
        "https://acme.corp.example/" + "a" * 2000,
    ],
)
def test_anything_else_is_refused_with_what_can_be_given(text: str) -> None:
    with pytest.raises(CertwrightError) as refused:
        directory_url(text)
    assert refused.value.code is ErrorCode.INVALID_INPUT
    assert "letsencrypt" in refused.value.remedy


def test_plain_http_is_refused_in_words() -> None:
    with pytest.raises(CertwrightError, match="https only"):
        directory_url("http://acme.corp.example/directory")


def test_what_a_directory_says_of_itself_is_read() -> None:
    meta = {
        "termsOfService": "https://ca.example/terms",
        "website": "https://ca.example/",
        "externalAccountRequired": True,
        "profiles": {"shortlived": "Six days", "classic": "https://ca.example/classic"},
    }
    read = read_directory(HERE, {**DOCUMENT, "renewalInfo": f"{HERE}/ari", "meta": meta})
    assert read.new_order == DOCUMENT["newOrder"]
    assert read.renewal_info == f"{HERE}/ari"
    assert read.terms_of_service == "https://ca.example/terms"
    assert read.external_account_required
    assert list(read.profiles) == ["shortlived", "classic"]


def test_a_directory_without_meta_asks_for_nothing() -> None:
    read = read_directory(HERE, DOCUMENT)
    assert read.renewal_info is None
    assert read.profiles == {}
    assert not read.external_account_required


@pytest.mark.parametrize(
    "change",
    [
        {"newOrder": None},
        {"newOrder": "http://acme.corp.example/order"},
        {"newNonce": 5},
        {"meta": []},
        {"meta": {"profiles": "shortlived"}},
        {"renewalInfo": "/relative"},
    ],
)
def test_a_directory_that_is_none_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(NotUnderstood):
        read_directory(HERE, {**DOCUMENT, **change})


@given(st.text(max_size=60))
def test_any_text_is_a_directory_or_refused(text: str) -> None:
    try:
        url = directory_url(text)
    except CertwrightError:
        return
    assert url.lower().startswith("https://")
