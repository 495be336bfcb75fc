"""Whatever goes wrong, REST answers with a problem document that says what to do next."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from certwright.api.problems import STATUS, internal_problem, problem
from certwright.authorities.root_keys import RootKeyFolder
from certwright.database.engine import open_engine
from certwright.errors import CertwrightError, ErrorCode
from certwright.front.settings import LARGEST_REQUEST
from certwright.lifecycle.server import Server
from certwright.x509.reading import LARGEST_FILE

from .conftest import LOCAL_TOKEN, TestClient, client_of


def document_of(response: Any, status: int, code: ErrorCode) -> dict[str, Any]:
    """The problem document of an answer, whose form RFC 9457 3 gives."""
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert response.status_code == document["status"] == status
    assert document["code"] == code
    assert document["type"] == f"urn:certwright:error:{code}"
    assert document["title"]
    for sentence in (document["detail"], document["remedy"]):
        assert sentence.isprintable()
        assert sentence.endswith(".") or "certwright " in sentence or "/api/" in sentence
    return document


def test_every_error_has_its_status() -> None:
    assert set(STATUS) == set(ErrorCode)
    assert all(400 <= status < 600 for status in STATUS.values())


@pytest.mark.parametrize("code", list(ErrorCode))
def test_every_error_becomes_a_document(code: ErrorCode) -> None:
    response = problem(CertwrightError(code, "What went wrong.", "What to do."))
    assert response.status_code == STATUS[code]
    assert response.media_type == "application/problem+json"
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code.value)
    assert ("www-authenticate" in response.headers) == (STATUS[code] == 401)


def test_internal_error_keeps_its_text() -> None:
    assert internal_problem().status_code == 500


def test_unknown_address_is_a_document_and_not_a_page(owner: TestClient) -> None:
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        for path in ("", "/", "/nothing", "/status/more", "/certificates/a/b"):
            document_of(owner.request(method, f"/api/v1{path}"), 404, ErrorCode.NOT_FOUND)


def test_wrong_method_is_a_document_and_not_a_page(owner: TestClient) -> None:
    for method, path in (("POST", "/status"), ("DELETE", "/certificates"), ("PATCH", "/users")):
        document_of(owner.request(method, f"/api/v1{path}"), 404, ErrorCode.NOT_FOUND)


JSON = {"Content-Type": "application/json"}


MALFORMED = (
    b"",
    b"{",
    b"[]",
    b"null",
    b"7",
    b'"text"',
    b"\xff\xfe",
    b'{"value": null}',
    b'{"value": 7}',
    b'{"value": {"a": 1}}',
    b'{"value": "\\ud800"}',
    b'{"value": "' + b"x" * 200 + b'"}',
    b'{"other": "https"}',
    b"[" * 100_000,
    b'{"value": ' + b"9" * 10_000 + b"}",
)


def test_malformed_json_is_told_of(owner: TestClient) -> None:
    for body in MALFORMED:
        response = owner.put("/api/v1/settings/web-server.protocol", content=body, headers=JSON)
        document_of(response, 422, ErrorCode.INVALID_INPUT)
    assert owner.get("/api/v1/settings/web-server.protocol").json()["value"] == "https"


MALFORMED_FORMS = (
    ("multipart/form-data", b"without a boundary"),
    ("multipart/form-data; boundary=x", b"--x\r\ngarbage"),
    (
        "multipart/form-data; boundary=x",
        b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--",
    ),
    ("multipart/form-data; boundary=" + "x" * 5000, b"--x--"),
    ("application/json", b"{}"),
    ("application/x-www-form-urlencoded", b"file=text"),
    ("text/plain", b"text"),
    ("", b""),
)


def test_malformed_form_is_told_of(owner: TestClient) -> None:
    for content_type, body in MALFORMED_FORMS:
        headers = {"Content-Type": content_type}
        response = owner.post("/api/v1/certificates", content=body, headers=headers)
        document_of(response, 422, ErrorCode.INVALID_INPUT)


def test_thousands_of_fields_are_refused(owner: TestClient) -> None:
    fields = {f"field-{number}": "x" for number in range(2000)}
    response = owner.post("/api/v1/certificates", data=fields, files={"file": b"x"})
    document_of(response, 422, ErrorCode.INVALID_INPUT)


def test_file_that_is_too_large_is_refused(owner: TestClient) -> None:
    response = owner.post("/api/v1/certificates", files={"file": bytes(LARGEST_FILE + 1)})
    document_of(response, 413, ErrorCode.TOO_LARGE)


def test_strangers_body_without_end_is_not_read_to_its_end(stranger: TestClient) -> None:
    # In a thread: Playwright keeps a loop running in this one when browser tests came before.
    with ThreadPoolExecutor(max_workers=1) as thread:
        for path in ("/api/v1/certificates", "/api/v1/users", "/log-in", "/nothing"):
            sending = send_without_end(stranger.app, path)
            received, status = thread.submit(asyncio.run, sending).result(30)
            assert received <= LARGEST_REQUEST + CHUNK, path
            assert 400 <= status < 500, path


CHUNK = 65536


async def send_without_end(application: Any, path: str) -> tuple[int, int]:
    """POST a form whose file never ends; the bytes that were taken, and the answer's status."""
    head = b"--x\r\nContent-Disposition: form-data; name=file; filename=f\r\n\r\n"
    received, statuses = 0, []

    async def receive() -> dict[str, Any]:
        nonlocal received
        body = bytes(CHUNK) if received else head
        received += len(body)
        return {"type": "http.request", "body": body, "more_body": True}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "https",
        "query_string": b"",
        "headers": [(b"content-type", b"multipart/form-data; boundary=x")],
    }
    await application(scope, receive, send)
    return received, statuses[0]


