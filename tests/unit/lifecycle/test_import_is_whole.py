"""Of files that were chosen together, one of them damaged: all is imported, or nothing at all."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from tests.faults.bombs import namesakes
from tests.processor import is_within

from certwright.access.rights import Caller
from certwright.database.tables import certificates, events, private_keys, store_entries
from certwright.errors import CertwrightError
from certwright.lifecycle.importing import ImportFile, import_files, plan_import
from certwright.lifecycle.server import Server
from certwright.x509.reading import read_bundle

from ...fuzz.mutations import mutated
from ..foreign_authority import ForeignAuthority

PASSWORD = "correct horse"
TABLES = (certificates, store_entries, private_keys, events)


@pytest.fixture(scope="module")
def good() -> tuple[bytes, ...]:
    """A PEM file with its key, a PFX file, and another authority's root."""
    company = ForeignAuthority(datetime(2026, 11, 24, 9, 0, tzinfo=UTC), "Company")
    first, second = (company.issue(["todd.corp.example"]) for _ in range(2))
    return first.pem, second.pfx(PASSWORD), company.root.pem.encode()


def everything(server: Server) -> list[list[tuple[object, ...]]]:
    with server.database.connect() as connection:
        return [sorted(map(tuple, connection.execute(select(table))), key=repr) for table in TABLES]


@given(data=st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_failed_import_changes_nothing(
    server: Server, admin: Caller, good: tuple[bytes, ...], data: st.DataObject
) -> None:
    damaged = data.draw(mutated(data.draw(st.sampled_from(good)), good[0]))
    contents = data.draw(st.permutations([*good[:2], damaged]))
    assume(not all(map(_is_readable, contents)))
    files = [ImportFile(f"file {number}", one) for number, one in enumerate(contents, 1)]
    before = everything(server)
    with pytest.raises(CertwrightError):
        import_files(server, files, PASSWORD, friendly_name="", caller=admin)
    assert everything(server) == before


def _is_readable(content: bytes) -> bool:
    try:
        read_bundle(content, PASSWORD)
    except CertwrightError:
        return False
    return True


def test_file_of_namesakes_is_planned_in_no_time(server: Server, admin: Caller) -> None:
    # 500 certificates, each of which any other may have issued.
    file = ImportFile("namesakes.pem", namesakes())
    started = time.process_time()
    plan = plan_import(server, [file], None, caller=admin)
    assert len(plan.entries) == 500
    assert is_within(time.process_time() - started, 4)
