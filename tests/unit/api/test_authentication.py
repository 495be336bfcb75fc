"""Who may call REST at all, and which right each call needs."""

import os

import pytest
from sqlalchemy import delete, insert

from certwright.access.rights import Right
from certwright.access.sessions import ABSOLUTE_LIMIT, NewSession, begin_session
from certwright.api.authentication import FORM_TOKEN_HEADER
from certwright.authorities.root_keys import RootKeyFolder
from certwright.database.access_tables import api_tokens, users
from certwright.front.session_cookie import COOKIE
from certwright.lifecycle.server import Server

from ...interop.servers import free_port
from ..composed_server import Clock
from .conftest import LOCAL_TOKEN, TestClient, client_of

NEEDED = {
    ("GET", "/api/v1/status"): Right.READ,
    ("GET", "/api/v1/certificates"): Right.READ,
    ("GET", "/api/v1/certificates/{identifier}"): Right.READ,
    ("GET", "/api/v1/certificates/{identifier}/details"): Right.READ,
    ("POST", "/api/v1/certificates/{identifier}/export"): Right.READ,
    ("GET", "/api/v1/authorities"): Right.READ,
    ("GET", "/api/v1/services"): Right.READ,
    ("GET", "/api/v1/services/{name}"): Right.READ,
    ("GET", "/api/v1/authorities/{name}"): Right.READ,
    ("GET", "/api/v1/authority-requests"): Right.READ,
    ("GET", "/api/v1/authority-requests/{identifier}"): Right.READ,
    ("GET", "/api/v1/events"): Right.READ,
    ("GET", "/api/v1/nodes"): Right.READ,
    ("GET", "/api/v1/renewals"): Right.READ,
    ("GET", "/api/v1/renewals/plans"): Right.READ,
    ("GET", "/api/v1/renewals/{number}"): Right.READ,
    ("GET", "/api/v1/settings"): Right.READ,
    ("GET", "/api/v1/settings/{key}"): Right.READ,
    ("POST", "/api/v1/proofs"): Right.READ,
    ("PUT", "/api/v1/endpoints/{name}/selection"): Right.MODIFY,
    ("POST", "/api/v1/endpoints/{name}/activation"): Right.MODIFY,
    ("PUT", "/api/v1/settings/{key}"): Right.MODIFY,
    ("PATCH", "/api/v1/certificates/{identifier}"): Right.MODIFY,
    ("POST", "/api/v1/endpoints/{name}/rehearsal"): Right.CREATE,
    ("POST", "/api/v1/renewals/{number}/agree"): Right.MODIFY,
    ("POST", "/api/v1/renewals/{number}/decline"): Right.MODIFY,
    ("POST", "/api/v1/renewals/{number}/postpone"): Right.MODIFY,
    ("POST", "/api/v1/renewals/{number}/now"): Right.MODIFY,
    ("POST", "/api/v1/renewals/of/{certificate}/postpone"): Right.MODIFY,
    ("POST", "/api/v1/telling/test"): Right.MODIFY,
    ("POST", "/api/v1/renewals"): Right.CREATE,
    ("POST", "/api/v1/renewals/due"): Right.CREATE,
    ("POST", "/api/v1/requests"): Right.CREATE,
    ("POST", "/api/v1/certificates"): Right.CREATE,
    ("DELETE", "/api/v1/certificates/{identifier}"): Right.CREATE,
    ("POST", "/api/v1/authorities/{name}/answers"): Right.CREATE,
    ("POST", "/api/v1/authority-requests/{identifier}/refusal"): Right.CREATE,
    ("POST", "/api/v1/authorities"): Right.ADMIN,
    ("POST", "/api/v1/services"): Right.ADMIN,
    ("POST", "/api/v1/services/plans"): Right.ADMIN,
    ("POST", "/api/v1/services/{name}/plans"): Right.ADMIN,
    ("POST", "/api/v1/services/{name}/look"): Right.ADMIN,
    ("POST", "/api/v1/services/{name}/{endpoint}/reset"): Right.ADMIN,
    ("DELETE", "/api/v1/services/{name}"): Right.ADMIN,
    ("DELETE", "/api/v1/nodes/{name}"): Right.ADMIN,
    ("PUT", "/api/v1/authorities/{name}"): Right.ADMIN,
    ("DELETE", "/api/v1/authorities/{name}"): Right.ADMIN,
    ("POST", "/api/v1/certificates/{identifier}/export-set"): Right.ADMIN,
    ("GET", "/api/v1/users"): Right.ADMIN,
    ("POST", "/api/v1/users"): Right.ADMIN,
    ("PUT", "/api/v1/users/{name}/right"): Right.ADMIN,
    ("PUT", "/api/v1/users/{name}/password"): Right.ADMIN,
    ("DELETE", "/api/v1/users/{name}"): Right.ADMIN,
    ("GET", "/api/v1/tokens"): Right.ADMIN,
    ("POST", "/api/v1/tokens"): Right.ADMIN,
    ("DELETE", "/api/v1/tokens/{name}"): Right.ADMIN,
}
"""What each call needs. A call that is not in this table fails the test below."""

