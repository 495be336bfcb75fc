"""What only the real PostgreSQL can tell: its rule for keys, its chain, and its silence."""

import time

import psycopg
import pytest
from tests.contract.services import postgresql
from tests.contract.services.adapter import LOOPBACK, NAME, ServiceAdapter, pem_material
from tests.interop.services.conftest import StartService, make
from tests.unit.foreign_authority import Issued

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.handshake import StartTls, shake_hands
from certwright.machine.services.service import FoundEndpoint
from certwright.x509.keys import private_key_to_pem


@pytest.fixture
def adapter(start_service: StartService) -> ServiceAdapter:
    return start_service(postgresql.running)


def found(adapter: ServiceAdapter) -> FoundEndpoint:
    return adapter.service.find().endpoints[0]


def connect(adapter: ServiceAdapter) -> psycopg.Connection:
    """As soon as it lets anybody in, which is a moment after it listens."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return psycopg.connect(
                f"host={LOOPBACK} port={found(adapter).addresses[0].port} user=todd "
                "dbname=postgres sslmode=require"
            )
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def select(adapter: ServiceAdapter, issued: Issued) -> None:
    adapter.service.select(adapter.endpoint, pem_material(issued, adapter.current))


def wait_until_served(adapter: ServiceAdapter, issued: Issued) -> None:
    deadline = time.monotonic() + 20
    while adapter.served() != issued.leaf.thumbprint:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_chain_is_served_and_open_connections_stay(adapter: ServiceAdapter) -> None:
    issued = make()
    with connect(adapter) as connection:
        select(adapter, issued)
        adapter.service.activate(adapter.endpoint)
        wait_until_served(adapter, issued)
        assert connection.execute("select 1").fetchone() == (1,)
    address = found(adapter).addresses[0]
    assert address.starttls == "postgres"
    hands = shake_hands(address.host, address.port, NAME, starttls=StartTls.POSTGRES)
    assert list(hands.chain) == [issued.leaf.der, issued.chain[0].der]


def test_key_that_postgresql_would_refuse_is_refused_and_told_of(adapter: ServiceAdapter) -> None:
    adapter.files[0].chmod(0o644)
    before = adapter.state()
    assert any("refuses the private key" in note for note in found(adapter).notes)
    with pytest.raises(MachineError, match="refuses the private key") as refused:
        select(adapter, make())
    assert refused.value.code is FailureCode.SERVICE_FAILED
    assert adapter.state() == before


def test_former_certificate_is_served_on_where_the_new_files_cannot_be_loaded(
    adapter: ServiceAdapter,
) -> None:
    """It says so in its log only: a handshake tells, as docs/services.md has it."""
    connect(adapter).close()
    adapter.files[0].write_text(private_key_to_pem(make().key))
    adapter.service.activate(adapter.endpoint)
    issued = make()
    assert adapter.served() == adapter.current.leaf.thumbprint
    select(adapter, issued)
    adapter.service.activate(adapter.endpoint)
    wait_until_served(adapter, issued)


def test_what_alter_system_wrote_is_in_force(adapter: ServiceAdapter) -> None:
    with connect(adapter) as connection:
        connection.autocommit = True
        connection.execute("alter system set ssl = off")
        assert adapter.service.find().endpoints == ()
        connection.execute("alter system reset ssl")
        assert found(adapter).thumbprint == adapter.current.leaf.thumbprint
