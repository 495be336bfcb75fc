"""REST: authorities and the requests that wait for people, as clients see them."""

from datetime import timedelta

import pytest

from certwright.access.rights import Right
from certwright.authorities.acme.account_keeping import AcmeAccounts
from certwright.authorities.acme.directories import directory_url
from certwright.authorities.acme.pause import Pause
from certwright.authorities.authority import CertificateRequest, Pending, Progress, request_for
from certwright.authorities.records import AuthorityKind, AuthorityRecord
from certwright.lifecycle.server import Server
from certwright.x509.keys import KeyType, generate_private_key
from certwright.x509.names import parse_server_name
from certwright.x509.text import rfc3339

from ..composed_server import Clock
from ..foreign_authority import ForeignAuthority
from .conftest import TestClient

URL = "/api/v1/authorities"
REQUESTS = "/api/v1/authority-requests"
TEAM = {"name": "team", "kind": "by-hand"}


def asked(server: Server) -> CertificateRequest:
    names = tuple(map(parse_server_name, ("todd.corp.example", "192.0.2.7")))
    key = generate_private_key(KeyType.EC_P256)
    request = request_for(key, names, timedelta(days=90), "ada")
    pending = server.authorities.get("team").issue(request, Progress(), server.now())
    assert isinstance(pending, Pending)
    return request


def test_authorities_are_created_shown_changed_and_removed(owner: TestClient) -> None:
    made = owner.post(URL, json=TEAM)
    assert made.status_code == 201, made.text
    team = {"name": "team", "kind": "by-hand", "settings": {}, "secrets": []}
    assert made.json() == team | {"found": ""}
    assert owner.get(f"{URL}/team").json() == team
    assert [one["name"] for one in owner.get(URL).json()] == ["internal", "team"]
    listed = owner.get("/api/v1/status").json()["authorities"]
    assert [(one["name"], "issuing_until" in one) for one in listed] == [
        ("internal", True),
        ("team", False),
    ]
    assert owner.put(f"{URL}/team", json={}).status_code == 200
    assert owner.delete(f"{URL}/team").status_code == 204
    assert owner.get(f"{URL}/team").status_code == 404


def test_secrets_are_named_and_never_shown(
    owner: TestClient, selected: Server, clock: Clock
) -> None:
    record = AuthorityRecord("public", AuthorityKind.ACME, {}, {"eab_hmac_key": "c2VjcmV0"})
    with selected.database.begin() as connection:
        selected.authorities.records.add(connection, record, clock())
    for url in (URL, f"{URL}/public", "/api/v1/status"):
        answer = owner.get(url)
        assert '"eab_hmac_key"' in answer.text
        assert "c2VjcmV0" not in answer.text


def test_one_that_asked_to_be_left_alone_says_until_when_and_why(
    owner: TestClient, selected: Server, clock: Clock
) -> None:
    record = AuthorityRecord("public", AuthorityKind.ACME, {"directory": "letsencrypt"})
    until = clock() + timedelta(hours=2)
    accounts = AcmeAccounts(selected.database, selected.vault, clock)
    with selected.database.begin() as connection:
        selected.authorities.records.add(connection, record, clock())
    accounts.open("public", directory_url("letsencrypt")).pause(Pause(until, "It asked us to."))
    shown = owner.get(f"{URL}/public").json()
    assert (shown["paused_until"], shown["pause"]) == (rfc3339(until), "It asked us to.")
    accounts.open("public", directory_url("google")).pause(Pause(until, "Another one's."))
    assert "pause" not in owner.get(f"{URL}/public").json()
    accounts.open("public", directory_url("letsencrypt")).pause(Pause(until, "Again."))
    clock.move(timedelta(hours=2))
    assert "paused_until" not in owner.get(f"{URL}/public").json()


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        (TEAM | {"kind": "by-magic"}, 422),
        (TEAM | {"name": "Team"}, 422),
        (TEAM | {"name": "internal"}, 422),
        (TEAM | {"name": "a\0"}, 422),
        (TEAM | {"settings": {"command": ["/bin/sh"]}}, 422),
        (TEAM | {"secrets": {"password": "hers"}}, 422),
        (TEAM | {"kind": "internal"}, 422),
        (TEAM | {"kind": "command", "settings": {"command": ["/bin/sh", "-c", "id"]}}, 403),
        (TEAM | {"kind": "command", "settings": {"command": "/bin/sh"}}, 422),
        ({"kind": "by-hand"}, 422),
        ([], 422),
    ],
)
def test_what_cannot_be_taken_on_is_refused_with_a_problem(
    owner: TestClient, wanted: object, status: int
) -> None:
    answer = owner.post(URL, json=wanted)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]
    assert "hers" not in answer.text
    assert len(owner.get(URL).json()) == 1


def test_rights_are_asked_for(with_right: dict[Right, TestClient], stranger: TestClient) -> None:
    assert stranger.get(URL).status_code == 401
    assert stranger.get(REQUESTS).status_code == 401
    assert with_right[Right.READ].get(URL).status_code == 200
    for right in (Right.READ, Right.MODIFY, Right.CREATE):
        assert with_right[right].post(URL, json=TEAM).status_code == 403
        assert with_right[right].delete(f"{URL}/internal").status_code == 403
    assert with_right[Right.ADMIN].post(URL, json=TEAM).status_code == 201
    file = {"file": ("answer", b"")}
    assert with_right[Right.MODIFY].post(f"{URL}/team/answers", files=file).status_code == 403
    assert with_right[Right.CREATE].post(f"{URL}/team/answers", files=file).status_code == 422


def test_a_request_goes_out_and_its_answer_comes_in(
    owner: TestClient, selected: Server, company: ForeignAuthority
) -> None:
    owner.post(URL, json=TEAM)
    request = asked(selected)
    (waiting,) = owner.get(REQUESTS).json()
    assert waiting["names"] == ["todd.corp.example", "192.0.2.7"]
    assert (waiting["days"], waiting["requested_by"], waiting["profile"]) == (90, "ada", "server")
    assert waiting["signing_request"].startswith("-----BEGIN CERTIFICATE REQUEST-----")
    assert owner.get(f"{REQUESTS}/{waiting['id']}").json() == waiting
    leaf = company.sign(request.public_key, waiting["names"])
    wrong = owner.post(f"{URL}/team/answers", files={"file": ("a", company.root.pem)})
    assert wrong.status_code == 422
    assert "authorities only" in wrong.json()["detail"]
    right = owner.post(f"{URL}/team/answers", files={"file": ("a", leaf.pem)})
    assert right.status_code == 200, right.text
    assert [one["id"] for one in right.json()["requests"]] == [waiting["id"]]
    assert owner.get(REQUESTS).json() == []


def test_a_request_is_refused_with_a_reason(owner: TestClient, selected: Server) -> None:
    owner.post(URL, json=TEAM)
    asked(selected)
    (waiting,) = owner.get(REQUESTS).json()
    url = f"{REQUESTS}/{waiting['id']}/refusal"
    assert owner.post(url, json={"because": ""}).status_code == 422
    assert owner.post(url, json={"because": "not ours"}).status_code == 200
    assert owner.post(url, json={"because": "not ours"}).status_code == 409
    assert owner.get(f"{REQUESTS}/%00").status_code == 404
    assert owner.get(f"{URL}/%00").status_code == 404
