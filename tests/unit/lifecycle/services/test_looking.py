"""A service is looked at again: what is new is cared for after a yes, and what stays keeps all."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from certwright.access.rights import Caller, Right
from certwright.database.node_views import activations
from certwright.database.tables import services_of_nodes
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.activation_record import ActivationState
from certwright.lifecycle.events import latest_events
from certwright.lifecycle.server import Server
from certwright.lifecycle.services.adding import ServiceToAdd, take_on_service
from certwright.lifecycle.services.looking import (
    DIFFERS,
    look_again,
    look_at_services,
    take_on_look,
)
from certwright.lifecycle.telling.kinds import is_trouble
from certwright.machine.services.service import ServiceReference
from certwright.rules.environment import Environment
from certwright.services.endpoints import (
    Endpoint,
    RenewalKey,
    RenewalSettings,
    ServiceEndpoint,
    list_service_endpoints,
    save_renewal_settings,
)
from certwright.services.registered import RegisteredService, get_service
from certwright.x509.keys import private_key_to_pem

from ...composed_server import Clock
from ...foreign_authority import ForeignAuthority

OWNER = Caller("local owner", Right.ADMIN, is_local=True)
SETTINGS = RenewalSettings("internal", RenewalKey.SAME, "02:00-04:00")
SITE = """server {{ listen 127.0.0.1:{port} ssl; server_name {name}{more};
  ssl_certificate {folder}/{name}.pem; ssl_certificate_key {folder}/{name}.key; }}
