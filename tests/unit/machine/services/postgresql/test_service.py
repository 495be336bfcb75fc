"""Clusters of PostgreSQL: found, read, and what they refuse told beforehand."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.services.postgresql.service import (
    PostgreSQL,
    endpoints_in,
    fault_of_key,
    read_cluster,
    usual_place,
)
from certwright.machine.services.service import Address, ServiceReference

_PIECES = [
    "ssl",
    "include",
    "include_dir",
    " = ",
    "'",
    "''",
    "\\",
    "\\7",
    "\n",
    "#",
    "on",
    ".",
    "x",
]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.lists(st.sampled_from(_PIECES) | st.text(max_size=3), max_size=40).map("".join))
def test_any_text_is_read_or_refused(data: Path, text: str) -> None:
    assert cluster_or_code(data, text) in (
        None,
        FailureCode.INVALID_INPUT,
        FailureCode.NOT_FOUND,
        FailureCode.NOT_PERMITTED,
        FailureCode.TOO_LARGE,
    )


def cluster_or_code(data: Path, text: str) -> FailureCode | None:
    (data / "postgresql.conf").write_text(text)
    try:
        endpoints_in(read_cluster(data))
    except MachineError as error:
        return error.code
    return None


def test_command_line_beats_alter_system_which_beats_the_file(data: Path) -> None:
    (data / "postgresql.conf").write_text(
        "ssl = off\nport = 1\nlisten_addresses = 'a'\nssl_key_file = 'k'"
    )
    (data / "postgresql.auto.conf").write_text("ssl = 'on'\nport = '2'\nlisten_addresses = 'b'")
    (data / "postmaster.opts").write_text(
        '/bin/postgres "-D" "x" "-p" "3" "-c" "listen_addresses=db.corp.example, *,::,10.0.0.1"'
        ' "--ssl-cert-file=c.pem" "-x"\n'
    )
    (endpoint,) = endpoints_in(read_cluster(data))
    assert endpoint.files.certificate == data / "c.pem"
    assert endpoint.files.key == data / "k"
    assert endpoint.found.names == ("db.corp.example",)
    assert endpoint.found.name == "db.corp.example"
    assert endpoint.found.addresses == tuple(
        Address(host, 3, "postgres") for host in ("db.corp.example", "127.0.0.1", "::1", "10.0.0.1")
    )


def test_a_configuration_that_does_not_say_where_its_data_lies_is_known_by_them(
    data: Path, tmp_path: Path
) -> None:
    configuration = tmp_path / "etc" / "postgresql.conf"
    configuration.parent.mkdir()
    configuration.write_text("ssl = on\n")
    (data / "postmaster.opts").write_text(f'/bin/postgres "-c" "config_file={configuration}"\n')
    found = PostgreSQL(ServiceReference("postgresql", str(data))).find()
    again = PostgreSQL(ServiceReference("postgresql", found.configuration)).find()
    assert found.configuration == str(data)
    assert found.endpoints[0].place == again.endpoints[0].place
    assert found.endpoints[0].place.startswith(str(data / "server.crt"))


def test_debians_layout_is_read_from_either_side(data: Path, tmp_path: Path) -> None:
    configuration = tmp_path / "postgresql.conf"
    configuration.write_text(
        f"data_directory = '{data}'\nssl = on\n"
        "ssl_cert_file = '/etc/ssl/certs/ssl-cert-snakeoil.pem'"
    )
    (data / "postmaster.opts").write_text(
        f'/usr/lib/postgresql/15/bin/postgres "-D" "{data}" "-c" "config_file={configuration}"\n'
    )
    (data / "PG_VERSION").write_text("15\n")
    for named in (data, configuration):
        found = PostgreSQL(ServiceReference("postgresql", str(named))).find()
        assert (found.configuration, found.version) == (str(configuration), "PostgreSQL 15")
        (endpoint,) = found.endpoints
        assert endpoint.name == "postgresql"
        assert endpoint.addresses == (Address("localhost", 5432, "postgres"),)
        assert any("ssl-cert" in note and "whole system" in note for note in endpoint.notes)


def test_without_tls_it_says_what_to_do(data: Path) -> None:
    (data / "postgresql.conf").write_text("#ssl = off")
    service = PostgreSQL(ServiceReference("postgresql", str(data)))
    found = service.find()
    assert found.endpoints == ()
    (note,) = found.notes
    assert "ssl = on" in note
    assert str(data / "postgresql.conf") in note
    with pytest.raises(MachineError) as refused:
        service.undo("postgresql")
    assert (refused.value.code, refused.value.remedy) == (FailureCode.NOT_FOUND, note)


def test_cluster_that_does_not_run_is_not_reloaded(data: Path) -> None:
    with pytest.raises(MachineError, match="does not run") as refused:
        PostgreSQL(ServiceReference("postgresql", str(data))).activate("postgresql")
    assert refused.value.code is FailureCode.SERVICE_FAILED


def test_one_cluster_is_found_of_several_one_has_to_be_named(tmp_path: Path) -> None:
    patterns = [f"{tmp_path}/*/*/postgresql.conf"]
    with pytest.raises(MachineError) as refused:
        usual_place(patterns)
    assert refused.value.code is FailureCode.NOT_FOUND
    paths = [tmp_path / version / "main" / "postgresql.conf" for version in ("15", "17")]
    for path in paths:
        path.parent.mkdir(parents=True)
    paths[0].touch()
    assert usual_place(patterns) == paths[0]
    paths[1].touch()
    with pytest.raises(MachineError) as refused:
        usual_place(patterns)
    assert refused.value.code is FailureCode.INVALID_INPUT
    assert all(str(path) in refused.value.remedy for path in paths)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
@pytest.mark.parametrize(
    ("owner", "mode", "is_refused"),
    [
        *((1234, 0o600, False), (1234, 0o400, False), (1234, 0o640, True), (1234, 0o604, True)),
        *((0, 0o640, False), (0, 0o600, False), (0, 0o660, True), (0, 0o644, True)),
    ],
)
def test_keys_that_postgresql_refuses_are_told_of(
    tmp_path: Path, owner: int, mode: int, is_refused: bool
) -> None:
    key = tmp_path / "server.key"
    key.touch()
    os.chown(key, owner, owner)
    key.chmod(mode)
    assert bool(fault_of_key(key)) is is_refused
    assert not fault_of_key(tmp_path / "none.key")


@pytest.mark.parametrize("port", ["\N{SUPERSCRIPT TWO}", "9" * 100_000, "0", "65536", "x"])
def test_a_port_that_is_none_leads_to_no_address(data: Path, port: str) -> None:
    (data / "postgresql.conf").write_text(f"ssl = on\nport = '{port}'\n", "utf-8")
    (endpoint,) = endpoints_in(read_cluster(data))
    assert endpoint.found.addresses == ()


def test_what_is_no_version_is_not_shown(data: Path) -> None:
    (data / "PG_VERSION").write_text("root:$6$secret:19000\n")
    assert PostgreSQL(ServiceReference("postgresql", str(data))).version() == ""
    (data / "PG_VERSION").write_text("9.6\n")
    assert PostgreSQL(ServiceReference("postgresql", str(data))).version() == "PostgreSQL 9.6"
