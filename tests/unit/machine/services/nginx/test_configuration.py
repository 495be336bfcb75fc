"""What Certwright reads out of an nginx configuration, as nginx does."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.services.configuration.directives import Directive, values
from certwright.machine.services.nginx.configuration import parse, read_configuration

FILE = Path("nginx.conf")


def tree(text: str) -> tuple[Directive, ...]:
    return parse(text, FILE, lambda _: ())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('a "b c" d;', ["b c", "d"]),
        (r'a "b\"c" d\;e;', ['b"c', r"d\;e"]),
        (r"a 'b\'c' 'd\\e';", ["b'c", r"d\e"]),
        (r'a "tab\tline\n" \d+;', ["tab\tline\n", r"\d+"]),
        ('a b"c d;', ['b"c', "d"]),
        ("a b#c d; # e;", ["b#c", "d"]),
        ("a ${b}c $d;", ["${b}c", "$d"]),
        ("a ~^(?<n>x)$;", ["~^(?<n>x)$"]),
        ('a "";', [""]),
        ("a b}c;", ["b}c"]),
    ],
)
def test_words_are_those_that_nginx_sees(text: str, words: list[str]) -> None:
    assert tree(text) == (Directive("a", tuple(words)),)


@pytest.mark.parametrize(
    "text",
    ["a", "a;;", "a {", "}", "a; }", "a { b }", '"a', 'a "b"c;', "a 'b;", "a \\", "{}", "a {" * 99],
)
def test_what_nginx_refuses_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(MachineError, match=r"nginx\.conf, line 3: ") as refused:
        tree(f"user nobody;\n\n{text}")
    assert refused.value.code is FailureCode.INVALID_INPUT


def test_lua_is_not_read() -> None:
    text = """server { content_by_lua_block {
        -- it's a { comment
        if s == "}" then t = {a = '{'} end
    } listen 443; }"""
    (server,) = tree(text)
    assert [one.name for one in server.block] == ["listen"]


_WORD = st.text(st.characters(codec="utf-8"), max_size=20)


@given(st.lists(_WORD, max_size=5))
def test_quoted_words_come_back(words: list[str]) -> None:
    escaped = [word.replace("\\", "\\\\").replace('"', '\\"') for word in words]
    text = " ".join(["name", *(f'"{word}"' for word in escaped)])
    assert tree(f"{text};") == (Directive("name", tuple(words)),)


def test_includes_are_read_in_order_and_from_the_main_folder(tmp_path: Path) -> None:
    (tmp_path / "sites").mkdir()
    for name in ("b", "a"):
        text = f"server {{ server_name {name}; include snippets/tls.conf; }}"
        (tmp_path / "sites" / f"{name}.conf").write_text(text)
    (tmp_path / "snippets").mkdir()
    (tmp_path / "snippets" / "tls.conf").write_text("listen 443 ssl;")
    (tmp_path / "nginx.conf").write_text("http { include sites/*.conf; include none/*; } pid x;")
    http, pid = read_configuration(tmp_path / "nginx.conf")
    assert [values(server.block, "server_name") for server in http.block] == [("a",), ("b",)]
    assert values(http.block[1].block, "listen") == ("443",)
    assert pid == Directive("pid", ("x",))


def test_missing_include_is_named(tmp_path: Path) -> None:
    (tmp_path / "nginx.conf").write_text("include mime.types;")
    with pytest.raises(MachineError, match=r"mime\.types is not there") as refused:
        read_configuration(tmp_path / "nginx.conf")
    assert refused.value.code is FailureCode.NOT_FOUND


def test_file_that_includes_itself_is_no_endless_loop(tmp_path: Path) -> None:
    (tmp_path / "nginx.conf").write_text("include *.conf; include *.conf;")
    with pytest.raises(MachineError) as refused:
        read_configuration(tmp_path / "nginx.conf")
    assert refused.value.code is FailureCode.TOO_LARGE
