"""Adding a service is a short guided form: which one, the plan, and only then yes."""

import re
import shutil
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


def test_what_was_added_to_its_configuration_is_told_and_cared_for_after_a_yes(
    server: Server, configuration: Path, forms: Log
) -> None:
    admin, user = forms(Right.ADMIN), forms(Right.CREATE)
    fields = {"service": f"nginx={configuration}", "environment": "test"}
    assert admin.send("/add-service/yes", **fields).status_code == 303
    assert "As it was when last looked at" in admin.text("/services/nginx")
    other = SITE.format(name="shop.corp.example", folder=configuration.parent)
    server_block = other[other.index("server {") : other.rindex("}")].replace("site.", "shop.")
    for ending in ("pem", "key"):
        shutil.copy(
            configuration.with_name(f"site.{ending}"), configuration.with_name(f"shop.{ending}")
        )
    before = configuration.read_text()
    configuration.write_text(before[: before.rindex("}")] + server_block + "}\n")
    seen = admin.send("/services/nginx/look").text
    assert "Care for nginx as it is now?" in readable(seen)
    assert "New: shop.corp.example" in readable(seen)
    assert "Stays as it is: www.corp.example." in readable(seen)
    told = "a server that is not cared for yet: shop.corp.example."
    assert told in admin.text("/services/nginx")
    assert told in user.text("/")
    assert f"{told} Taking it on needs the right Admin; yours is Create." in user.text(
        "/services/nginx"
    )
    mark = re.search('name="mark" value="([0-9a-f]{64})"', seen)
    assert mark is not None
    assert user.send("/services/nginx/look").status_code == 403
    assert user.send("/services/nginx/look/yes", mark=mark[1]).status_code == 403
    assert admin.send("/services/nginx/look/yes", mark="0" * 64).status_code == 409
    assert admin.send("/services/nginx/look/yes", mark=mark[1]).headers["location"] == "/"
    assert "shop.corp.example" in admin.text("/")
    assert told not in admin.text("/services/nginx") + admin.text("/")
    configuration.write_text(before)
    gone = admin.send("/services/nginx/look").text
    assert "shop.corp.example is no longer in the configuration" in readable(gone)
