"""REST: certificates as files, as its clients get them."""

from io import BytesIO
from zipfile import ZipFile

import pytest

from certwright.access.rights import Caller, Right
from certwright.lifecycle.importing import import_certificate
from certwright.lifecycle.server import Server
from certwright.x509.reading import read_bundle
from certwright.x509.writing.sets.ready_set import ReadySet

from ..foreign_authority import ForeignAuthority, Issued
from .conftest import TestClient

PASSWORD = "correct horse"


@pytest.fixture
def issued(selected: Server, company: ForeignAuthority, admin: Caller) -> Issued:
    made = company.issue(["shop.corp.example"])
    name = 'evil"; filename="x.exe\r\nSet-Cookie: a=b'
    import_certificate(selected, made.pem, None, friendly_name=name, caller=admin)
    return made


def url(issued: Issued, action: str = "export") -> str:
    return f"/api/v1/certificates/{issued.leaf.thumbprint}/{action}"


def test_file_comes_as_a_download_that_no_cache_keeps(owner: TestClient, issued: Issued) -> None:
    wanted = {"format": "pfx", "with_key": True, "password": PASSWORD}
    answer = owner.post(url(issued), json=wanted)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-pkcs12"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    disposition = answer.headers["content-disposition"]
    assert disposition == 'attachment; filename="shop.corp.example.pfx"'
    assert "set-cookie" not in answer.headers
    bundle = read_bundle(answer.content, PASSWORD)
    assert bundle.leaf == issued.leaf
    assert bundle.private_key is not None
    event = owner.get("/api/v1/events?limit=1").json()[0]
    assert (event["kind"], event["actor"]) == ("private-key-exported", "local owner")


@pytest.mark.parametrize("ready_set", ReadySet)
def test_every_set_comes_as_a_zip(owner: TestClient, issued: Issued, ready_set: ReadySet) -> None:
    wanted = {"set": ready_set} | ({"password": PASSWORD} if ready_set.needs_password else {})
    answer = owner.post(url(issued, "export-set"), json=wanted)
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "no-store"
    name = f"shop.corp.example-{ready_set}.zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    with ZipFile(BytesIO(answer.content)) as archive:
        assert archive.testzip() is None


def test_rights(with_right: dict[Right, TestClient], stranger: TestClient, issued: Issued) -> None:
    plain, key = {"format": "pem"}, {"format": "pem", "with_key": True}
    for right, client in with_right.items():
        assert client.post(url(issued), json=plain).status_code == 200
        expected = 200 if right is Right.ADMIN else 403
        assert client.post(url(issued), json=key).status_code == expected
        set_answer = client.post(url(issued, "export-set"), json={"set": "nginx"})
        assert set_answer.status_code == expected
    for action, wanted in (("export", plain), ("export-set", {"set": "nginx"})):
        assert stranger.post(url(issued, action), json=wanted).status_code == 401


@pytest.mark.parametrize(
    ("action", "wanted"),
    [
        ("export", {}),
        ("export", {"format": "exe", "password": PASSWORD}),
        ("export", {"format": "pfx", "with_key": True}),
        ("export", {"format": "der", "with_key": True, "password": PASSWORD}),
        ("export", {"format": "pfx", "with_key": True, "password": PASSWORD * 100}),
        ("export", {"format": "pem", "store": "Nowhere"}),
        ("export-set", {"set": "iis", "password": PASSWORD}),
        ("export-set", {"set": "nginx", "password": PASSWORD}),
        ("export-set", {"set": "sap-pse"}),
    ],
)
def test_what_cannot_be_is_a_problem_without_the_password(
    owner: TestClient, issued: Issued, action: str, wanted: dict[str, object]
) -> None:
    answer = owner.post(url(issued, action), json=wanted)
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid-input"
    assert answer.json()["remedy"]
    assert PASSWORD not in answer.text


def test_description_names_formats_and_sets(owner: TestClient) -> None:
    document = owner.get("/api/v1/openapi.json").json()
    assert "post" in document["paths"]["/api/v1/certificates/{identifier}/export"]
    assert "post" in document["paths"]["/api/v1/certificates/{identifier}/export-set"]
    schemas = document["components"]["schemas"]
    assert schemas["ExportFormat"]["enum"] == ["pem", "pfx", "p7b", "der", "jks"]
    assert set(schemas["ReadySet"]["enum"]) == {one.value for one in ReadySet}
