"""What Certwright reads out of an Apache configuration, as Apache does."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.services.apache.configuration import words_of
from certwright.machine.services.configuration.directives import Directive, values

from .configurations import read


def directives(root: Path, text: str, **files: str) -> tuple[Directive, ...]:
    return read(root, text, **files).directives


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


def test_variables_that_double_each_other_come_to_an_end(tmp_path: Path) -> None:
    doubling = "".join(f"Define A{one + 1} ${{A{one}}}${{A{one}}}\n" for one in range(40))
    with pytest.raises(MachineError, match="64 KiB in a line") as refused:
        read(tmp_path, f"Define A0 xxxxxxxxxx\n{doubling}ServerName ${{A40}}\n")
    assert refused.value.code is FailureCode.TOO_LARGE
    many = "ServerName ${A}\n" * 300
    with pytest.raises(MachineError, match="16 MiB in all"):
        read(tmp_path, f"Define A {'x' * 65_000}\n{many}")