"""
Write = Callable[..., None]


@pytest.fixture
def write(tmp_path: Path, company: ForeignAuthority) -> Write:
    """Writes the configuration of an nginx that does not run: nothing listens at its ports."""

    def written(*names: str, port: int = 1, more: str = "") -> None:
        for name in names:
            if not (tmp_path / f"{name}.pem").exists():
                issued = company.issue([name])
                (tmp_path / f"{name}.pem").write_text(issued.leaf.pem)
                (tmp_path / f"{name}.key").write_text(private_key_to_pem(issued.key))
        sites = (SITE.format(port=port, name=one, more=more, folder=tmp_path) for one in names)
        text = f"events {{}}\nhttp {{\n{''.join(sites)}}}\n"
        (tmp_path / "nginx.conf").write_text(text)

    return written


@pytest.fixture
def taken_on(server: Server, write: Write, tmp_path: Path) -> None:
    """One with the servers a.example and b.example, of which the first has settings."""
    write("a.example", "b.example")
    reference = ServiceReference("nginx", str(tmp_path / "nginx.conf"))
    take_on_service(server, ServiceToAdd(reference, "", Environment.TEST), OWNER)
    with server.database.begin() as connection:
        save_renewal_settings(connection, ServiceEndpoint("nginx/a.example"), SETTINGS)


def service(server: Server) -> RegisteredService:
    with server.database.connect() as connection:
        return get_service(connection, "nginx")


def endpoints(server: Server) -> dict[str, Endpoint]:
    with server.database.connect() as connection:
        return {one.name: one for one in list_service_endpoints(connection, "nginx")}


def agree(server: Server) -> None:
    take_on_look(server, "nginx", look_again(server, "nginx", OWNER).mark, OWNER)


@pytest.mark.usefixtures("taken_on")
def test_a_look_shows_what_is_new_and_gone_and_takes_on_nothing(
    server: Server, write: Write
) -> None:
    before = endpoints(server)
    write("a.example", "c.example")
    seen = look_again(server, "nginx", OWNER)
    (new,) = seen.new
    assert new.found.name == "c.example"
    assert new.certificate is not None
    assert new.certificate.common_name == "c.example"
    assert [one.name for one in seen.gone] == ["nginx/b.example"]
    assert [one.name for one in seen.stays] == ["nginx/a.example"]
    assert endpoints(server) == before
    assert service(server).latest_look.new == ("c.example",)


@pytest.mark.usefixtures("taken_on")
def test_after_a_yes_what_is_new_is_cared_for_and_what_stays_keeps_all(
    server: Server, write: Write
) -> None:
    before = endpoints(server)["nginx/a.example"]
    write("a.example", "c.example")
    agree(server)
    after = endpoints(server)
    assert set(after) == {"nginx/a.example", "nginx/c.example"}
    assert after["nginx/a.example"] == before
    assert before.renewal == SETTINGS
    new = after["nginx/c.example"]
    assert new.active == new.saved
    assert new.saved.certificate is not None
    assert new.proof is not None
    assert not service(server).latest_look.differs
    event = latest_events(server, 4)
    told = next(one for one in event if one.kind == "service-looked-at")
    assert "cared for from now on: c.example; not cared for any more: b.example" in told.message
    assert told.actor == OWNER.name


@pytest.mark.usefixtures("taken_on")
def test_other_names_and_addresses_are_taken_on_and_the_settings_stay(
    server: Server, write: Write
) -> None:
    before = endpoints(server)["nginx/a.example"]
    write("a.example", "b.example", port=2, more=" www.corp.example")
    agree(server)
    after = endpoints(server)["nginx/a.example"]
    assert after.names == ("a.example", "www.corp.example")
    assert [one.port for one in after.addresses] == [2]
    assert (after.saved, after.active, after.version) == (
        before.saved,
        before.active,
        before.version,
    )
    assert after.renewal == SETTINGS


@pytest.mark.usefixtures("taken_on")
def test_a_yes_to_what_was_there_a_moment_ago_takes_on_nothing(
    server: Server, write: Write
) -> None:
    write("a.example", "b.example", "c.example")
    mark = look_again(server, "nginx", OWNER).mark
    write("a.example")
    with pytest.raises(CertwrightError) as refused:
        take_on_look(server, "nginx", mark, OWNER)
    assert refused.value.code is ErrorCode.CHANGED_MEANWHILE
    assert set(endpoints(server)) == {"nginx/a.example", "nginx/b.example"}


@pytest.mark.usefixtures("taken_on")
def test_a_configuration_without_any_server_forgets_nothing(server: Server, write: Write) -> None:
    write()
    with pytest.raises(CertwrightError, match="no endpoint with a certificate any more") as refused:
        agree(server)
    assert "certwright services remove nginx" in refused.value.remedy
    assert len(endpoints(server)) == 2


@pytest.mark.usefixtures("taken_on")
def test_a_configuration_that_is_gone_is_told_with_what_can_be_done_about_it(
    server: Server, tmp_path: Path
) -> None:
    (tmp_path / "nginx.conf").unlink()
    with pytest.raises(CertwrightError, match=r"nginx\.conf is not there") as refused:
        look_again(server, "nginx", OWNER)
    assert "Put back what is missing." in refused.value.remedy
    assert "certwright services remove nginx" in refused.value.remedy


@pytest.mark.usefixtures("taken_on")
def test_an_endpoint_that_is_being_activated_is_not_forgotten(server: Server, write: Write) -> None:
    with server.database.begin() as connection:
        running = {"state": ActivationState.RUNNING.value, "started_at": server.now()}
        named = {"endpoint": "nginx/b.example", "actor": "ada", "protocol": "https", "steps": []}
        connection.execute(insert(activations).values(**running, **named))
    write("a.example", "c.example")
    with pytest.raises(CertwrightError) as refused:
        agree(server)
    assert refused.value.code is ErrorCode.BUSY
    assert set(endpoints(server)) == {"nginx/a.example", "nginx/b.example"}


@pytest.mark.usefixtures("taken_on")
def test_whoever_may_not_add_services_may_not_look_at_them_again(server: Server) -> None:
    visitor = Caller("ada", Right.CREATE)
    with pytest.raises(CertwrightError) as refused:
        look_again(server, "nginx", visitor)
    assert refused.value.code is ErrorCode.NOT_PERMITTED
    with pytest.raises(CertwrightError) as refused:
        take_on_look(server, "nginx", "", visitor)
    assert refused.value.code is ErrorCode.NOT_PERMITTED


@pytest.mark.usefixtures("taken_on")
def test_the_node_finds_by_itself_what_was_added_and_tells_of_it_once(
    server: Server, write: Write, clock: Clock
) -> None:
    write("a.example", "b.example", "c.example")
    look_at_services(server)
    assert service(server).latest_look.new == ()  # it was looked at when it was added
    for _ in range(2):
        clock.move(timedelta(minutes=11))
        look_at_services(server)
    assert service(server).latest_look.new == ("c.example",)
    told = [one for one in latest_events(server, 50) if one.kind == DIFFERS]
    assert len(told) == 1
    assert "not cared for yet: c.example" in told[0].message
    assert is_trouble(told[0], "mail")
    assert set(endpoints(server)) == {"nginx/a.example", "nginx/b.example"}


@pytest.mark.usefixtures("taken_on")
def test_a_configuration_that_cannot_be_read_is_told_of_until_it_can(
    server: Server, write: Write, clock: Clock, tmp_path: Path
) -> None:
    write("a.example", "b.example", "c.example")
    clock.move(timedelta(minutes=11))
    look_at_services(server)
    (tmp_path / "nginx.conf").unlink()
    clock.move(timedelta(minutes=11))
    look_at_services(server)
    look = service(server).latest_look
    assert look.new == ("c.example",)
    assert "is not there" in look.sentence
    write("a.example", "b.example")
    clock.move(timedelta(minutes=11))
    look_at_services(server)
    assert service(server).latest_look.sentence == ""


@pytest.mark.usefixtures("taken_on")
def test_nothing_is_looked_at_for_a_service_whose_seal_does_not_fit(
    server: Server, write: Write, clock: Clock, tmp_path: Path
) -> None:
    write("a.example")
    other = tmp_path / "other.conf"
    (tmp_path / "nginx.conf").rename(other)
    with server.database.begin() as connection:
        connection.execute(update(services_of_nodes).values(configuration=str(other)))
    clock.move(timedelta(minutes=11))
    look_at_services(server)
    assert service(server).latest_look.gone == ()
    with pytest.raises(CertwrightError) as refused:
        look_again(server, "nginx", OWNER)
    assert refused.value.code is ErrorCode.NOT_PERMITTED


@pytest.mark.usefixtures("taken_on")
def test_the_mark_is_of_all_that_a_yes_takes_on(server: Server, write: Write) -> None:
    write("a.example", "b.example", "c.example")
    seen = look_again(server, "nginx", OWNER)
    (new,) = seen.new
    elsewhere = replace(new, found=replace(new.found, place="/elsewhere.pem"))
    assert seen.mark == look_again(server, "nginx", OWNER).mark
    assert replace(seen, new=(elsewhere,)).mark != seen.mark
