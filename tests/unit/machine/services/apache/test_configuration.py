"""What Certwright reads out of an Apache configuration, as Apache does."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.services.apache.configuration import (
    Configuration,
    Surroundings,
    read_configuration,
    words_of,
)
from certwright.machine.services.apache.servers import Found, tls_servers
from certwright.machine.services.apache.service import how_built
from certwright.machine.services.configuration.directives import Directive, values
from certwright.machine.services.pem.endpoints import endpoints_of
from certwright.machine.services.service import Address


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "etc"


def write(root: Path, **files: str) -> None:
    """Each file by its path, __ for a slash, without its ending .conf."""
    for name, text in {"apache2": "", **files}.items():
        path = root / f"{name.replace('__', '/')}.conf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def read(root: Path, text: str, **files: str) -> Configuration:
    write(root, apache2=text, **files)
    surroundings = Surroundings(
        root, {"APACHE_LOG_DIR": "/var/log"}, frozenset({"core.c"}), (2, 4, 71)
    )
    return read_configuration(root / "apache2.conf", surroundings)


def directives(root: Path, text: str, **files: str) -> tuple[Directive, ...]:
    return read(root, text, **files).directives


def servers(root: Path, text: str) -> Found:
    return tls_servers(read(root, text))


def pair(name: str) -> str:
    return f"SSLEngine on\nSSLCertificateFile {name}.pem\nSSLCertificateKeyFile {name}.key\n"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('a "b c" d', ("a", "b c", "d")),
        (r'a "b\"c" \\d', ("a", 'b"c', r"\d")),
        (r"a 'b \' c'", ("a", "b ' c")),
        ('a "b', ("a", "b")),
        (r'a "b\d"', ("a", r"b\d")),
        ('a b"c d"', ("a", 'b"c', 'd"')),
        ('a ""', ("a", "")),
        ("", ()),
    ],
)
def test_words_are_those_that_apache_sees(line: str, words: tuple[str, ...]) -> None:
    assert words_of(line) == words


_WORD = st.text(st.characters(codec="utf-8"), max_size=20)


@given(st.lists(_WORD, max_size=5))
def test_quoted_words_come_back(words: list[str]) -> None:
    escaped = [word.replace("\\", "\\\\").replace('"', '\\"') for word in words]
    assert words_of(" ".join(f'"{word}"' for word in escaped)) == tuple(words)


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


@pytest.mark.parametrize(
    "text", ["</VirtualHost>", "<VirtualHost *>", "<IfModule x>", "<IfModule !x>\n<a>\n</b>\n" * 9]
)
def test_sections_that_do_not_fit_are_refused(root: Path, text: str) -> None:
    with pytest.raises(MachineError, match=r"apache2\.conf, line \d+: ") as refused:
        read(root, text)
    assert refused.value.code is FailureCode.INVALID_INPUT


def test_lines_are_joined_and_comments_left_out(root: Path) -> None:
    found = directives(root, "# a \\\n b\nListen \\\r\n 80 # 81\n  \nPort\\\n \\\n9")
    assert found == (
        Directive("listen", ("80", "#", "81")),
        Directive("port", ("9",)),
    )


def test_variables_are_those_of_define_and_of_the_environment(root: Path) -> None:
    text = "Define APACHE_LOG_DIR /log\nUse ${APACHE_LOG_DIR}/${b}\nUnDefine APACHE_LOG_DIR\n"
    found = directives(root, f"{text}Use ${{APACHE_LOG_DIR}}")
    assert values(found, "use") == ("/log/${b}", "/var/log")


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("IfModule core.c", True),
        ("IfModule !core.c", False),
        ("IfModule ssl_module", True),
        ("IfModule mod_ssl.c", True),
        ("IfModule mod_md.c", False),
        ("IfDefine A", True),
        ("IfDefine !A", False),
        ("IfDefine B", False),
        ("IfFile apache2.conf", True),
        ("IfFile nowhere.conf", False),
        ("IfVersion >= 2.4.10", True),
        ("IfVersion < 2.4", False),
        ("IfVersion 2.4", True),
        ("IfVersion !2.4", False),
        ("IfVersion = 2.2", False),
        ("IfVersion ~ ^2", True),
        ("IfDirective SSLEngine", True),
    ],
)
def test_conditions_are_decided(root: Path, condition: str, holds: bool) -> None:
    name = condition.split()[0]
    text = f"""LoadModule ssl_module modules/mod_ssl.so
        Define A
        <{condition}>
        <IfModule core.c>
        <Directory x>
        </Directory>
        Listen 1
        </IfModule>
        </{name.lower()}>
        Listen 2"""
    assert values(directives(root, text), "listen") == (("1", "2") if holds else ("2",))


def test_includes_are_read_in_order_and_from_the_server_root(root: Path) -> None:
    found = directives(
        root,
        "Include sites/*.conf\nIncludeOptional none/*.conf\nIncludeOptional none.conf\n"
        "Include more\nServerRoot other\nInclude x.conf",
        sites__b="Listen 2",
        sites__a="Listen 1",
        more__d="Listen 4",
        more__c__e="Listen 3",
        other__x="Listen 5",
    )
    assert values(found, "listen") == ("1", "2", "3", "4", "5")


def test_missing_include_is_named(root: Path) -> None:
    with pytest.raises(MachineError, match=r"ports\.conf is not there") as refused:
        read(root, "Include ports.conf")
    assert refused.value.code is FailureCode.NOT_FOUND


def test_file_that_includes_itself_is_no_endless_loop(root: Path) -> None:
    with pytest.raises(MachineError) as refused:
        read(root, "Include *.conf\nInclude *.conf")
    assert refused.value.code is FailureCode.TOO_LARGE


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


def test_built_in_places_are_those_that_apache_prints() -> None:
    built = how_built(
        'Server version: Apache/2.4.71 (Debian)\n -D HTTPD_ROOT="/etc/apache2"\n'
        ' -D DEFAULT_PIDLOG="/run/apache2.pid"\n -D SERVER_CONFIG_FILE="apache2.conf"\n'
    )
    assert (built.label, built.version) == ("Apache 2.4.71", (2, 4, 71))
    assert (built.server_root, built.configuration) == ("/etc/apache2", "apache2.conf")
    assert built.pid_file == "/run/apache2.pid"
    assert how_built("").label == ""
