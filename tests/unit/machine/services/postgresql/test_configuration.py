"""What Certwright reads out of PostgreSQL's settings, as PostgreSQL does."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.services.postgresql.configuration import is_on, read_settings


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
