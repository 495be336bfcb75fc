"""REST: renewals, what is due, requests and settings, as clients see them."""

from datetime import timedelta
from ssl import DER_cert_to_PEM_cert

import pytest

from certwright.lifecycle.renewal.advancing import Surroundings, advance
from certwright.lifecycle.server import Server
from certwright.services.endpoints import OwnEndpoint, get_endpoint
from certwright.x509.building import build_request
from certwright.x509.keys import KeyType, generate_private_key
from certwright.x509.names import parse_server_name

from ..composed_server import Clock
from .conftest import TestClient

URL = "/api/v1/renewals"
SETTINGS = "/api/v1/settings"


def selected_fingerprint(server: Server) -> str:
    with server.database.connect() as connection:
        saved = get_endpoint(connection, OwnEndpoint.WEB_SERVER).saved.certificate
    assert saved is not None
    return saved


def test_a_renewal_is_begun_listed_and_told(owner: TestClient, selected: Server) -> None:
    former = selected_fingerprint(selected)
    begun = owner.post(URL, json={"certificate": former[:12]})
    assert begun.status_code == 201, begun.text
    renewal = begun.json()
    assert (renewal["state"], renewal["certificate"], renewal["issued"]) == (
        "working",
        former,
        None,
    )
    assert renewal["names"] == ["todd.corp.example", "localhost"]
    assert renewal["next"] == {"at": None, "sentence": "It goes on within seconds."}
    assert owner.get(URL).json() == [renewal]
    assert owner.get(URL, params={"state": "working"}).json() == [renewal]
    assert owner.get(URL, params={"state": "done"}).json() == []
    advance(selected, renewal["id"], Surroundings(lambda: 0.5, selected.zone))
    story = owner.get(f"{URL}/{renewal['id']}").json()
    assert story["state"] == "done"
    shown = owner.get(f"/api/v1/certificates/{story['issued']}").json()
    assert story["issued_thumbprint"] == shown["thumbprint"]
    assert {step["endpoint"] for step in story["steps"]} >= {None, "web-server"}
    assert owner.get(URL, params={"state": "done"}).json()[0]["issued"] == story["issued"]


def test_a_dry_run_begins_nothing(owner: TestClient, clock: Clock) -> None:
    answer = owner.post(f"{URL}/due", json={"dry_run": True}).json()
    (plan,) = answer["plans"]
    assert plan == owner.get(f"{URL}/plans").json()[0]
    assert (plan["outlook"], plan["authority"], plan["renewal"]) == ("planned", "internal", None)
    assert {one["name"] for one in plan["endpoints"]} == {"configuration-server", "web-server"}
    assert all(one["activated_at"] == plan["at"] for one in plan["endpoints"])
    clock.move(timedelta(days=40))
    due = owner.post(f"{URL}/due", json={"dry_run": True}).json()
    assert (due["plans"][0]["outlook"], due["renewals"]) == ("due", [])
    assert owner.get(URL).json() == []
    begun = owner.post(f"{URL}/due", json={}).json()["renewals"]
    assert [one["certificate"] for one in begun] == [plan["certificate"]]


def test_people_decide(owner: TestClient, selected: Server) -> None:
    number = owner.post(URL, json={"certificate": selected_fingerprint(selected)}).json()["id"]
    until = "2026-12-01T04:00:00+01:00"
    postponed = owner.post(f"{URL}/{number}/postpone", json={"until": until})
    assert postponed.json()["state"] == "waiting"
    assert postponed.json()["next"]["at"] == "2026-12-01T03:00:00Z"
    assert owner.post(f"{URL}/{number}/now").json()["state"] == "working"
    assert owner.post(f"{URL}/{number}/agree").status_code == 409
    assert owner.post(f"{URL}/{number}/decline").json()["state"] == "declined"
    assert owner.post(f"{URL}/{number}/now").status_code == 409


def test_what_is_only_planned_can_wait(owner: TestClient, selected: Server) -> None:
    (plan,) = owner.get(f"{URL}/plans").json()
    address = f"{URL}/of/{plan['thumbprint'][:12]}/postpone"
    too_early = owner.post(address, json={"until": "2026-11-25T00:00:00Z"})
    assert (too_early.status_code, owner.get(URL).json()) == (422, [])
    until = "2026-12-28T00:00:00Z"
    waiting = owner.post(address, json={"until": until}).json()
    assert (waiting["state"], waiting["next"]["at"]) == ("waiting", until)
    served = owner.get("/api/v1/status").json()["services"][0]["endpoints"][0]["next_renewal"]
    assert (served["waits_for"], served["at"]) == ("time", until)
    assert owner.get(URL).json() == [waiting]


