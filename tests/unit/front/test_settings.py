"""Reading `--upstream`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.errors import CertwrightError, ErrorCode
from certwright.front.settings import Upstream, parse_upstream


@pytest.mark.parametrize(
    ("url", "upstream"),
    [
        ("http://127.0.0.1:9000", Upstream("http", "127.0.0.1", 9000)),
        ("http://localhost", Upstream("http", "localhost", 80)),
        ("https://Data.Corp.Example./", Upstream("https", "data.corp.example", 443)),
        ("https://[::1]:8443/a/b/", Upstream("https", "::1", 8443, "/a/b")),
        ("http://[0:0::1]", Upstream("http", "::1", 80)),
        (" http://sap_connector:80/%20x ", Upstream("http", "sap_connector", 80, "/%20x")),
    ],
)
def test_urls_are_read(url: str, upstream: Upstream) -> None:
    assert parse_upstream(url) == upstream


@pytest.mark.parametrize(
    "url",
    [
        "",
        "9000",
        "localhost:9000",
        "ftp://localhost",
        "http://",
        "http://:80",
        "http://host:0",
        "http://host:65536",
        "http://host:port",
        "http://host?x=1",
        "http://host/#part",
        "http://host/?",
        "http://-host",
        "http://host name",
        "http://a..b",
        "http://10.0.0",
        "http://300.1.1.1",
        "http://[::1",
        "http://[fe80::1%25eth0]",
        "http://host/../x",
        "http://host/%zz",
        "http://host/a b",
        f"http://{'a' * 64}",
        f"http://{'a.' * 130}b",
    ],
)
def test_other_texts_are_refused_with_a_remedy(url: str) -> None:
    with pytest.raises(CertwrightError) as refusal:
        parse_upstream(url)
    assert refusal.value.code is ErrorCode.INVALID_INPUT
    assert "--upstream" in refusal.value.remedy


def test_password_in_a_url_is_refused_and_not_repeated() -> None:
    with pytest.raises(CertwrightError) as refusal:
        parse_upstream("http://user:hunter2@host")
    assert "hunter2" not in refusal.value.message + refusal.value.remedy


@given(st.text() | st.text().map("http://".__add__) | st.text().map("https://h/".__add__))
def test_any_text_is_read_or_refused(text: str) -> None:
    outcome = _read(text)
    if isinstance(outcome, Upstream):
        assert parse_upstream(str(outcome)) == outcome
    else:
        assert outcome is ErrorCode.INVALID_INPUT


def _read(text: str) -> Upstream | ErrorCode:
    try:
        return parse_upstream(text)
    except CertwrightError as refusal:
        return refusal.code


@given(
    st.builds(
        Upstream,
        scheme=st.sampled_from(["http", "https"]),
        host=st.ip_addresses().map(str).filter(lambda host: "%" not in host)
        | st.from_regex(r"[a-z]([a-z0-9_-]{0,20}[a-z0-9])?(\.[a-z]{1,8}){0,3}", fullmatch=True),
        port=st.integers(1, 65535),
        path_prefix=st.from_regex(r"(/[a-z0-9~%20]{0}[a-z0-9_-]{1,8}){0,3}", fullmatch=True),
    )
)
def test_text_of_an_upstream_reads_back(upstream: Upstream) -> None:
    assert parse_upstream(str(upstream)) == upstream


def test_authority_leaves_out_the_default_port() -> None:
    assert parse_upstream("https://host:443").authority == "host"
    assert parse_upstream("http://host:443").authority == "host:443"
    assert parse_upstream("http://[::1]:80").authority == "[::1]"
