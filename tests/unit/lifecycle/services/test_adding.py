"""A service is looked at before it is taken on, and forgotten without being touched."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from certwright.access.rights import Caller, Right
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.activation import begin_activation
from certwright.lifecycle.deleting import delete_certificate
from certwright.lifecycle.server import Server
from certwright.lifecycle.services.adding import (
    ServiceToAdd,
    forget_service,
    known_kinds,
    plan_service,
    take_on_service,
)
from certwright.machine.services.service import Option, ServiceReference
from certwright.rules.environment import Environment
from certwright.services.endpoints import ServiceEndpoint, list_all_endpoints
from certwright.services.registered import get_service, list_services
from certwright.stores.database import list_certificates
from certwright.stores.place import PERSONAL
from certwright.x509.keys import private_key_to_pem

from ...foreign_authority import ForeignAuthority, Issued

OWNER = Caller("local owner", Right.ADMIN, is_local=True)


@pytest.fixture
def issued(company: ForeignAuthority) -> Issued:
    return company.issue(["files.corp.example"])


@pytest.fixture
def wanted(tmp_path: Path, issued: Issued) -> ServiceToAdd:
    """Plain files, of which no address is known."""
    certificate, key = tmp_path / "site.pem", tmp_path / "site.key"
    certificate.write_text(issued.leaf.pem)
    key.write_text(private_key_to_pem(issued.key))
    options = (
        Option("certificate", str(certificate)),
        Option("key", str(key)),
        Option("names", "files.corp.example"),
    )
    return ServiceToAdd(ServiceReference("files", "", options), "", Environment.TEST)


def endpoints(server: Server) -> list[str]:
    with server.database.connect() as connection:
        return [str(one.name) for one in list_all_endpoints(connection)]


def test_a_plan_shows_what_is_there_and_records_nothing(
    server: Server, wanted: ServiceToAdd, issued: Issued
) -> None:
    plan = plan_service(server, wanted, OWNER)
    (endpoint,) = plan.endpoints
    assert endpoint.certificate == issued.leaf
    assert "private-key-missing" not in {finding.code for finding in endpoint.findings}
    assert len(endpoints(server)) == 2
    with server.database.connect() as connection:
        assert list_services(connection) == ()
        stored = list_certificates(connection, [PERSONAL])
    assert issued.leaf not in [one.certificate for one in stored]


def test_what_is_taken_on_has_what_it_uses_as_active(
    server: Server, wanted: ServiceToAdd, issued: Issued
) -> None:
    plan = take_on_service(server, wanted, OWNER)
    assert plan.name == "files"
    with server.database.connect() as connection:
        service = get_service(connection, "files")
        endpoint = list_all_endpoints(connection)[-1]
    assert service.reference.kind == "files"
    assert endpoint.saved == endpoint.active
    assert endpoint.saved.certificate == issued.leaf.fingerprint
    assert endpoint.is_proven
    assert "No address of it is known" in str(endpoint.proof)


def test_what_a_service_uses_cannot_be_deleted(
    server: Server, wanted: ServiceToAdd, issued: Issued, admin: Caller
) -> None:
    take_on_service(server, wanted, OWNER)
    with pytest.raises(CertwrightError) as refused:
        delete_certificate(server, issued.leaf.fingerprint, caller=admin)
    assert refused.value.code is ErrorCode.CERTIFICATE_IN_USE
    assert "files" in refused.value.message


def test_the_same_name_twice_is_refused(server: Server, wanted: ServiceToAdd) -> None:
    take_on_service(server, wanted, OWNER)
    with pytest.raises(CertwrightError, match="already"):
        take_on_service(server, wanted, OWNER)


@pytest.mark.parametrize("name", ["node", "Files", "a/b", "-x", "x" * 80])
def test_a_name_that_would_confuse_is_refused(
    server: Server, wanted: ServiceToAdd, name: str
) -> None:
    with pytest.raises(CertwrightError) as refused:
        plan_service(server, ServiceToAdd(wanted.reference, name, Environment.TEST), OWNER)
    assert refused.value.code is ErrorCode.INVALID_INPUT


@pytest.mark.parametrize("place", ["nginx.conf", "../nginx.conf", "/srv/a\nb", "/srv/a\0b"])
def test_a_place_that_is_no_whole_path_or_cannot_be_printed_is_refused(
    server: Server, wanted: ServiceToAdd, place: str
) -> None:
    elsewhere = replace(wanted, reference=replace(wanted.reference, configuration=place))
    with pytest.raises(CertwrightError) as refused:
        plan_service(server, elsewhere, OWNER)
    assert refused.value.code is ErrorCode.INVALID_INPUT


def test_two_who_add_one_of_the_same_name_at_once_get_one(
    server: Server, wanted: ServiceToAdd
) -> None:
    def add(_: int) -> str:
        try:
            return take_on_service(server, wanted, OWNER).name
        except CertwrightError as error:
            return error.code

    with ThreadPoolExecutor(4) as people:
        assert sorted(people.map(add, range(4))) == ["files", *3 * ["invalid-input"]]


def test_one_that_is_being_activated_is_not_forgotten(server: Server, wanted: ServiceToAdd) -> None:
    take_on_service(server, wanted, OWNER)
    begin_activation(server, ServiceEndpoint("files/files"), OWNER)
    with pytest.raises(CertwrightError) as refused:
        forget_service(server, "files", OWNER)
    assert refused.value.code is ErrorCode.BUSY
    assert "files/files" in endpoints(server)


def test_what_is_not_there_cannot_be_forgotten(server: Server) -> None:
    with pytest.raises(CertwrightError) as refused:
        forget_service(server, "files", OWNER)
    assert refused.value.code is ErrorCode.NOT_FOUND


def test_forgetting_leaves_its_files_alone(
    server: Server, wanted: ServiceToAdd, tmp_path: Path
) -> None:
    take_on_service(server, wanted, OWNER)
    before = (tmp_path / "site.pem").read_bytes()
    forget_service(server, "files", OWNER)
    assert endpoints(server) == ["configuration-server", "web-server"]
    assert (tmp_path / "site.pem").read_bytes() == before


def test_every_kind_of_the_contract_is_there() -> None:
    assert {"nginx", "haproxy", "apache", "postgresql", "xtract-universal", "files"} <= set(
        known_kinds()
    )
