"""What a node makes when it starts first, and that it makes nothing anew later."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from certwright.access.rights import Caller
from certwright.authorities.root_keys import RootKeyFolder
from certwright.database.access_tables import metadata
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.activation import activate
from certwright.lifecycle.activation_record import ActivationState
from certwright.lifecycle.events import latest_events
from certwright.lifecycle.first_start import LEAF_LIFETIME, Made, provide_certificate
from certwright.lifecycle.importing import import_certificate
from certwright.lifecycle.selection import RulesFailed, select_certificate
from certwright.lifecycle.server import Server
from certwright.rules.environment import Environment
from certwright.services.endpoints import OwnEndpoint, list_endpoints
from certwright.stores.database import find_certificate
from certwright.stores.place import PERSONAL
from certwright.x509.certificate import Certificate
from certwright.x509.reading import Bundle, read_bundle

from ..composed_server import Clock, compose_server
from ..foreign_authority import ForeignAuthority, Issued, self_signed
from ..tls_front import TlsFront

NAMES = ["todd.corp.example"]


def rows(server: Server) -> dict[str, int]:
    """How many rows each table has."""
    with server.database.connect() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in metadata.sorted_tables
        }


def selected(server: Server) -> set[str | None]:
    with server.database.connect() as connection:
        return {endpoint.saved.certificate for endpoint in list_endpoints(connection)}


def brings(issued: Issued, password: str | None = None) -> Any:
    """Reads a PFX with `issued`, as the option --certificate does."""
    return lambda: read_bundle(issued.pfx(password), password)


def prove(server: Server, caller: Caller) -> None:
    for endpoint in OwnEndpoint:
        assert activate(server, endpoint, caller).state is ActivationState.PROVEN


def own(made: Made) -> Certificate:
    assert made.issued is not None
    return made.issued


def test_one_leaf_for_all_names_is_selected_at_both_endpoints(server: Server, clock: Clock) -> None:
    made = provide_certificate(server, None)
    leaf = own(made)
    assert made.imported is None
    assert leaf.names == ("todd.corp.example", "localhost")
    assert leaf.common_name == "todd.corp.example"
    assert leaf.not_after - clock() == LEAF_LIFETIME == timedelta(days=47)
    assert selected(server) == {leaf.fingerprint}
    with server.database.connect() as connection:
        stored = find_certificate(connection, leaf.fingerprint)
    assert stored.place == PERSONAL
    assert stored.has_private_key


def test_second_start_makes_nothing(
    server: Server, front: TlsFront, clock: Clock, root_keys: RootKeyFolder
) -> None:
    provide_certificate(server, None)
    before = rows(server)
    clock.move(timedelta(days=20))
    again = compose_server(server.database, front, front.ports, clock, root_keys)
    assert provide_certificate(again, None) == Made(None, None)
    assert rows(again) == before
    assert again.authority.root == server.authority.root
    assert len(list(root_keys.folder.iterdir())) == 1


def test_file_is_read_at_the_first_start_only(server: Server) -> None:
    provide_certificate(server, None)

    def read() -> Bundle:
        pytest.fail("the file may be long gone")

    assert provide_certificate(server, read) == Made(None, None)


def test_own_leaf_that_ran_out_is_issued_anew(server: Server, clock: Clock) -> None:
    former = own(provide_certificate(server, None))
    clock.move(timedelta(days=60))
    leaf = own(provide_certificate(server, None))
    assert leaf != former
    assert leaf.key_fingerprint != former.key_fingerprint
    assert leaf.not_after == clock() + timedelta(days=47)
    assert selected(server) == {leaf.fingerprint}


def test_own_leaf_without_the_name_that_the_server_got_is_issued_anew(
    server: Server, front: TlsFront, clock: Clock, root_keys: RootKeyFolder
) -> None:
    provide_certificate(server, None)
    names = ["new.corp.example", "localhost"]
    renamed = compose_server(server.database, front, front.ports, clock, root_keys, names=names)
    leaf = own(provide_certificate(renamed, None))
    assert leaf.names == tuple(names)
    assert selected(renamed) == {leaf.fingerprint}
    assert provide_certificate(renamed, None) == Made(None, None)


def test_brought_leaf_that_no_first_start_could_prove_gives_way(
    server: Server, company: ForeignAuthority
) -> None:
    provide_certificate(server, brings(company.issue(NAMES)))
    another = company.issue(NAMES)
    assert provide_certificate(server, brings(another)).imported == another.leaf
    assert selected(server) == {another.leaf.fingerprint}
    leaf = own(provide_certificate(server, None))
    assert selected(server) == {leaf.fingerprint}


def test_brought_leaf_without_the_new_name_is_left_to_its_owner(
    server: Server,
    company: ForeignAuthority,
    front: TlsFront,
    clock: Clock,
    root_keys: RootKeyFolder,
    admin: Caller,
) -> None:
    issued = company.issue(NAMES)
    provide_certificate(server, brings(issued))
    prove(server, admin)
    renamed = compose_server(
        server.database, front, front.ports, clock, root_keys, names=["new.corp.example"]
    )
    assert provide_certificate(renamed, None) == Made(None, None)
    assert selected(renamed) == {issued.leaf.fingerprint}


def test_brought_leaf_that_ran_out_is_left_to_its_owner(
    server: Server, company: ForeignAuthority, clock: Clock, admin: Caller
) -> None:
    issued = company.issue(NAMES)
    provide_certificate(server, brings(issued))
    prove(server, admin)
    clock.move(timedelta(days=400))
    assert provide_certificate(server, None) == Made(None, None)
    assert selected(server) == {issued.leaf.fingerprint}


def test_only_the_endpoint_whose_leaf_ran_out_gets_another(
    server: Server, company: ForeignAuthority, clock: Clock, admin: Caller
) -> None:
    provide_certificate(server, None)
    prove(server, admin)
    issued = company.issue(NAMES)
    import_certificate(server, issued.pem, None, friendly_name="", caller=admin)
    select_certificate(
        server,
        OwnEndpoint.WEB_SERVER,
        issued.leaf.fingerprint,
        read_version=None,
        confirmed=False,
        caller=admin,
    )
    clock.move(timedelta(days=60))
    leaf = own(provide_certificate(server, None))
    assert selected(server) == {leaf.fingerprint, issued.leaf.fingerprint}


def test_authority_that_ran_out_does_not_keep_the_node_down(server: Server, clock: Clock) -> None:
    former = own(provide_certificate(server, None))
    clock.move(timedelta(days=4 * 366))
    assert provide_certificate(server, None) == Made(None, None)
    assert selected(server) == {former.fingerprint}
    event = latest_events(server, 1)[0]
    assert (event.kind, event.good) == ("issuance-failed", False)
    assert "The internal authority ran out" in event.message


def test_key_that_is_lost_keeps_a_first_start_from_pretending(server: Server, clock: Clock) -> None:
    clock.move(timedelta(days=4 * 366))
    with pytest.raises(CertwrightError) as error:
        provide_certificate(server, None)
    assert error.value.code is ErrorCode.CHAIN_BROKEN
    assert selected(server) == {None}


@pytest.mark.parametrize("password", [None, "correct horse"])
def test_brought_certificate_is_stored_and_selected_instead(
    server: Server, company: ForeignAuthority, password: str | None
) -> None:
    issued = company.issue(NAMES)
    made = provide_certificate(server, brings(issued, password))
    assert made == Made(None, issued.leaf)
    assert selected(server) == {issued.leaf.fingerprint}
    assert rows(server)["issuances"] == 0
    with server.database.connect() as connection:
        assert find_certificate(connection, issued.leaf.fingerprint).has_private_key


def test_brought_certificate_serves_and_is_proven(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    provide_certificate(server, brings(company.issue(NAMES)))
    prove(server, admin)


def test_brought_certificate_that_is_not_right_leaves_no_row(
    server: Server, company: ForeignAuthority, clock: Clock
) -> None:
    before = rows(server)
    yesterday, tomorrow = clock() - timedelta(hours=1), clock() + timedelta(days=1)
    for issued, code in (
        (company.issue(["other.example"]), "san-lacks-name"),
        (company.issue(NAMES, not_after=yesterday), "expired"),
        (company.issue(NAMES, not_before=tomorrow), "not-yet-valid"),
    ):
        with pytest.raises(RulesFailed) as error:
            provide_certificate(server, brings(issued))
        assert code in {finding.code for finding in error.value.findings}
        assert rows(server) == before, code
    assert own(provide_certificate(server, None))  # the next start is fine


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        (Environment.PRODUCTION, "self-signed-in-production"),
        (Environment.CLOUD, "private-ca-for-cloud"),
    ],
)
def test_self_signed_is_for_tests_only(
    server: Server, clock: Clock, environment: Environment, code: str
) -> None:
    demanding = replace(server, environment=environment)
    issued = self_signed(NAMES, clock())
    with pytest.raises(RulesFailed) as error:
        provide_certificate(demanding, brings(issued))
    assert code in {finding.code for finding in error.value.findings}
    assert provide_certificate(server, brings(issued)).imported == issued.leaf


def test_brought_certificate_without_key_leaves_no_row(
    server: Server, company: ForeignAuthority
) -> None:
    before = rows(server)
    pem = company.issue(NAMES).pem_without_key
    with pytest.raises(CertwrightError) as error:
        provide_certificate(server, lambda: read_bundle(pem, None))
    assert error.value.code is ErrorCode.NO_PRIVATE_KEY
    assert rows(server) == before


def test_nothing_of_a_private_key_is_outside_its_table(
    server: Server, company: ForeignAuthority, tmp_path: Path
) -> None:
    provide_certificate(server, brings(company.issue(NAMES)))
    files = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert files  # the root's key, encrypted
    assert not any(b"PRIVATE KEY" in content for content in files)
