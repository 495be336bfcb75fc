"""To write the database is not enough to have a node run a program."""

import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from certwright.access.rights import Caller, Right
from certwright.database.tables import services_of_nodes
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import latest_events
from certwright.lifecycle.server import Server
from certwright.lifecycle.services.adding import ServiceToAdd, forget_service, take_on_service
from certwright.lifecycle.services.resetting import reset_service
from certwright.lifecycle.switching import confirm, perform, switch_back
from certwright.lifecycle.telling.kinds import is_trouble
from certwright.machine.services.service import Option, ServiceReference
from certwright.machine.services.tasks import ActivateService
from certwright.rules.environment import Environment
from certwright.services.endpoints import ServiceEndpoint, get_endpoint
from certwright.services.registered import get_service
from certwright.x509.keys import private_key_to_pem

from ...foreign_authority import ForeignAuthority

OWNER = Caller("local owner", Right.ADMIN, is_local=True)
ENDPOINT = ServiceEndpoint("files/files")


@pytest.fixture
def wanted(tmp_path: Path, server: Server, company: ForeignAuthority) -> ServiceToAdd:
    """Plain files, with a command that leaves a mark when they were changed; taken on."""
    issued = company.issue(["files.corp.example"])
    (tmp_path / "site.pem").write_text(issued.leaf.pem)
    (tmp_path / "site.key").write_text(private_key_to_pem(issued.key))
    options = (
        Option("certificate", str(tmp_path / "site.pem")),
        Option("key", str(tmp_path / "site.key")),
        Option("names", "files.corp.example"),
        Option("reload", touching(tmp_path / "allowed")),
    )
    reference = ServiceReference("files", "", options)
    wanted = ServiceToAdd(reference, "", Environment.TEST)
    take_on_service(server, wanted, OWNER)
    return wanted


def touching(mark: Path) -> str:
    """A command line that makes `mark`."""
    return shlex.join(["touch", str(mark)])


def activate(server: Server, name: str = "files") -> None:
    """Run what its record says."""
    with server.database.connect() as connection:
        service = get_service(connection, name)
    perform(server, service, ActivateService(service.reference, "files"))


def change(server: Server, **values: Any) -> None:
    """As somebody does who may write the database."""
    with server.database.begin() as connection:
        connection.execute(update(services_of_nodes).values(**values))


def refusal(server: Server, name: str = "files") -> CertwrightError:
    with pytest.raises(CertwrightError) as refused:
        activate(server, name)
    assert refused.value.code is ErrorCode.NOT_PERMITTED
    return refused.value


def test_what_was_taken_on_is_run(server: Server, wanted: ServiceToAdd, tmp_path: Path) -> None:
    activate(server)
    assert (tmp_path / "allowed").exists()
    assert wanted.reference.kind == "files"


def test_a_command_that_was_put_into_the_database_is_not_run(
    server: Server, wanted: ServiceToAdd, tmp_path: Path
) -> None:
    mark = tmp_path / "not allowed"
    options = [{"name": one.name, "value": one.value} for one in wanted.reference.options[:-1]]
    change(server, options=[*options, {"name": "reload", "value": touching(mark)}])
    error = refusal(server)
    assert not mark.exists()
    assert "certwright services remove files" in error.remedy
    event = latest_events(server, 1)[0]
    assert (event.kind, event.subject, event.good) == ("service-refused", "files", False)
    assert is_trouble(event, "mail")


def test_its_selection_and_its_reset_are_refused_too(
    server: Server, wanted: ServiceToAdd, tmp_path: Path
) -> None:
    change(server, kind="xtract-universal", configuration=str(tmp_path))
    with server.database.connect() as connection:
        saved = get_endpoint(connection, ENDPOINT).saved
    with pytest.raises(CertwrightError, match="not what this node took on"):
        confirm(server, ENDPOINT)
    with pytest.raises(CertwrightError, match="not what this node took on"):
        switch_back(server, ENDPOINT, saved)
    with pytest.raises(CertwrightError, match="not what this node took on"):
        reset_service(server, ENDPOINT, OWNER)
    assert wanted.name == ""


def test_a_service_that_another_node_took_on_is_not_run(
    server: Server, wanted: ServiceToAdd, tmp_path: Path
) -> None:
    with server.database.connect() as connection:
        service = get_service(connection, "files")
    elsewhere = replace(server.seals, node="todd-2").sealed(service)
    change(server, seal=elsewhere.seal)
    refusal(server)
    assert not (tmp_path / "allowed").exists()
    assert wanted.reference == service.reference


def test_what_was_removed_and_taken_on_again_is_run(
    server: Server, wanted: ServiceToAdd, tmp_path: Path
) -> None:
    change(server, seal=None)
    refusal(server)
    forget_service(server, "files", OWNER)
    take_on_service(server, wanted, OWNER)
    activate(server)
    assert (tmp_path / "allowed").exists()