CANNOT_BE_DONE: tuple[tuple[str, str, object, ErrorCode], ...] = (
    ("POST", "/api/v1/endpoints/other/activation", None, ErrorCode.NOT_FOUND),
    ("PUT", "/api/v1/endpoints/other/selection", {"certificate": "abcd"}, ErrorCode.NOT_FOUND),
    (
        "PUT",
        "/api/v1/endpoints/web-server/selection",
        {"certificate": "not hexadecimal"},
        ErrorCode.INVALID_INPUT,
    ),
    ("GET", "/api/v1/certificates/ffffffff", None, ErrorCode.NOT_FOUND),
    ("GET", "/api/v1/certificates/zz", None, ErrorCode.INVALID_INPUT),
    ("GET", "/api/v1/certificates/%00%00%00%00", None, ErrorCode.INVALID_INPUT),
    ("GET", "/api/v1/certificates?location=nowhere", None, ErrorCode.INVALID_INPUT),
    ("GET", "/api/v1/certificates?store=%00", None, ErrorCode.INVALID_INPUT),
    ("GET", "/api/v1/settings/other", None, ErrorCode.NOT_FOUND),
    ("GET", "/api/v1/settings/%1b%5b31m", None, ErrorCode.NOT_FOUND),
    (
        "PUT",
        "/api/v1/settings/web-server.protocol",
        {"value": "https-ad-users"},
        ErrorCode.NOT_AVAILABLE_YET,
    ),
    (
        "PUT",
        "/api/v1/settings/web-server.protocol",
        {"value": "gopher"},
        ErrorCode.INVALID_INPUT,
    ),
    ("POST", "/api/v1/proofs", {"target": "nowhere"}, ErrorCode.NOT_FOUND),
    ("POST", "/api/v1/proofs", {"target": "\x1b[31m:1"}, ErrorCode.INVALID_INPUT),
    ("POST", "/api/v1/proofs", {"target": "host:99999"}, ErrorCode.INVALID_INPUT),
    ("POST", "/api/v1/proofs", {"target": "host:" + "9" * 290}, ErrorCode.INVALID_INPUT),
    ("DELETE", "/api/v1/users/nobody", None, ErrorCode.NOT_FOUND),
    ("DELETE", "/api/v1/users/%00", None, ErrorCode.NOT_FOUND),
    ("DELETE", "/api/v1/tokens/nothing", None, ErrorCode.NOT_FOUND),
    ("PUT", "/api/v1/users/nobody/right", {"right": "emperor"}, ErrorCode.INVALID_INPUT),
    (
        "POST",
        "/api/v1/users",
        {"name": "eve", "password": "short", "right": "read"},
        ErrorCode.INVALID_INPUT,
    ),
    (
        "POST",
        "/api/v1/users",
        {"name": "\x00", "password": "correct horse battery", "right": "read"},
        ErrorCode.INVALID_INPUT,
    ),
    ("POST", "/api/v1/tokens", {"name": "\x00", "right": "read"}, ErrorCode.INVALID_INPUT),
)


def test_what_cannot_be_done_is_told_of(owner: TestClient) -> None:
    for method, path, body, code in CANNOT_BE_DONE:
        document_of(owner.request(method, path, json=body), STATUS[code], code)


@pytest.mark.parametrize("friendly_name", ["a\x00b", "\ud800".encode("utf-8", "surrogatepass")])
def test_hostile_friendly_name_is_no_traceback(
    owner: TestClient, selected: Server, friendly_name: str | bytes
) -> None:
    pem = selected.authority.intermediate.pem.encode()
    response = owner.post(
        "/api/v1/certificates",
        files={"file": pem, "friendly_name": (None, friendly_name)},
    )
    assert response.status_code in {200, 422}


def test_password_that_is_refused_is_not_repeated(owner: TestClient) -> None:
    body = {"name": "eve", "password": ["hunter2-hunter2"], "right": "read"}
    response = owner.post("/api/v1/users", json=body)
    document_of(response, 422, ErrorCode.INVALID_INPUT)
    assert "hunter2" not in response.text


def test_unforeseen_error_keeps_its_text(selected: Server, root_keys: RootKeyFolder) -> None:
    def broken() -> datetime:
        raise RuntimeError("the secret is hunter2")

    client = client_of(replace(selected, now=broken), root_keys, LOCAL_TOKEN)
    response = client.get("/api/v1/status")
    document_of(response, 500, ErrorCode.INTERNAL)
    assert "hunter2" not in response.text


def test_database_that_is_down_is_named_without_its_password(
    selected: Server, root_keys: RootKeyFolder
) -> None:
    engine = open_engine("postgresql://ada:hunter2@127.0.0.1:1/certwright")
    client = client_of(replace(selected, database=engine), root_keys, LOCAL_TOKEN)
    response = client.get("/api/v1/status")
    document_of(response, 503, ErrorCode.DATABASE_UNREACHABLE)
    assert "hunter2" not in response.text
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200
    engine.dispose()
