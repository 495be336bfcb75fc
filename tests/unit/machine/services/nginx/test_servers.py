"""Which servers of an nginx configuration serve TLS, where, and with which files."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.services.nginx.configuration import parse
from certwright.machine.services.nginx.servers import tls_servers
from certwright.machine.services.pem.endpoints import FoundServers, endpoints_of
from certwright.machine.services.service import Address

FILE = Path("nginx.conf")


FOLDER = Path("/etc/nginx")


def servers(text: str) -> FoundServers:
    return tls_servers(parse(text, FILE, lambda _: ()), FOLDER)


def servers_or_code(text: str) -> FoundServers | FailureCode:
    try:
        return servers(text)
    except MachineError as error:
        return error.code


def pair(name: str) -> str:
    return f"ssl_certificate {name}.pem; ssl_certificate_key {name}.key;"


_PIECES = [
    *("a", " ", ";", "{", "}", '"', "'", "\\", "#", "\n", "$", "${", "server", "http", "listen "),
    *("ssl ", "443 ", "[::]:", "unix:", "server_name ", "*.a.b ", "ssl_certificate ", "include x;"),
    *("x_by_lua_block {", "ssl_certificate_key ", "~", "."),
]


@given(st.lists(st.sampled_from(_PIECES) | st.text(max_size=3), max_size=60).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    outcome = servers_or_code(f"http {{ server {{ {text} }} }} {text}")
    if isinstance(outcome, FoundServers):
        assert all(server.addresses for server in outcome.servers)
    else:
        assert outcome is FailureCode.INVALID_INPUT


def test_a_pair_of_files_is_one_endpoint_whoever_shares_it() -> None:
    found = servers(f"""http {{ {pair("tls/all")}
        server {{ listen 443 ssl; server_name WWW.corp.example .corp.example; }}
        server {{ listen 8443 ssl; listen [::]:443 ssl; server_name api.corp.example _ ~^x; }}
        server {{ listen 443 ssl; server_name own.corp.example; {pair("/own")} }}
        server {{ listen 80; server_name plain.corp.example; }}
    }}""")
    one, own = [endpoint.found for endpoint in endpoints_of(found.servers)]
    assert one.name == "www.corp.example"
    assert one.names == (
        *("www.corp.example", "corp.example", "*.corp.example"),
        "api.corp.example",
    )
    assert one.addresses == (
        *(Address("127.0.0.1", 443), Address("127.0.0.1", 8443)),
        Address("::1", 443),
    )
    assert one.place == "/etc/nginx/tls/all.pem, its private key in /etc/nginx/tls/all.key"
    assert (own.name, own.names) == ("own.corp.example", ("own.corp.example",))
    assert found.notes == ()


def test_two_certificates_of_one_server_have_names_of_their_own() -> None:
    found = servers(f"""http {{ server {{ listen 443 ssl; server_name *.corp.example;
        {pair("rsa")} {pair("ecdsa")} }} }}""")
    names = [endpoint.found.name for endpoint in endpoints_of(found.servers)]
    assert names == ["wildcard.corp.example", "wildcard.corp.example-ecdsa"]


def test_server_without_a_name_is_called_after_its_file() -> None:
    found = servers(f"http {{ server {{ listen 1.2.3.4:9443 ssl; {pair('Our%Site')} }} }}")
    (endpoint,) = endpoints_of(found.servers)
    assert endpoint.found.name == "our-site"
    assert endpoint.found.addresses == (Address("1.2.3.4", 9443),)


def test_one_listen_with_ssl_makes_tls_of_all_at_that_address() -> None:
    found = servers(f"""http {{ {pair("a")}
        server {{ listen 443 ssl; server_name a.example; }}
        server {{ listen *:443; server_name b.example; }}
        server {{ ssl on; server_name c.example; listen 8443-8450; }}
        server {{ listen unix:/run/x ssl; listen 443 quic; server_name d.example; }}
    }}""")
    assert [server.names for server in found.servers] == [
        *[("a.example",), ("b.example",), ("c.example",)],
    ]
    assert found.servers[2].addresses == (Address("127.0.0.1", 8443),)


def test_streams_and_mail_are_served_too() -> None:
    block = f"{{ server {{ listen localhost:993 ssl; {pair('mail')} }} }}"
    found = servers(f"stream {block} mail {block}")
    assert [server.addresses for server in found.servers] == [(Address("localhost", 993),)] * 2


@pytest.mark.parametrize(
    "certificate", ["$ssl_server_name.pem", "data:$certificate", "engine:x:y", "store:pkcs11:x"]
)
def test_certificates_that_are_no_files_are_left_out_and_told_of(certificate: str) -> None:
    found = servers(f"""http {{ server {{ listen 443 ssl; server_name a.example;
        ssl_certificate {certificate}; ssl_certificate_key a.key; }} }}""")
    assert found.servers == ()
    (note,) = found.notes
    assert "a.example" in note
    assert certificate in note


def test_server_without_a_certificate_is_told_of() -> None:
    found = servers("http { server { listen 443 ssl; ssl_certificate a.pem; } }")
    assert found.servers == ()
    assert found.notes == (
        "The server port 443 was left out: certificates and private keys do not come in pairs "
        "there (1 and 0).",
    )
