"""Who may send a form, and where a log-in may lead."""

import pytest

from certwright.designer.security import (
    CONTENT_SECURITY_POLICY,
    client_address,
    is_own_page,
    is_own_path,
)

HOST = {"host": "todd.corp.example:8064"}


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin", "origin": "https://todd.corp.example:8064"},
        {"origin": "https://todd.corp.example:8064"},
        {"sec-fetch-site": "none"},
        {},
    ],
)
def test_own_pages_may_send_forms(headers: dict[str, str]) -> None:
    assert is_own_page(HOST | headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "https://other.corp.example"},
        {"origin": "https://evil.example"},
        {"origin": "http://todd.corp.example:8064"},
        {"origin": "https://todd.corp.example"},
        {"origin": "null"},
        {"origin": ""},
    ],
)
def test_others_may_not(headers: dict[str, str]) -> None:
    assert not is_own_page(HOST | headers)


@pytest.mark.parametrize("path", ["/", "/settings/web-server?a=b", "/a//b"])
def test_own_paths(path: str) -> None:
    assert is_own_path(path)


@pytest.mark.parametrize(
    "path",
    ["", "//evil.example", "/\\evil.example", "https://evil.example", "\t//evil", "/\n/evil", "a"],
)
def test_paths_that_lead_elsewhere(path: str) -> None:
    assert not is_own_path(path)


def test_client_is_who_the_front_saw() -> None:
    assert client_address({"x-forwarded-for": "10.0.0.1, 192.0.2.7"}) == "192.0.2.7"
    assert client_address({"x-forwarded-for": "2001:db8::1"}) == "2001:db8::1"
    assert client_address({}) == "unknown"


def test_policy_lets_no_inline_script_or_style_in() -> None:
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
