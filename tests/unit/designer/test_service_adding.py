"""Adding a service is a short guided form: which one, the plan, and only then yes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from certwright.access.rights import Right
from certwright.lifecycle.server import Server
from certwright.services.registered import list_services
from certwright.x509.keys import private_key_to_pem

from ..foreign_authority import ForeignAuthority
from .forms import Forms, readable

Log = Callable[[Right], Forms]
SITE = """events {{}}
http {{ server {{ listen 127.0.0.1:1 ssl; server_name {name};
  ssl_certificate {folder}/site.pem; ssl_certificate_key {folder}/site.key; }} }}
"""


@pytest.fixture
def configuration(tmp_path: Path, company: ForeignAuthority) -> Path:
    """Of an nginx that does not run: nothing listens at its port."""
    issued = company.issue(["www.corp.example"])
    (tmp_path / "site.pem").write_text(issued.leaf.pem)
    (tmp_path / "site.key").write_text(private_key_to_pem(issued.key))
    file = tmp_path / "nginx.conf"
    file.write_text(SITE.format(name="www.corp.example", folder=tmp_path))
    return file


@pytest.fixture
def server(server: Server, configuration: Path) -> Server:
    """One that was told of that nginx, and of a place with markup in its name."""
    listed = frozenset({f"nginx={configuration}", "xtract-universal=/srv/<b>x</b>"})
    return replace(server, allowed_services=listed)


def services(server: Server) -> list[str]:
    with server.database.connect() as connection:
        return [one.name for one in list_services(connection)]


def test_the_plan_is_shown_first_and_kept_only_after_yes(
    server: Server, configuration: Path, forms: Log
) -> None:
    admin = forms(Right.ADMIN)
    assert "No service is cared for yet." in admin.text("/")
    fields = {"service": f"nginx={configuration}", "environment": "production", "name": "shop"}
    plan = admin.send("/add-service/plan", **fields).text
    assert "Care for shop from now on?" in readable(plan)
    assert "Names www.corp.example" in readable(plan)
    assert str(configuration.parent / "site.pem") in plan
    assert services(server) == []
    added = admin.send("/add-service/yes", **fields)
    assert (added.status_code, added.headers["location"]) == (303, "/?added=shop")
    assert services(server) == ["shop"]
    assert "shop is cared for from now on." in admin.text("/?added=shop")
    shown = admin.text("/services/shop")
    assert "environment production" in shown
    assert "Select X.509 certificate" in shown
    assert "It serves on with what it has" in admin.text("/services/shop/remove")
    assert admin.send("/services/shop/remove").headers["location"] == "/"
    assert services(server) == []
    assert admin.client.get("/services/shop").status_code == 404


def test_what_names_programs_or_files_is_only_for_the_owner_and_the_form_says_so(
    server: Server, tmp_path: Path, forms: Log
) -> None:
    admin = forms(Right.ADMIN)
    text = admin.text("/add-service")
    assert "only the above can be added" in text
    assert "certwright services add" in text
    assert "board-connector, command, files, java-keystore, kubernetes" in text
    for service in ("command", f"nginx={tmp_path}/other.conf", "files=/etc", "xtract-universal"):
        refused = admin.send("/add-service/yes", service=service, environment="test")
        assert refused.status_code == 403, service
        assert "--allow-service" in refused.text
    assert services(server) == []


def test_what_comes_in_is_only_text_and_a_wrong_form_changes_nothing(
    server: Server, configuration: Path, forms: Log
) -> None:
    admin = forms(Right.ADMIN)
    assert "<b>x</b>" not in admin.page("/add-service")
    listed = {"service": f"nginx={configuration}", "environment": "test"}
    for fields in (
        listed | {"name": "<script>alert(1)</script>"},
        listed | {"service": "<script>alert(1)</script>"},
        listed | {"environment": "<script>alert(1)</script>"},
        {"environment": "test"},
        {"service": "xtract-universal=/srv/<b>x</b>", "environment": "test"},
    ):
        refused = admin.send("/add-service/plan", **fields)
        assert refused.status_code in {400, 404}, fields
        assert "<script>alert" not in refused.text
        assert "<b>x</b>" not in refused.text
    foreign = admin.client.post("/add-service/yes", data=listed)
    assert foreign.status_code == 403
    elsewhere = admin.client.post(
        "/services/nginx/remove", data={}, headers={"Origin": "https://evil.example"}
    )
    assert elsewhere.status_code == 403
    assert services(server) == []


def test_lesser_rights_may_look_at_a_service_but_neither_add_nor_remove_one(
    server: Server, configuration: Path, forms: Log
) -> None:
    fields = {"service": f"nginx={configuration}", "environment": "test"}
    assert forms(Right.ADMIN).send("/add-service/yes", **fields).status_code == 303
    user = forms(Right.CREATE)
    assert "Removing needs the right Admin; yours is Create." in user.text("/services/nginx")
    assert user.client.get("/add-service").status_code == 403
    assert user.client.get("/services/nginx/remove").status_code == 403
    assert user.send("/add-service/plan", **fields).status_code == 403
    assert user.send("/services/nginx/remove").status_code == 403
    assert services(server) == ["nginx"]
