"""What Certwright reads out of PostgreSQL's settings, as PostgreSQL does."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.services.postgresql.configuration import is_on, read_settings
from certwright.machine.services.postgresql.service import (
    PostgreSQL,
    endpoints_in,
    fault_of_key,
    read_cluster,
    usual_place,
)
from certwright.machine.services.service import Address, ServiceReference


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "postgresql.conf").write_text("ssl = on")
    return folder


def setting(data: Path, text: str) -> dict[str, str]:
    (data / "postgresql.conf").write_text(text)
    return read_settings(data / "postgresql.conf")


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("ssl = on", "ssl", "on"),
        ("SSL on # yes", "ssl", "on"),
        ("port=5433#x", "port", "5433"),
        ("ssl_cert_file='/a b/c.pem'", "ssl_cert_file", "/a b/c.pem"),
        ("ssl_cert_file'x'", "ssl_cert_file", "x"),
        (r"a.b = 'it''s \'x\' \101\n'", "a.b", "it's 'x' A\n"),
        ("a = ''", "a", ""),
        ("shared_buffers = 128MB", "shared_buffers", "128MB"),
    ],
)
def test_a_setting_is_read(data: Path, line: str, name: str, value: str) -> None:
    assert setting(data, f"\n# comment\n{line}\n") == {name: value}


@pytest.mark.parametrize(
    "line", ["ssl", "ssl = on off", "ssl = 'on", "= on", "ssl = = on", "1a = 2"]
)
def test_what_is_no_setting_is_refused_with_its_line(data: Path, line: str) -> None:
    with pytest.raises(MachineError, match=r"postgresql\.conf, line 2: ") as refused:
        setting(data, f"port = 5432\n{line}")
    assert refused.value.code is FailureCode.INVALID_INPUT


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.text(st.characters(exclude_categories=["C", "Zl", "Zp"])))
def test_quoted_values_come_back(data: Path, value: str) -> None:
    quoted = value.replace("\\", "\\\\").replace("'", "''")
    assert setting(data, f"name = '{quoted}'") == {"name": value}


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


@pytest.mark.parametrize("value", ["on", "ON", "true", "t", "yes", "y", "1"])
def test_on_is_any_word_that_means_it(value: str) -> None:
    assert is_on(value)


@pytest.mark.parametrize("value", ["off", "o", "", "false", "no", "0", "2", "trues"])
def test_all_else_is_off(value: str) -> None:
    assert not is_on(value)


def test_includes_are_read_in_their_places(data: Path) -> None:
    (data / "conf.d").mkdir()
    for name, text in {
        "b.conf": "port = 2",
        "a.conf": "port = 1",
        ".c.conf": "x",
        "d": "x",
    }.items():
        (data / "conf.d" / name).write_text(text)
    (data / "tls.conf").write_text("ssl = on")
    found = setting(
        data,
        "ssl = off\ninclude 'tls.conf'\ninclude_dir = 'conf.d'\ninclude_if_exists 'none.conf'",
    )
    assert found == {"ssl": "on", "port": "2"}
    with pytest.raises(MachineError, match="is not there"):
        setting(data, "include 'none.conf'")
    with pytest.raises(MachineError, match="cannot be read"):
        setting(data, "include_dir 'none'")
    with pytest.raises(MachineError, match="no end"):
        setting(data, "include 'postgresql.conf'")


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