def test_a_declined_renewal_counts_in_the_sentence_on_top(
    owner: TestClient, selected: Server
) -> None:
    number = owner.post(URL, json={"certificate": selected_fingerprint(selected)}).json()["id"]
    owner.post(f"{URL}/{number}/decline")
    status = owner.get("/api/v1/status").json()
    assert "It is not renewed by itself. local owner declined it." in status["renewal_sentence"]
    for endpoint in status["services"][0]["endpoints"]:
        assert endpoint["next_renewal"]["outlook"] == "declined"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("", {"certificate": "abcdef"}, 404),
        ("/of/abcdef/postpone", {"until": "2026-12-01T03:00:00Z"}, 404),
        ("", {"certificate": "\0"}, 422),
        ("", {"certificate": "ab", "key": "old"}, 422),
        ("/due", {"dry_run": "perhaps"}, 422),
        ("/1/agree", None, 404),
        ("/0/agree", None, 422),
        ("/9223372036854775808/agree", None, 422),
        ("/x/agree", None, 422),
        ("/1/postpone", {"until": "tomorrow"}, 422),
        ("/1/postpone", {"until": "2026-12-01T03:00:00"}, 422),
        ("/1/postpone", {"until": "2026-12-01T03:00:00Z"}, 404),
    ],
)
def test_what_makes_no_sense_is_a_problem(
    owner: TestClient, path: str, body: object, status: int
) -> None:
    answer = owner.post(f"{URL}{path}", json=body)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]


def test_a_certificate_is_requested_with_a_key_of_ours_or_of_others(owner: TestClient) -> None:
    wanted = {"names": ["*.corp.example"], "key_type": "rsa-2048", "lifetime_seconds": 86400}
    ours = owner.post("/api/v1/requests", json=wanted)
    assert ours.status_code == 201, ours.text
    shown = {name: ours.json()[name] for name in ("certificate", "key_type", "lifetime_seconds")}
    assert shown == {"certificate": None, "key_type": "rsa-2048", "lifetime_seconds": 86400}
    key = generate_private_key(KeyType.EC_P256)
    der = build_request(key, (parse_server_name("a.corp.example"),), "a.corp.example")
    pem = DER_cert_to_PEM_cert(der).replace("CERTIFICATE", "CERTIFICATE REQUEST")
    theirs = owner.post("/api/v1/requests", json={"signing_request": pem}).json()
    assert (theirs["names"], theirs["key_elsewhere"]) == (["a.corp.example"], True)


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"names": ["*"]},
        {"names": ["a.corp.example"], "key_type": "rsa-512"},
        {"names": ["a.corp.example"], "lifetime_seconds": 0},
        {"names": ["a.corp.example"], "lifetime_seconds": 10**9},
        {"names": ["a.corp.example"], "lifetime_seconds": 10**18},
        {"signing_request": "-----BEGIN CERTIFICATE REQUEST-----"},
        {"names": ["a\0"]},
    ],
)
def test_a_request_for_what_cannot_be_is_refused(owner: TestClient, wanted: object) -> None:
    answer = owner.post("/api/v1/requests", json=wanted)
    assert answer.status_code == 422, answer.text
    assert owner.get(URL).json() == []


def test_status_tells_what_is_renewed_when(owner: TestClient, selected: Server) -> None:
    status = owner.get("/api/v1/status").json()
    assert status["renewal_sentence"].startswith("The next renewal is on ")
    assert status["renewals"] == []
    (service,) = status["services"]
    for endpoint in service["endpoints"]:
        planned = endpoint["next_renewal"]
        assert (planned["outlook"], planned["authority"]) == ("planned", "internal")
        assert planned["reason"]
    number = owner.post(URL, json={"certificate": selected_fingerprint(selected)}).json()["id"]
    status = owner.get("/api/v1/status").json()
    assert [one["id"] for one in status["renewals"]] == [number]
    assert status["services"][0]["endpoints"][0]["next_renewal"]["renewal"] == number


def test_settings_of_renewals_are_set_by_their_keys(owner: TestClient) -> None:
    window = f"{SETTINGS}/web-server.window"
    assert owner.get(window).json() == {"key": "web-server.window", "value": ""}
    kept = owner.put(window, json={"value": "Sun 02:00-04:00"})
    assert kept.json()["value"] == "Sun 02:00-04:00"
    assert owner.get(SETTINGS).json()["web-server.window"] == "Sun 02:00-04:00"
    assert owner.put(window, json={"value": "Sun"}).status_code == 422
    unknown = owner.get(f"{SETTINGS}/nginx/a.corp.example.window")
    assert unknown.status_code == 404
    assert "There is no setting 'nginx/a.corp.example.window'" in unknown.json()["detail"]
