"""REST: the certificate store, as its clients see it."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import Connection

from certwright.access.rights import Caller, Right
from certwright.api import certificate_listing
from certwright.lifecycle.describing import set_archived
from certwright.lifecycle.importing import import_certificate
from certwright.lifecycle.server import Server
from certwright.stores.database import get_entries
from certwright.stores.place import Place
from certwright.stores.store import StoredCertificate

from ..composed_server import Clock
from ..foreign_authority import ForeignAuthority, Issued
from .conftest import TestClient

URL = "/api/v1/certificates"


def put_in(server: Server, issued: Issued, caller: Caller, name: str = "") -> Issued:
    import_certificate(server, issued.pem, None, friendly_name=name, caller=caller)
    return issued


def send(client: TestClient, *contents: bytes, **fields: str) -> Response:
    files = [("file", (f"file {number}", one)) for number, one in enumerate(contents, 1)]
    response: Response = client.post(URL, files=files, data=fields)
    return response


def fingerprints(response: Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [one["fingerprint"] for one in response.json()]


def pages(client: TestClient, url: str) -> Iterator[list[str]]:
    while url:
        response = client.get(url)
        yield fingerprints(response)
        url = response.links.get("next", {}).get("url", "")


# Lists


def test_list_is_whole_without_a_limit_and_the_same_in_pages(
    owner: TestClient, selected: Server, company: ForeignAuthority, admin: Caller
) -> None:
    for number in range(7):
        put_in(selected, company.issue([f"host-{number}.corp.example"]), admin)
    whole = owner.get(URL)
    assert len(whole.json()) == 3 + 7 + 2
    for limit in (1, 3, 5, 12, 500):
        found = list(pages(owner, f"{URL}?limit={limit}"))
        assert [one for page in found for one in page] == fingerprints(whole)
        assert all(len(page) == limit for page in found[:-1])
    some = f"{URL}?limit=2&store=CA"
    assert [one for page in pages(owner, some) for one in page] == fingerprints(
        owner.get(f"{URL}?store=CA")
    )


def test_list_reads_a_few_whole_certificates_at_a_time(
    owner: TestClient,
    selected: Server,
    company: ForeignAuthority,
    admin: Caller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(7):
        put_in(selected, company.issue([f"host-{number}.corp.example"]), admin)
    whole = fingerprints(owner.get(URL))
    read: list[int] = []

    def get_and_count(
        connection: Connection, wanted: Sequence[tuple[str, Place]]
    ) -> tuple[StoredCertificate, ...]:
        read.append(len(wanted))
        return get_entries(connection, wanted)

    monkeypatch.setattr(certificate_listing, "_READ_AT_ONCE", 5)
    monkeypatch.setattr(certificate_listing, "get_entries", get_and_count)
    assert fingerprints(owner.get(URL)) == whole
    assert read == [5, 5, 2]


def test_list_has_what_the_contract_says(owner: TestClient) -> None:
    for document in owner.get(URL).json():
        assert {
            *("thumbprint", "fingerprint", "subject", "common_name", "names", "issuer"),
            *("serial", "not_before", "not_after", "has_private_key", "machine"),
            *("location", "store", "status", "archived", "friendly_name"),
        } <= document.keys()


def test_list_of_one_store(owner: TestClient, selected: Server) -> None:
    roots = owner.get(URL, params={"location": "LocalMachine", "store": "Root"})
    assert fingerprints(roots) == [selected.authority.root.fingerprint]
    assert fingerprints(owner.get(URL, params={"location": "CurrentUser"})) == []


def test_list_is_narrowed_by_search_expiry_and_archive(
    owner: TestClient, selected: Server, company: ForeignAuthority, admin: Caller, clock: Clock
) -> None:
    one = put_in(selected, company.issue(["gregor.corp.example"]), admin, "Reporting").leaf
    expired = put_in(selected, company.issue(["old.corp.example"], not_after=clock()), admin).leaf
    archived = put_in(selected, company.issue(["away.corp.example"]), admin).leaf
    set_archived(selected, archived.fingerprint, True, caller=admin)

    def listed(**parameters: Any) -> list[str]:
        return fingerprints(owner.get(URL, params=parameters))

    assert listed(search="gregor") == [one.fingerprint]
    assert listed(search="reporting") == [one.fingerprint]
    assert listed(search=one.thumbprint[:12]) == [one.fingerprint]
    clock.at = clock().replace(year=2027, month=1, day=1)
    assert listed(status="expired") == [expired.fingerprint]
    assert expired.fingerprint not in listed(expires_within=400)
    assert one.fingerprint in listed(expires_within=400, store="My")
    assert listed(expires_within=0) == []
    assert archived.fingerprint not in listed()
    assert archived.fingerprint in listed(archived="true")


def test_list_is_sorted_and_narrowed_by_key(
    owner: TestClient, selected: Server, company: ForeignAuthority, admin: Caller
) -> None:
    for name in ("b.example", "a.example"):
        put_in(selected, company.issue([name]), admin)
    mine = {"location": "LocalMachine", "store": "My"}

    def names(**parameters: str) -> list[str]:
        answer = owner.get(URL, params=mine | parameters)
        return [document["common_name"] for document in answer.json()]

    rising = names()
    assert rising == sorted(rising)
    assert names(descending="true") == rising[::-1]
    assert names(sort="added")[-2:] == ["b.example", "a.example"]
    assert names(has_private_key="true") == rising
    assert names(has_private_key="false") == []


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=501",
        "limit=x",
        "after=x",
        "after=9999.x",
        "after=0.x",
        "after=99.",
        "after=%00",
        "status=sad",
        "sort=colour",
        "has_private_key=perhaps",
        "expires_within=-1",
        "expires_within=99999999999999999",
        "store=nowhere",
        "search=" + "x" * 201,
    ],
)
def test_question_that_makes_no_sense_is_told_so(owner: TestClient, query: str) -> None:
    response = owner.get(f"{URL}?{query}")
    assert response.status_code == 422
    assert response.json()["code"] == "invalid-input"


@pytest.mark.parametrize("search", ["", " ", "%", "_", "'", "\\", "a & b | !c:*", "\u202e", "()"])
def test_any_search_is_answered(owner: TestClient, search: str) -> None:
    assert owner.get(URL, params={"search": search}).status_code == 200


# Import


def test_preview_tells_and_saves_nothing(owner: TestClient, company: ForeignAuthority) -> None:
    issued = company.issue(["todd.corp.example"])
    before = owner.get(URL).json()
    plan = send(owner, issued.pem, preview="true").json()
    assert owner.get(URL).json() == before
    assert plan["format"] == "PEM"
    assert [(one["fingerprint"], one["store"], one["is_new"]) for one in plan["entries"]] == [
        (issued.leaf.fingerprint, "My", True),
        (company.intermediate.fingerprint, "CA", True),
        (company.root.fingerprint, "CA", True),
    ]
    assert plan["root"]["common_name"] == "Company Root"
    assert [one["common_name"] for one in plan["chain"]["path"]][-1] == "Company Root"
    done = send(owner, issued.pem, friendly_name="Web").json()
    assert done["added"]
    assert done["certificate"]["friendly_name"] == "Web"
    assert {key: done[key] for key in plan if key != "entries"} == {
        key: plan[key] for key in plan if key != "entries"
    }


def test_several_files_and_a_trusted_root(
    owner: TestClient, selected: Server, company: ForeignAuthority
) -> None:
    issued = company.issue(["todd.corp.example"])
    certificate, _, key = issued.pem.partition(b"-----BEGIN PRIVATE KEY-----")
    done = send(
        owner,
        certificate,
        b"-----BEGIN PRIVATE KEY-----" + key,
        trust_root="true",
        exportable="false",
    ).json()
    assert done["certificate"]["has_private_key"]
    assert done["root"] is None
    assert done["chain"]["ok"]
    roots = fingerprints(owner.get(URL, params={"location": "LocalMachine", "store": "Root"}))
    assert company.root.fingerprint in roots
    with selected.database.connect() as connection:
        assert not selected.vault.is_exportable(connection, issued.leaf.key_fingerprint)


def test_import_without_a_file(owner: TestClient) -> None:
    response = owner.post(URL, data={"password": "x"})
    assert response.status_code == 422
    assert response.json()["code"] == "invalid-input"


# Name, archive, delete


def test_name_and_archive(
    owner: TestClient, selected: Server, company: ForeignAuthority, admin: Caller
) -> None:
    leaf = put_in(selected, company.issue(["todd.corp.example"]), admin).leaf
    url = f"{URL}/{leaf.thumbprint}"
    named = owner.patch(url, json={"friendly_name": "Web"}).json()
    assert (named["friendly_name"], named["archived"]) == ("Web", False)
    archived = owner.patch(url, json={"archived": True}).json()
    assert (archived["friendly_name"], archived["archived"]) == ("Web", True)
    assert owner.patch(url, json={"friendly_name": "x" * 201}).status_code == 422
    assert owner.patch(f"{url}?store=TrustedPeople", json={"archived": False}).status_code == 404
    assert not owner.patch(f"{url}?store=My", json={"archived": False}).json()["archived"]


def test_authority_is_not_judged_as_a_server(
    owner: TestClient, selected: Server, company: ForeignAuthority, admin: Caller
) -> None:
    root = selected.authority.root.fingerprint
    assert owner.get(f"{URL}/{root}").json()["findings"] == []
    leaf = put_in(selected, company.issue(["mail.corp.example"]), admin).leaf
    assert owner.get(f"{URL}/{leaf.fingerprint}").json()["findings"] != []


def test_delete_tells_what_is_gone(
    owner: TestClient, selected: Server, company: ForeignAuthority, admin: Caller
) -> None:
    leaf = put_in(selected, company.issue(["todd.corp.example"]), admin).leaf
    deleted = owner.delete(f"{URL}/{leaf.thumbprint}").json()
    assert deleted["certificate"]["fingerprint"] == leaf.fingerprint
    assert deleted["private_key_deleted"]
    assert owner.get(f"{URL}/{leaf.fingerprint}").status_code == 404
    assert owner.delete(f"{URL}/{leaf.fingerprint}").status_code == 404


def test_what_is_in_use_is_not_deleted(owner: TestClient, selected: Server) -> None:
    response = owner.delete(f"{URL}/{selected.authority.root.fingerprint}")
    assert response.status_code == 409
    assert response.json()["code"] == "certificate-in-use"


@pytest.mark.parametrize(
    ("right", "listing", "naming", "importing", "deleting"),
    [
        (Right.READ, 200, 403, 403, 403),
        (Right.MODIFY, 200, 200, 403, 403),
        (Right.CREATE, 200, 200, 200, 403),
        (Right.ADMIN, 200, 200, 200, 200),
    ],
)
def test_each_right(
    with_right: dict[Right, TestClient],
    selected: Server,
    company: ForeignAuthority,
    admin: Caller,
    right: Right,
    listing: int,
    naming: int,
    importing: int,
    deleting: int,
) -> None:
    client = with_right[right]
    leaf = put_in(selected, company.issue(["todd.corp.example"]), admin).leaf
    url = f"{URL}/{leaf.fingerprint}"
    assert client.get(URL).status_code == client.get(url).status_code == listing
    assert client.patch(url, json={"friendly_name": "x"}).status_code == naming
    other = company.issue(["gregor.corp.example"])
    assert send(client, other.pem, preview="true").status_code == importing
    assert send(client, other.pem).status_code == importing
    assert client.delete(url).status_code == deleting


def test_stranger_gets_nothing(stranger: TestClient, selected: Server) -> None:
    url = f"{URL}/{selected.authority.root.fingerprint}"
    for response in (
        stranger.get(URL),
        stranger.get(url),
        stranger.delete(url),
        stranger.patch(url, json={}),
        send(stranger, b"x"),
        stranger.get("/api/v1/events"),
    ):
        assert response.status_code == 401


# Events


def test_events_tell_who_did_what(
    owner: TestClient, selected: Server, company: ForeignAuthority, admin: Caller
) -> None:
    leaf = put_in(selected, company.issue(["todd.corp.example"]), admin).leaf
    owner.delete(f"{URL}/{leaf.fingerprint}")
    latest = owner.get("/api/v1/events", params={"limit": 2}).json()
    assert [(one["kind"], one["actor"]) for one in latest] == [
        ("certificate-deleted", "local owner"),
        ("certificate-imported", "ada"),
    ]
    assert latest[0]["subject"] == leaf.fingerprint
    assert owner.get("/api/v1/events", params={"limit": 0}).status_code == 422
