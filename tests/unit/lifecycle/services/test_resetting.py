"""The way out of last resort: what is reset is on record, whatever becomes of the restart."""

import json
from pathlib import Path

import pytest

from certwright.access.rights import Caller, Right
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import latest_events
from certwright.lifecycle.server import Server
from certwright.lifecycle.services.adding import ServiceToAdd, take_on_service
from certwright.lifecycle.services.resetting import reset_service
from certwright.machine.services.service import Option, ServiceReference
from certwright.rules.environment import Environment
from certwright.services.endpoints import ServiceEndpoint

OWNER = Caller("local owner", Right.ADMIN, is_local=True)


@pytest.fixture
def settings(server: Server, tmp_path: Path) -> Path:
    """Those of an Xtract Universal that is taken on, and that cannot be restarted."""
    file = tmp_path / "config" / "servers" / "tls.json"
    file.parent.mkdir(parents=True)
    choices = {"webServer": {"thumbprint": "ab" * 20}, "configServer": {"thumbprint": "cd" * 20}}
    file.write_text(json.dumps(choices))
    options = (Option("restart", "false"), Option("web-server-port", "1"))
    reference = ServiceReference("xtract-universal", str(tmp_path), options)
    take_on_service(server, ServiceToAdd(reference, "xu", Environment.TEST), OWNER)
    return file


def test_a_reset_without_its_restart_is_on_record(server: Server, settings: Path) -> None:
    with pytest.raises(CertwrightError, match="exit code 1"):
        reset_service(server, ServiceEndpoint("xu/web-server"), OWNER)
    assert not settings.exists()
    event = latest_events(server, 1)[0]
    assert (event.kind, event.actor, event.good) == ("service-reset", OWNER.name, False)
    assert event.message.startswith("The TLS settings of xu were reset, but it was not restarted")


def test_nothing_is_reset_for_an_endpoint_that_is_none(server: Server, settings: Path) -> None:
    with pytest.raises(CertwrightError) as refused:
        reset_service(server, ServiceEndpoint("xu/web-servr"), OWNER)
    assert refused.value.code is ErrorCode.NOT_FOUND
    assert settings.exists()
