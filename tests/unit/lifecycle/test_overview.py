"""In five seconds: is everything served right?"""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import event

from certwright.access.rights import Caller
from certwright.lifecycle.activation import activate
from certwright.lifecycle.endpoint_health import Health
from certwright.lifecycle.importing import import_certificate
from certwright.lifecycle.overview import overview
from certwright.lifecycle.proving import prove_endpoint
from certwright.lifecycle.renewal.asking import renew
from certwright.lifecycle.renewal.deciding import decline
from certwright.lifecycle.server import Server
from certwright.machine.services.service import Address, FoundEndpoint, MaterialForm
from certwright.rules.environment import Environment
from certwright.rules.finding import Severity
from certwright.services.endpoints import (
    OwnEndpoint,
    ServiceEndpoint,
)
from certwright.services.found_endpoints import put_endpoint
from certwright.services.registered import RegisteredService, add_service

from ..composed_server import Clock
from ..foreign_authority import ForeignAuthority
from ..tls_front import TlsFront
from .conftest import Selector

NAME = "todd.corp.example"
SERVICE = RegisteredService(
    name="nginx",
    kind="nginx",
    machine="local",
    configuration="/etc/nginx/nginx.conf",
    options=(),
    environment=Environment.TEST,
    takes=MaterialForm.PEM,
    version="",
    activation="nginx -s reload",
    interrupts=False,
    notes=(),
)


def test_served_and_proven_node_is_good(serving: Server) -> None:
    seen = overview(serving)
    assert seen.health is Health.GOOD
    assert seen.sentence.startswith("All endpoints are proven.")
    assert [one.port for one in seen.endpoints] == [
        serving.ports.configuration,
        serving.ports.https,
    ]


def test_node_before_its_first_activation_says_so(server: Server) -> None:
    seen = overview(server)
    assert seen.health is Health.BROKEN
    assert "Configuration Server: It serves nothing yet." in seen.sentence


def test_saved_but_not_active_is_what_the_page_has_to_say(
    serving: Server, company: ForeignAuthority, select_confirmed: Selector, admin: Caller
) -> None:
    select_confirmed(company.issue([NAME]), OwnEndpoint.WEB_SERVER)
    seen = overview(serving)
    assert seen.health is Health.ATTENTION
    assert seen.sentence.startswith("Web Server: What is saved differs")


def test_what_was_put_back_is_told_with_its_reason_until_another_is_selected(
    serving: Server, company: ForeignAuthority, select_confirmed: Selector, admin: Caller
) -> None:
    select_confirmed(company.issue(["other.example"]), OwnEndpoint.WEB_SERVER)
    activate(serving, OwnEndpoint.WEB_SERVER, admin)
    sentence = overview(serving).sentence
    assert "was put back" in sentence
    assert f"Its names lack {NAME}" in sentence
    assert "Restart the server" not in sentence
    select_confirmed(company.issue([NAME]), OwnEndpoint.WEB_SERVER)
    assert "Restart the server to use it" in overview(serving).sentence


def test_one_whose_renewal_was_declined_is_not_good(serving: Server, admin: Caller) -> None:
    served = overview(serving).endpoints[0].active
    assert served is not None
    begun = renew(serving, served.fingerprint, caller=admin)
    assert overview(serving).health is Health.GOOD
    decline(serving, begun.id, caller=admin)
    seen = overview(serving)
    assert seen.health is Health.ATTENTION
    assert seen.sentence.startswith("Configuration Server: Right for todd.corp.example until")
    assert seen.sentence.endswith("It is not renewed by itself. ada declined it.")


def test_certificate_that_ran_out_is_broken_without_a_new_look(
    serving: Server, clock: Clock
) -> None:
    clock.move(timedelta(days=48))
    seen = overview(serving)
    assert seen.health is Health.BROKEN
    assert "expired" in seen.sentence.lower()


def test_the_whole_names_the_first_of_several_errors_and_the_endpoint_all(
    serving: Server, company: ForeignAuthority, admin: Caller
) -> None:
    issued = company.issue(["0.corp.example"])
    import_certificate(serving, issued.pem, None, friendly_name="", caller=admin)
    with serving.database.begin() as connection:
        add_service(connection, replace(SERVICE, environment=Environment.CLOUD), serving.now())
        put_endpoint(connection, "nginx", found(7), issued.leaf.fingerprint)
    seen = overview(serving)
    ((worst,),) = (service.endpoints for service in seen.services)
    first, *others = (one.message for one in worst.findings if one.severity is Severity.ERROR)
    assert worst.sentence == " ".join((first, *others))
    assert seen.sentence == f"{worst.name.label}: {first} And {len(others)} more."
    assert others


def test_front_that_died_shows_after_the_next_look(serving: Server, front: TlsFront) -> None:
    front.go_down()
    proof = prove_endpoint(serving, OwnEndpoint.CONFIGURATION_SERVER)
    assert not proof.ok
    assert overview(serving).health is Health.BROKEN


def test_many_endpoints_of_services_are_looked_at_with_no_more_queries(
    serving: Server, company: ForeignAuthority, admin: Caller
) -> None:
    issued = company.issue(["0.corp.example"])
    import_certificate(serving, issued.pem, None, friendly_name="", caller=admin)
    with serving.database.begin() as connection:
        add_service(connection, SERVICE, serving.now())
        put_endpoint(connection, "nginx", found(0), issued.leaf.fingerprint)
    few = statements_of(serving)
    with serving.database.begin() as connection:
        for number in range(1, 20):
            put_endpoint(connection, "nginx", found(number), issued.leaf.fingerprint)
    assert statements_of(serving) == few
    (service,) = overview(serving).services
    sentences = {one.endpoint.name: one.sentence for one in service.endpoints}
    assert len(sentences) == 20
    assert "lack 7.corp.example" in sentences[ServiceEndpoint("nginx/7.corp.example")]
    assert "did not prove it" in sentences[ServiceEndpoint("nginx/0.corp.example")]


def found(number: int) -> FoundEndpoint:
    name = f"{number}.corp.example"
    return FoundEndpoint(name, (name,), (Address("127.0.0.1", 1),), "site.pem", "", b"")


def statements_of(server: Server) -> int:
    statements = []
    listener = ("before_cursor_execute", lambda *told: statements.append(told[2]))
    event.listen(server.database, *listener)
    overview(server)
    event.remove(server.database, *listener)
    return len(statements)
