"""A public certificate for the Web Server with a browser alone: set up, asked for, and there."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert
from tests.interop.acme.pebble import Pebble
from tests.interop.acme.responders import HttpResponder

from certwright.access.rights import Right
from certwright.access.sessions import begin_session
from certwright.authorities.acme.challenges import ChallengeKind
from certwright.database.access_tables import users
from certwright.front.session_cookie import COOKIE
from certwright.lifecycle.first_start import provide_certificate
from certwright.lifecycle.renewal.advancing import Surroundings, advance
from certwright.lifecycle.server import Server
from certwright.rules.environment import Environment

from ...unit.api.conftest import client_of
from ...unit.composed_server import Clock, compose_server, root_key_folder
from ...unit.designer.forms import Forms, readable
from ...unit.tls_front import TlsFront

ADD, NEW = "/add-authority", "/settings/web-server/certificate/new"
KEY = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"
SURROUNDINGS = Surroundings(lambda: 0.5, UTC)


@pytest.fixture
def server(database: Engine, tmp_path: Path, http: HttpResponder) -> Server:
    """One that is called from outside the company; pebble's calls of port 80 come to `http`."""
    front = TlsFront()
    made = compose_server(
        *(database, front, front.ports, Clock(datetime.now(UTC)), root_key_folder(tmp_path)),
        environment=Environment.CLOUD,
        responders={ChallengeKind.HTTP_01: http},
    )
    provide_certificate(made, None)
    return made


@pytest.fixture
def admin(server: Server, tmp_path: Path) -> Forms:
    now = server.now()
    with server.database.begin() as connection:
        connection.execute(
            insert(users).values(name="ada", password_hash="none", right="admin", created_at=now)
        )
        session = begin_session(connection, "ada", Right.ADMIN, now, os.urandom)
    client = client_of(server, root_key_folder(tmp_path), None)
    client.cookies.set(COOKIE, session.token)
    return Forms(client)


def test_from_no_authority_to_a_certificate_that_can_be_selected(
    server: Server, admin: Forms, pebble: Pebble
) -> None:
    assert f'href="{ADD}?for=web-server"' in admin.page(NEW)
    assert "Let's Encrypt" in admin.text(f"{ADD}?for=web-server")
    directory = {
        "directory": "other",
        "other": pebble.directory,
        "ca_pem": pebble.ca_pem,
        "endpoint": "web-server",
    }
    terms = admin.send(f"{ADD}/terms", **directory)
    assert "I agree to the authority's terms of service" in readable(terms.text)
    assert 'type="password"' in terms.text
    answers = {"name": "outside", "challenge": "http-01", "contact": "tls@corp.example"}
    refused = admin.send(f"{ADD}/yes", **directory, **answers, eab_key=KEY)
    assert refused.status_code == 400
    assert "issues to nobody who does not agree" in refused.text
    assert KEY not in refused.text
    assert [one.name for one in server.authorities.list()] == ["internal"]
    made = admin.send(f"{ADD}/yes", **directory, **answers, agreed="true")
    assert (made.status_code, made.headers["location"]) == (303, NEW)
    offered = admin.page(NEW)
    assert offered.index('value="outside"') < offered.index('value="internal"')
    begun = admin.send(NEW, names="todd.corp.example", authority="outside")
    progress = begun.headers["location"]
    done = advance(server, int(progress.rpartition("/")[2]), SURROUNDINGS)
    assert done.issued is not None, done.sentence
    assert f"?chosen={done.issued}" in admin.page(progress)


def test_a_directory_that_is_none_keeps_nothing(server: Server, admin: Forms) -> None:
    for directory, status in (
        ({"directory": "other", "other": "https://127.0.0.1:1/dir"}, 400),
        ({"directory": "other", "other": "http://corp.example/dir"}, 400),
        ({"directory": "other", "other": "<b>x</b>"}, 400),
        ({"directory": ""}, 400),
        ({"directory": "letsencrypt", "ca_pem": "<b>x</b>"}, 400),
        ({"directory": "letsencrypt", "endpoint": "<b>x</b>"}, 404),
    ):
        refused = admin.send(f"{ADD}/terms", **directory)
        assert refused.status_code == status, (directory, refused.text)
        assert "<b>x</b>" not in refused.text
    assert len(server.authorities.list()) == 1
