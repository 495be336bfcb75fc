"""What no page shows: headers on every answer, and forms that come from elsewhere."""

import re
import ssl
from collections.abc import Iterator

import httpx
import pytest
from tests.browser.visit import ADMIN_PASSWORD
from tests.conftest import RunningNode


@pytest.fixture
def client(node: RunningNode) -> Iterator[httpx.Client]:
    """An HTTP client that trusts the node and is not logged in."""
    trust = ssl.create_default_context(cafile=str(node.root_file))
    with httpx.Client(base_url=node.ready["designer_url"], verify=trust, timeout=30) as opened:
        yield opened


@pytest.fixture
def form_token(client: httpx.Client) -> str:
    """Logs the client in; the token that its forms carry."""
    answer = client.post("/log-in", data={"name": "admin", "password": ADMIN_PASSWORD})
    assert answer.status_code == 303
    found = re.search(r'name="form_token" value="([^"]+)"', client.get("/").text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    "path", ["/", "/log-in", "/no-such-page", "/static/0/none.css", "/settings", "/activations"]
)
def test_every_answer_carries_the_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "max-age" in headers["strict-transport-security"]


@pytest.mark.parametrize("path", ["/log-in", "/"])
def test_head_answers_as_get_does(client: httpx.Client, path: str) -> None:
    assert client.head(path).status_code == client.get(path).status_code


def test_assets_are_cached_for_good_and_compressed(client: httpx.Client) -> None:
    sheet = re.search(r'href="(/static/[^"]+\.css)"', client.get("/log-in").text)
    assert sheet is not None
    answer = client.get(sheet[1])
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    assert "color-scheme" in answer.text


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/settings/web-server", {"protocol": "http", "version": "1"}),
        ("/settings/web-server/certificate", {"certificate": "00" * 32, "version": "1"}),
        ("/restart", {}),
        ("/password", {"current": ADMIN_PASSWORD, "new": "x" * 20, "repeated": "x" * 20}),
        ("/log-out", {}),
    ],
)
def test_form_without_the_session_token_changes_nothing(
    client: httpx.Client, form_token: str, path: str, data: dict[str, str]
) -> None:
    for wrong in ({}, {"form_token": ""}, {"form_token": form_token[:-1]}):
        answer = client.post(path, data=data | wrong)
        assert answer.status_code == 403
        assert "nothing was changed" in answer.text
    assert client.get("/").status_code == 200


def test_form_of_another_site_is_refused_even_with_the_token(
    client: httpx.Client, form_token: str
) -> None:
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        answer = client.post("/restart", data={"form_token": form_token}, headers=headers)
        assert answer.status_code == 403
        answer = client.post(
            "/log-in", data={"name": "admin", "password": ADMIN_PASSWORD}, headers=headers
        )
        assert answer.status_code == 403


def test_pages_need_a_session(client: httpx.Client) -> None:
    for path in ("/", "/settings", "/settings/web-server/certificate", "/activations?id=1"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["location"][:7]) == (303, "/log-in")
    answer = client.get("/settings", headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (204, "/log-in")


def test_log_in_leads_nowhere_else(client: httpx.Client) -> None:
    answer = client.post(
        "/log-in",
        data={"name": "admin", "password": ADMIN_PASSWORD, "then": "//evil.example/"},
    )
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/activations?id=999999", 404),
        ("/activations?id=x", 400),
        ("/activations", 400),
        ("/settings/no-such-endpoint", 400),
        ("/settings/web-server/certificate?location=Moon", 400),
    ],
)
def test_wrong_addresses_are_told_as_pages(
    client: httpx.Client, form_token: str, path: str, status: int
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert "text/html" in answer.headers["content-type"]
    assert "Main window" in answer.text


def test_names_in_certificates_and_forms_are_escaped(client: httpx.Client) -> None:
    answer = client.post("/log-in", data={"name": "<script>alert(1)</script>", "password": "x"})
    assert answer.status_code == 403
    assert "<script>alert" not in answer.text
