"""Which virtual hosts of an Apache configuration serve TLS, where, and with which files."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.services.apache.servers import tls_servers
from certwright.machine.services.pem.endpoints import FoundServers, endpoints_of
from certwright.machine.services.service import Address

from .configurations import read


def servers(root: Path, text: str) -> FoundServers:
    return tls_servers(read(root, text))


def pair(name: str) -> str:
    return f"SSLEngine on\nSSLCertificateFile {name}.pem\nSSLCertificateKeyFile {name}.key\n"


_PIECES = [
    *(
        "<VirtualHost *:443>\n",
        "</VirtualHost>\n",
        "<IfModule x>\n",
        "</IfModule>\n",
        "Listen 443\n",
    ),
    *(
        "SSLEngine on\n",
        "SSLCertificateFile ",
        "ServerName ",
        "Include x\n",
        "Define a b\n",
        "${a}",
    ),
    *("<", ">", "</", '"', "\\\n", "\\", "\n", " ", "#", "!", "ServerRoot ", "IncludeOptional *\n"),
]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.lists(st.sampled_from(_PIECES) | st.text(max_size=3), max_size=60).map("".join))
def test_any_text_is_read_or_refused(root: Path, text: str) -> None:
    assert found_or_code(root, text) in (
        None,
        FailureCode.INVALID_INPUT,
        FailureCode.NOT_FOUND,
        FailureCode.NOT_PERMITTED,
        FailureCode.TOO_LARGE,
    )


def found_or_code(root: Path, text: str) -> FailureCode | None:
    try:
        servers(root, text)
    except MachineError as error:
        return error.code
    return None


def test_a_pair_of_files_is_one_endpoint_whoever_shares_it(root: Path) -> None:
    found = servers(
        root,
        f"""Listen 80
        Listen 443
        Listen [::]:443
        Listen 192.0.2.7:8443 https
        <VirtualHost _default_:443 [2001:db8::1]:443>
        ServerName https://WWW.corp.example:443
        ServerAlias corp.example *.corp.example a*.example
        {pair("tls/all")}
        </VirtualHost>
        <VirtualHost 192.0.2.7:8443>
        ServerName api.corp.example
        SSLCertificateFile tls/all.pem
        SSLCertificateKeyFile tls/all.key
        </VirtualHost>
        <VirtualHost *:80 *:8443>
        ServerName plain.corp.example
        SSLCertificateFile tls/all.pem
        </VirtualHost>""",
    )
    (endpoint,) = [one.found for one in endpoints_of(found.servers)]
    assert endpoint.name == "www.corp.example"
    assert endpoint.names == (
        *("www.corp.example", "corp.example", "*.corp.example", "api.corp.example"),
    )
    assert endpoint.addresses == (
        *(Address("127.0.0.1", 443), Address("::1", 443), Address("2001:db8::1", 443)),
        Address("192.0.2.7", 8443),
    )
    assert endpoint.place == f"{root}/tls/all.pem, its private key in {root}/tls/all.key"
    assert found.notes == ()


def test_what_a_virtual_host_does_not_say_the_main_server_does(root: Path) -> None:
    found = servers(
        root,
        f"""Listen 8443
        Listen 9443
        ServerName main.example
        {pair("/main")}
        <VirtualHost *:8443>
        ServerName a.example
        </VirtualHost>
        <VirtualHost *:8443>
        ServerName b.example
        SSLEngine off
        </VirtualHost>""",
    )
    assert [(one.names, one.addresses) for one in found.servers] == [
        (("a.example",), (Address("127.0.0.1", 8443),)),
        (("main.example",), (Address("127.0.0.1", 9443),)),
    ]


def test_key_may_lie_in_the_file_of_the_certificate_and_the_chain_in_its_own(root: Path) -> None:
    found = servers(
        root,
        """Listen 443
        <VirtualHost *:443>
        ServerName *.example
        SSLEngine on
        SSLCertificateFile rsa.pem
        SSLCertificateFile ecdsa.pem
        SSLCertificateKeyFile rsa.key
        SSLCertificateChainFile chain.pem
        </VirtualHost>""",
    )
    files = [one.files for one in found.servers]
    assert [one.key for one in files] == [root / "rsa.key", root / "ecdsa.pem"]
    assert [one.chain for one in files] == [root / "chain.pem"] * 2


@pytest.mark.parametrize("certificate", ["pkcs11:token=x", "${WHO_KNOWS}.pem"])
def test_certificates_that_are_no_files_are_left_out_and_told_of(
    root: Path, certificate: str
) -> None:
    found = servers(
        root,
        f"""Listen 443
        <VirtualHost *:443>
        ServerName a.example
        {pair("x")}
        </VirtualHost>
        """.replace("x.pem", certificate),
    )
    assert found.servers == ()
    (note,) = found.notes
    assert "a.example" in note
    assert certificate in note


def test_macros_and_hosts_without_a_certificate_are_told_of(root: Path) -> None:
    found = servers(
        root,
        """Listen 443
        <Macro Site $name>
        <VirtualHost *:443>
        </VirtualHost>
        </Macro>
        Use Site a.example
        <VirtualHost *:443>
        ServerName b.example
        SSLEngine on
        </VirtualHost>""",
    )
    assert found.servers == ()
    assert [
        word in note for word, note in zip(("b.example", "mod_macro"), found.notes, strict=True)
    ]
