"""Getting a certificate for an endpoint from within its Select dialog."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC

import pytest

from certwright.access.rights import Caller, Right
from certwright.authorities.by_hand_requests import waiting_requests
from certwright.authorities.records import AuthorityKind, AuthorityRecord
from certwright.designer.certificate_request import offered_authorities
from certwright.lifecycle.authorities import create_authority
from certwright.lifecycle.first_start import provide_certificate
from certwright.lifecycle.renewal.advancing import Surroundings, advance
from certwright.lifecycle.renewal.record import latest_renewals
from certwright.lifecycle.server import Server
from certwright.rules.environment import Environment

from .forms import Forms, readable

Log = Callable[[Right], Forms]
NEW = "/settings/web-server/certificate/new"
INTERNAL, BY_HAND, PUBLIC = (
    AuthorityRecord("internal", AuthorityKind.INTERNAL),
    AuthorityRecord("corp", AuthorityKind.BY_HAND),
    AuthorityRecord("letsencrypt", AuthorityKind.ACME),
)


def orders(server: Server) -> list[str]:
    with server.database.connect() as connection:
        return [one.wanted.authority for one in latest_renewals(connection, 10)]


def test_public_authorities_come_first_where_clients_trust_no_others() -> None:
    records = (INTERNAL, BY_HAND, PUBLIC)
    assert offered_authorities(records, Environment.CLOUD) == (PUBLIC, INTERNAL, BY_HAND)
    assert offered_authorities(records, Environment.PRODUCTION) == (INTERNAL, BY_HAND, PUBLIC)


def test_a_request_is_watched_step_by_step_and_then_selected(server: Server, forms: Log) -> None:
    provide_certificate(server, None)
    user = forms(Right.CREATE)
    assert f'href="{NEW}"' in user.page("/settings/web-server/certificate")
    assert 'value="todd.corp.example localhost"' in user.page(NEW)
    begun = user.send(NEW, names="todd.corp.example, www.corp.example", authority="internal")
    assert begun.status_code == 303
    progress = begun.headers["location"]
    assert progress.startswith(f"{NEW}/")
    page = user.page(progress)
    assert "internal is being asked." in readable(page)
    assert f'hx-get="{progress}?seen=' in page
    assert "Look again" in page
    number = int(progress.rpartition("/")[2])
    done = advance(server, number, Surroundings(lambda: 0.5, UTC))
    page = user.page(progress)
    assert "It is there." in readable(page)
    assert "internal issued todd.corp.example" in readable(page)
    assert f"/settings/web-server/certificate?chosen={done.issued}" in page
    chosen = user.page(f"/settings/web-server/certificate?chosen={done.issued}")
    assert f'value="{done.issued}" aria-describedby' in chosen
    assert "checked autofocus" in chosen


def test_what_cannot_be_ordered_is_told_and_orders_nothing(server: Server, forms: Log) -> None:
    provide_certificate(server, None)
    user = forms(Right.CREATE)
    for fields in (
        {"names": "<b>x</b>", "authority": "internal"},
        {"names": "", "authority": "internal"},
        {"names": "www.corp.example", "authority": "<b>x</b>"},
        {"names": "www.corp.example", "authority": ""},
    ):
        refused = user.send(NEW, **fields)
        assert refused.status_code in {400, 404}, fields
        assert 'role="alert"' in refused.text
        assert "<b>x</b>" not in refused.text
    foreign = user.client.post(NEW, data={"names": "a.example", "authority": "internal"})
    assert foreign.status_code == 403
    reader = forms(Right.MODIFY)
    assert reader.client.get(NEW).status_code == 403
    assert reader.send(NEW, names="a.example", authority="internal").status_code == 403
    assert "needs the right Create" in reader.text("/settings/web-server/certificate")
    assert orders(server) == []
    assert user.client.get(f"{NEW}/{2**62}").status_code == 404


def test_what_waits_for_people_says_what_to_do(server: Server, forms: Log, admin: Caller) -> None:
    provide_certificate(server, None)
    create_authority(server, BY_HAND, caller=admin)
    user = forms(Right.CREATE)
    progress = user.send(NEW, names="todd.corp.example", authority="corp").headers["location"]
    advance(server, int(progress.rpartition("/")[2]), Surroundings(lambda: 0.5, UTC))
    text = user.text(progress)
    assert "It waits for the signed answer." in text
    with server.database.connect() as connection:
        (request,) = waiting_requests(connection)
    assert f"certwright authorities requests {request.id} --out FILE" in text
    assert "certwright authorities answer corp FILE" in text
    download = f"/renewals/{progress.rpartition('/')[2]}/signing-request"
    assert f'href="{download}" download' in user.page(progress)
    reader = forms(Right.READ)
    assert f'href="{download}" download' in reader.page("/renewals")
    got = reader.client.get(download)
    assert got.text == request.signing_request_pem
    assert got.headers["content-disposition"] == f'attachment; filename="{request.id}.csr"'
    assert reader.client.get("/renewals/99/signing-request").status_code == 404
    reader.client.cookies.clear()
    assert request.signing_request_pem not in reader.client.get(download).text


class TestCloud:
    """An endpoint that is called from outside the company, such as by Board Cloud."""

    @pytest.fixture
    def server(self, server: Server) -> Server:
        provide_certificate(server, None)
        return replace(server, environment=Environment.CLOUD)

    def test_the_dialog_offers_a_public_one_and_says_how_to_set_it_up(self, forms: Log) -> None:
        user = forms(Right.CREATE)
        dialog = user.text("/settings/web-server/certificate")
        assert "it takes certificates of public authorities only" in dialog
        assert "Get a public one" in dialog
        text = user.text(NEW)
        assert "No public authority is set up." in text
        assert "That needs the right Admin; yours is Create." in text
        assert (
            "certwright authorities create letsencrypt --kind acme --directory letsencrypt" in text
        )
        assert "internal This node's own authority" in text
        assert "it is not trusted outside the company" in text
        assert 'value="todd.corp.example"' in user.page(NEW)
        admin = forms(Right.ADMIN)
        assert 'href="/add-authority?for=web-server"' in admin.page(NEW)
