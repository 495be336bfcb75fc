"""Services and their endpoints stand beside the node's own, with the same Select dialog."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from certwright.access.rights import Caller, Right
from certwright.lifecycle.endpoint_health import Health
from certwright.lifecycle.first_start import provide_certificate
from certwright.lifecycle.importing import import_certificate
from certwright.lifecycle.overview import overview
from certwright.lifecycle.server import Server
from certwright.lifecycle.services.adding import ServiceToAdd, take_on_service
from certwright.machine.services.service import Option
from certwright.rules.environment import Environment
from certwright.services.endpoints import ServiceEndpoint, get_endpoint

from ...contract.services import theobald
from ...contract.services.adapter import NAME, ServiceAdapter
from ..foreign_authority import ForeignAuthority, Issued
from .conftest import OWNER
from .forms import Forms, readable

ENDPOINT = ServiceEndpoint(f"nginx/{NAME}")
LOCATION = f"/settings/{ENDPOINT}/certificate"
TITLE = f"{NAME} of nginx"

Log = Callable[[Right], Forms]


def bring(server: Server, issued: Issued, admin: Caller) -> str:
    import_certificate(server, issued.pem, None, friendly_name="", caller=admin)
    return issued.leaf.fingerprint


def version(server: Server, name: ServiceEndpoint = ENDPOINT) -> int:
    with server.database.connect() as connection:
        return get_endpoint(connection, name).version


def wait_for_the_end(page: Forms, address: str) -> str:
    deadline = time.monotonic() + 30
    while "is being activated" in (text := page.text(address)):
        assert time.monotonic() < deadline, text
        time.sleep(0.02)
    return text


def wait_until_served(nginx: ServiceAdapter, thumbprint: str) -> None:
    """A worker that was told to go may answer once more after the new ones did."""
    deadline = time.monotonic() + 30
    while (served := nginx.served()) != thumbprint:
        assert time.monotonic() < deadline, served
        time.sleep(0.02)


def test_what_a_service_serves_stands_beside_the_nodes_own(
    server: Server, nginx: ServiceAdapter, forms: Log
) -> None:
    user = forms(Right.READ)
    page = user.page("/")
    text = readable(page)
    # It was taken on with what it serves, and nobody has said yet who is to renew that.
    assert text.count("It is not renewed by itself. No authority is known for it.") == 2
    assert "Nobody renews" not in text  # the bar on top says it once
    assert page.count('href="/renewals">What to do</a>') == 1
    rows = text[text.index("Proof") :]
    assert rows.index("Web Server") < rows.index(NAME)
    assert f"Right for {NAME} until" in text
    assert "nginx 1." in text
    assert f"{TITLE} good until" in page
    # It is judged for where it is used, and not for the node's own name.
    served = user.client.get(f"/api/v1/certificates/{nginx.current.leaf.fingerprint}").json()
    codes = {finding["code"] for finding in served["findings"]}
    assert not codes & {"san-lacks-name", "private-key-missing"}


def test_the_sentence_does_not_say_that_all_is_right_while_a_service_is_not(
    server: Server, nginx: ServiceAdapter, forms: Log
) -> None:
    user = forms(Right.MODIFY)
    with server.database.begin() as connection:
        connection.exec_driver_sql(
            'update endpoints set addresses = \'[{"host": "127.0.0.1", "port": 1, '
            '"starttls": ""}]\' where service = \'nginx\''
        )
    assert user.send("/prove", endpoint=ENDPOINT).headers["location"] == "/"
    text = user.text("/")
    assert "All endpoints are proven." not in text
    assert f"{TITLE}: The last handshake from outside did not prove it." in text
    assert "Nothing listens on 127.0.0.1:1. See whether nginx runs, and start it." in text
    page = user.page("/")
    assert '<button class="primary">Look again</button>' in page
    assert f'<a class="button" href="{LOCATION}"' in page
    assert overview(server).health is Health.BROKEN
    status = user.client.get("/api/v1/status").json()
    (served,) = status["services"][1]["endpoints"]
    assert (status["health"], served["health"]) == ("broken", "broken")
    assert status["sentence"] == f"{TITLE}: {served['sentence']}"
    assert status["ready"]  # the node is, whatever a program beside it does


def test_select_offers_what_is_right_for_the_service_and_activation_proves_it(
    server: Server,
    nginx: ServiceAdapter,
    forms: Log,
    company: ForeignAuthority,
    admin: Caller,
) -> None:
    new = company.issue([NAME])
    chosen = bring(server, new, admin)
    user = forms(Right.MODIFY)
    text = user.text(LOCATION)
    assert f"for {TITLE}, environment test" in text
    right, _, wrong = text.partition("Not right")
    assert f"Right for {NAME}" in right
    assert "todd.corp.example" in wrong
    saved = user.send(LOCATION, version=version(server), certificate=chosen)
    assert (saved.status_code, saved.headers["location"]) == (303, f"/?saved={ENDPOINT}")
    main = user.text(saved.headers["location"])
    assert f"Saved. {TITLE} still serves the former certificate until it is activated." in main
    assert "no connection is lost" in main
    begun = user.send("/restart", endpoint=ENDPOINT)
    told = wait_for_the_end(user, begun.headers["location"])
    assert f"{TITLE} is proven." in told
    wait_until_served(nginx, new.leaf.thumbprint)


def test_what_is_not_right_names_the_rule_and_asks(
    server: Server, nginx: ServiceAdapter, forms: Log, company: ForeignAuthority, admin: Caller
) -> None:
    chosen = bring(server, company.issue(["todd.corp.example"]), admin)
    asked = forms(Right.MODIFY).send(LOCATION, version=version(server), certificate=chosen)
    assert f"is not right for {NAME}:" in asked.text
    assert "<code>san-lacks-name</code>" in asked.text
    assert "Save all the same" in asked.text


def test_what_does_not_prove_itself_is_put_back_line_by_line(
    server: Server, nginx: ServiceAdapter, forms: Log, company: ForeignAuthority, admin: Caller
) -> None:
    chosen = bring(server, company.issue(["other.corp.example"]), admin)
    user = forms(Right.MODIFY)
    fields = {"version": version(server), "certificate": chosen, "confirmed": "true"}
    assert user.send(LOCATION, **fields).status_code == 303
    begun = user.send("/restart", endpoint=ENDPOINT)
    told = wait_for_the_end(user, begun.headers["location"])
    assert f"{TITLE} was not proven; the former certificate was put back." in told
    assert "Put back." in told
    wait_until_served(nginx, nginx.current.leaf.thumbprint)
    assert "Try it again" in user.text("/")


def test_the_window_of_a_certificate_tells_which_services_it_is_right_for(
    server: Server, nginx: ServiceAdapter, forms: Log, company: ForeignAuthority, admin: Caller
) -> None:
    user = forms(Right.MODIFY)
    served = user.text(f"/certificates/{nginx.current.leaf.fingerprint}/right-for")
    assert f"{TITLE}: right" in served
    assert "Saved and served." in served
    new, other = company.issue([NAME]), company.issue(["other.corp.example"])
    page = user.page(f"/certificates/{bring(server, new, admin)}/right-for")
    assert f"Select it for {TITLE}" in readable(page)
    assert f'action="{LOCATION}"' in page
    assert TITLE not in user.text(f"/certificates/{bring(server, other, admin)}/right-for")


def test_whoever_is_locked_out_by_an_expired_certificate_gets_back_in_by_selecting_another(
    server: Server, forms: Log, company: ForeignAuthority, admin: Caller, tmp_path: Path
) -> None:
    provide_certificate(server, None)
    then = server.now()
    expired = company.issue(
        [NAME], not_before=then - timedelta(days=90), not_after=then - timedelta(days=1)
    )
    bring(server, expired, admin)
    folder = tmp_path / "xtract-universal"
    folder.mkdir()
    user = forms(Right.MODIFY)
    with theobald.running(folder, expired) as installation:
        assert installation.reference is not None
        names = Option("names", NAME)
        known_by = replace(installation.reference, options=(*installation.reference.options, names))
        take_on_service(server, ServiceToAdd(known_by, "", Environment.TEST), OWNER)
        told = user.text("/")
        assert "Locked out of it?" in told
        assert "certwright activate xtract-universal/web-server --reset" in told
        name = ServiceEndpoint("xtract-universal/web-server")
        new = company.issue([NAME])
        installation.material(new, expired)  # as an import into the Windows store would
        chosen = {"version": version(server, name), "certificate": bring(server, new, admin)}
        saved = user.send(f"/settings/{name}/certificate", **chosen)
        assert "ends connections of clients" in user.text(saved.headers["location"])
        begun = user.send("/restart", endpoint=name)
        text = wait_for_the_end(user, begun.headers["location"])
        assert "web-server of xtract-universal is proven." in text
        assert installation.served() == new.leaf.thumbprint


def test_import_from_the_dialog_leads_back_to_it_and_reading_alone_changes_nothing(
    server: Server, nginx: ServiceAdapter, forms: Log
) -> None:
    page = forms(Right.CREATE).page(f"{LOCATION}/import")
    assert f"For {TITLE}." in readable(page)
    assert f'href="{LOCATION}"' in page
    reader, before = forms(Right.READ), version(server)
    refused = reader.send(LOCATION, version=before, certificate=nginx.current.leaf.fingerprint)
    assert refused.status_code == 403
    assert reader.send("/restart", endpoint=ENDPOINT).status_code == 403
    assert version(server) == before


def test_an_endpoint_that_is_not_there_is_told_of(server: Server, forms: Log) -> None:
    user = forms(Right.ADMIN)
    for name in ("nginx/none", "none", "a/b/c", "%3Cb%3E/x"):
        answer = user.client.get(f"/settings/{name}/certificate")
        assert answer.status_code == 404
        assert "<b>" not in answer.text
        assert user.send("/restart", endpoint=name).status_code == 404
