"""The key that seals services: made once, in the data folder alone."""

import stat
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from certwright.database.node_views import services
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.server import Server
from certwright.node.service_seals import provide_service_seals
from certwright.services.registered import add_service, get_service

from ..services.test_seals import SERVICE


def test_the_key_is_made_once_closed_and_kept(tmp_path: Path, database: Engine) -> None:
    first = provide_service_seals(tmp_path, "todd-0001", database)
    assert provide_service_seals(tmp_path, "todd-0001", database) == first
    assert stat.S_IMODE((tmp_path / "service-seal.key").stat().st_mode) == 0o600


def test_two_data_folders_have_two_keys(tmp_path: Path, database: Engine) -> None:
    (tmp_path / "other").mkdir()
    first = provide_service_seals(tmp_path, "todd-0001", database)
    assert provide_service_seals(tmp_path / "other", "todd-0001", database).key != first.key


def test_what_was_taken_on_before_is_sealed_at_the_first_start_alone(
    tmp_path: Path, server: Server
) -> None:
    with server.database.begin() as connection:
        add_service(connection, SERVICE, server.now())
        connection.execute(update(services).values(seal=None))
    seals = provide_service_seals(tmp_path, server.node, server.database)
    with server.database.begin() as connection:
        assert seals.fits(get_service(connection, SERVICE.name))
        connection.execute(update(services).values(seal=None))
    again = provide_service_seals(tmp_path, server.node, server.database)
    with server.database.connect() as connection:
        assert not again.fits(get_service(connection, SERVICE.name))


def test_a_seal_that_is_there_is_not_renewed(tmp_path: Path, server: Server) -> None:
    with server.database.begin() as connection:
        add_service(connection, SERVICE, server.now())
    seals = provide_service_seals(tmp_path, server.node, server.database)
    with server.database.connect() as connection:
        assert not seals.fits(get_service(connection, SERVICE.name))


@pytest.mark.parametrize("content", [b"", b"c2hvcnQ=", b"\xff", b"not base64"])
def test_a_file_that_holds_no_key_is_told_of(
    tmp_path: Path, database: Engine, content: bytes
) -> None:
    (tmp_path / "service-seal.key").write_bytes(content)
    with pytest.raises(CertwrightError) as refused:
        provide_service_seals(tmp_path, "todd-0001", database)
    assert refused.value.code is ErrorCode.INVALID_INPUT
    assert "service-seal.key" in refused.value.message
