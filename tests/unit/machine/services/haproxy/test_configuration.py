"""HAProxy's configuration, read as HAProxy reads it."""

from pathlib import Path

import pytest

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.services.service import Address

from .configurations import read


def test_bind_lines_with_ssl_name_certificates_and_addresses() -> None:
    found = read("""
        frontend web
          bind *:80
          bind 10.0.0.1:443,[::]:8443,ipv4@:9443-9445 ssl crt /a.pem alpn h2 crt /b.pem
          bind /run/web.sock ssl crt-list /list
          bind :81 crt /unused.pem
        backend app
          server one 10.0.0.2:443 ssl crt /client.pem
    """)
    assert [(one.name, one.is_list) for one in found.certificates] == [
        ("/a.pem", False),
        ("/b.pem", False),
        ("/list", True),
    ]
    assert found.certificates[0].addresses == (
        Address("10.0.0.1", 443),
        Address("::1", 8443),
        Address("127.0.0.1", 9443),
    )
    assert found.certificates[2].addresses == ()


def test_global_settings_are_read_and_those_of_other_sections_are_not() -> None:
    found = read(
        """
        global
          setenv HERE /srv
          presetenv THERE /elsewhere
          crt-base "$HERE/${THERE}"
          ssl-load-extra-del-ext
          ssl-load-extra-files bundle sctl
          stats socket /run/operator.sock level operator
          stats socket /run/admin.sock mode 600 level admin expose-fd listeners
          default-path config
          master-worker
        listen other
          crt-base /wrong
    """,
        THERE="there",
    )
    assert found.crt_base == "/srv/there"
    assert found.drops_ending
    assert not found.loads_keys
    assert found.admin_socket == "/run/admin.sock"
    assert found.folder == Path("/etc/haproxy")
    assert found.is_master_worker


@pytest.mark.parametrize(
    ("line", "folder"),
    [
        ("default-path parent", Path("/etc")),
        ("default-path origin /srv", Path("/srv")),
        ("default-path current", None),
    ],
)
def test_where_relative_names_begin(line: str, folder: Path | None) -> None:
    assert read(f"global\n {line}").folder == folder


def test_variables_that_double_each_other_come_to_an_end() -> None:
    doubling = "".join(f'setenv A{one + 1} "${{A{one}}}${{A{one}}}"\n' for one in range(40))
    with pytest.raises(MachineError, match="64 KiB in a line") as refused:
        read(f"global\nsetenv A0 xxxxxxxxxx\n{doubling}")
    assert refused.value.code is FailureCode.TOO_LARGE
    many = 'bind :443 ssl crt "$A"\n' * 300
    with pytest.raises(MachineError, match="16 MiB in all"):
        read(f"frontend x\n{many}", A="x" * 65_000)