BODIES = {
    "/api/v1/certificates/{identifier}": {"friendly_name": "Web"},
    "/api/v1/certificates/{identifier}/export": {"format": "pem"},
    "/api/v1/certificates/{identifier}/export-set": {"set": "nginx"},
    "/api/v1/authorities": {"name": "team", "kind": "by-hand"},
    "/api/v1/services": {"kind": "nginx"},
    "/api/v1/services/plans": {"kind": "nginx"},
    "/api/v1/services/{name}/look": {"mark": ""},
    "/api/v1/endpoints/{name}/rehearsal": {},
    "/api/v1/authorities/{name}": {},
    "/api/v1/authority-requests/{identifier}/refusal": {"because": "not ours"},
    "/api/v1/proofs": {"target": "web-server"},
    "/api/v1/endpoints/{name}/selection": {"certificate": "abcdef"},
    "/api/v1/renewals": {"certificate": "abcdef"},
    "/api/v1/renewals/due": {"dry_run": False},
    "/api/v1/renewals/{number}/postpone": {"until": "2026-12-01T00:00:00Z"},
    "/api/v1/renewals/of/{certificate}/postpone": {"until": "2026-12-01T00:00:00Z"},
    "/api/v1/requests": {"names": ["todd.corp.example"]},
    "/api/v1/settings/{key}": {"value": "https"},
    "/api/v1/telling/test": {"channel": "mail"},
    "/api/v1/users": {"name": "eve", "password": "correct horse battery", "right": "read"},
    "/api/v1/users/{name}/right": {"right": "read"},
    "/api/v1/users/{name}/password": {"password": "correct horse battery"},
    "/api/v1/tokens": {"name": "backup", "right": "read"},
}
FILES = {"/api/v1/certificates", "/api/v1/authorities/{name}/answers"}


def call(client: TestClient, method: str, path: str) -> tuple[int, str]:
    """Status and error code of a call that is right in all but, perhaps, its caller."""
    address = path.format(
        identifier="abcdef",
        certificate="abcdef",
        key="web-server.protocol",
        name="web-server",
        number=1,
        endpoint="x",
    )
    if method == "POST" and path in FILES:
        response = client.post(address, files={"file": b"no certificate"})
    elif method in {"POST", "PUT", "PATCH"}:
        response = client.request(method, address, json=BODIES.get(path))
    else:
        response = client.request(method, address)
    is_problem = response.headers.get("content-type") == "application/problem+json"
    return response.status_code, response.json()["code"] if is_problem else ""


def test_the_table_names_every_call_there_is(owner: TestClient) -> None:
    paths = owner.get("/api/v1/openapi.json").json()["paths"]
    there = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert there == set(NEEDED)


def test_each_call_needs_exactly_its_right(with_right: dict[Right, TestClient]) -> None:
    for (method, path), needed in NEEDED.items():
        for right, client in with_right.items():
            status, code = call(client, method, path)
            if right < needed:
                assert (status, code) == (403, "not-permitted"), (method, path, right)
            else:
                assert status not in {401, 403, 500}, (method, path, right)


def test_reader_may_prove_the_endpoints_but_not_look_around(
    with_right: dict[Right, TestClient],
) -> None:
    closed_port = free_port()
    for right, client in with_right.items():
        assert client.post("/api/v1/proofs", json={"target": "web-server"}).status_code == 200
        answer = client.post("/api/v1/proofs", json={"target": f"127.0.0.1:{closed_port}"})
        assert answer.status_code == (403 if right is Right.READ else 200), right


def test_nobody_calls_without_a_token(stranger: TestClient) -> None:
    answers = {call(stranger, method, path) for method, path in NEEDED}
    assert answers == {(401, "not-authenticated")}


def test_any_other_token_is_refused(stranger: TestClient) -> None:
    for authorization in (
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        f"Bearer {LOCAL_TOKEN}x",
        f"Bearer {LOCAL_TOKEN[:-1]}",
        f"Basic {LOCAL_TOKEN}",
        LOCAL_TOKEN,
        "Bearer \u00e9\u00ff",
        "Bearer " + "x" * 10_000,
    ):
        headers = {"Authorization": authorization.encode("latin-1")}
        response = stranger.get("/api/v1/status", headers=headers)
        assert response.status_code == 401, authorization
        assert response.headers["WWW-Authenticate"] == "Bearer"
        assert response.headers["content-type"] == "application/problem+json"
        assert LOCAL_TOKEN not in response.text


def test_answers_stay_out_of_caches(owner: TestClient) -> None:
    made = owner.post("/api/v1/tokens", json={"name": "backup", "right": "read"})
    assert made.status_code == 201
    for answer in (made, owner.get("/api/v1/status"), owner.get("/api/v1/tokens")):
        assert answer.headers["Cache-Control"] == "no-store"


def test_owner_of_the_data_folder_may_everything(stranger: TestClient) -> None:
    for scheme in ("Bearer", "bearer", "BEARER"):  # RFC 9110 11.1: "case-insensitive token"
        headers = {"Authorization": f"{scheme} {LOCAL_TOKEN}"}
        assert stranger.get("/api/v1/users", headers=headers).status_code == 200


def test_removed_token_is_refused_at_once(
    selected: Server, with_right: dict[Right, TestClient]
) -> None:
    client = with_right[Right.ADMIN]
    assert client.get("/api/v1/status").status_code == 200
    with selected.database.begin() as connection:
        connection.execute(delete(api_tokens))
    assert client.get("/api/v1/status").status_code == 401


@pytest.fixture
def session(selected: Server, clock: Clock) -> NewSession:
    with selected.database.begin() as connection:
        connection.execute(
            insert(users).values(
                name="ada", password_hash="none", right="admin", created_at=clock()
            )
        )
        return begin_session(connection, "ada", Right.ADMIN, clock(), os.urandom)


@pytest.fixture
def browser(selected: Server, root_keys: RootKeyFolder, session: NewSession) -> TestClient:
    """A browser in which somebody is logged in to the Designer."""
    client = client_of(selected, root_keys, None)
    client.cookies.set(COOKIE, session.token)
    return client


def test_session_may_read(browser: TestClient) -> None:
    assert browser.get("/api/v1/status").status_code == 200


def test_session_that_ended_may_not(browser: TestClient, clock: Clock) -> None:
    clock.move(ABSOLUTE_LIMIT)
    assert browser.get("/api/v1/status").status_code == 401


@pytest.mark.parametrize("form_token", [None, "", "wrong", "\u00e9"])
def test_foreign_page_changes_nothing_with_the_browsers_cookie(
    browser: TestClient, form_token: str | None
) -> None:
    headers = {} if form_token is None else {FORM_TOKEN_HEADER: form_token.encode("latin-1")}
    changed = browser.put(
        "/api/v1/settings/web-server.protocol", json={"value": "http"}, headers=headers
    )
    assert changed.status_code == 401
    assert browser.get("/api/v1/settings/web-server.protocol").json()["value"] == "https"


def test_own_page_shows_its_form_token(browser: TestClient, session: NewSession) -> None:
    changed = browser.put(
        "/api/v1/settings/web-server.protocol",
        json={"value": "http"},
        headers={FORM_TOKEN_HEADER: session.session.form_token},
    )
    assert changed.status_code == 200


def test_wrong_token_is_not_made_good_by_a_cookie(browser: TestClient) -> None:
    headers = {"Authorization": "Bearer wrong"}
    assert browser.get("/api/v1/status", headers=headers).status_code == 401
