"""HAProxy's configuration, read as HAProxy reads it."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.machine.services.haproxy.certificates import LoadedFile, loaded_files
from certwright.machine.services.haproxy.configuration import Configuration, read_configuration
from certwright.machine.services.haproxy.process import configuration_arguments, running_with
from certwright.machine.services.haproxy.words import words_of
from certwright.machine.services.service import Address

MAIN = Path("/etc/haproxy/haproxy.cfg")


def read(text: str, **environment: str) -> Configuration:
    return read_configuration([(MAIN, text)], environment)


def files_of(configuration: Configuration) -> list[LoadedFile]:
    return list(loaded_files(configuration, None).files)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (r"bind :443 ssl crt /a\ b.pem", ("bind", ":443", "ssl", "crt", "/a b.pem")),
        ('crt "/a b.pem"', ("crt", "/a b.pem")),
        ("crt '/a b.pem'", ("crt", "/a b.pem")),
        ("crt '/a'\" \"b.pem", ("crt", "/a b.pem")),
        ("crt /a.pem # the one", ("crt", "/a.pem")),
        ("crt /a.pem#end", ("crt", "/a.pem")),
        (r"crt /a\#b.pem", ("crt", "/a#b.pem")),
        ('crt "/a#b.pem"', ("crt", "/a#b.pem")),
        (r"crt \x2fa.pem", ("crt", "/a.pem")),
        (r"reqrep \1", ("reqrep", r"\1")),
        (r"'\x2f$A' \\", (r"\x2f$A", "\\")),
        ('"$HERE/a.pem" "${HERE}/b" $HERE', ("/here/a.pem", "/here/b", "$HERE")),
        (r'"\$HERE" "${NONE-else}" "x$NONE"', ("$HERE", "else", "x")),
        ('a "" b', ("a", "", "b")),
        ("   # nothing", ()),
        ("crt 'not closed", ("crt", "not closed")),
    ],
)
def test_a_line_is_split_into_words_as_haproxy_does(line: str, words: tuple[str, ...]) -> None:
    assert words_of(line, {"HERE": "/here"}) == words


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


def test_a_name_that_begins_nowhere_known_is_told_of() -> None:
    loaded = loaded_files(read("listen a\n bind :443 ssl crt todd.pem"), None)
    assert loaded.files == ()
    assert "set crt-base" in loaded.notes[0]


def test_a_crt_store_is_told_of() -> None:
    loaded = loaded_files(read("listen a\n bind :443 ssl crt @web/todd"), None)
    assert "crt-store" in loaded.notes[0]


def test_a_folder_stands_for_what_lies_in_it(tmp_path: Path) -> None:
    for name in ("b.pem", "a.pem", "a.pem.key", "a.pem.ocsp", ".hidden", "c.issuer"):
        (tmp_path / name).write_text("")
    (tmp_path / "folder").mkdir()
    first, second = files_of(read(f"listen a\n bind :443 ssl crt {tmp_path}/"))
    assert (first.name, first.key) == (f"{tmp_path}/a.pem", tmp_path / "a.pem.key")
    assert (second.name, second.key) == (f"{tmp_path}/b.pem", tmp_path / "b.pem")
    assert "a.pem.ocsp" in first.notes[0]


def test_a_key_lies_apart_only_where_the_first_file_has_none(tmp_path: Path) -> None:
    site = tmp_path / "site.crt"
    (tmp_path / "site.key").write_text("")
    Path(f"{site}.key").write_text("")
    bind = f"\nlisten a\n bind :443 ssl crt {site}"
    site.write_text("")
    assert files_of(read(bind))[0].key == Path(f"{site}.key")
    assert files_of(read(f"global\n ssl-load-extra-del-ext{bind}"))[0].key == tmp_path / "site.key"
    assert files_of(read(f"global\n ssl-load-extra-files none{bind}"))[0].key == site
    site.write_text("-----BEGIN EC PRIVATE KEY-----")
    assert files_of(read(bind))[0].key == site


def test_a_bundle_is_the_file_of_each_kind_of_key(tmp_path: Path) -> None:
    for ending in ("rsa", "ecdsa"):
        (tmp_path / f"site.pem.{ending}").write_text("")
    found = files_of(read(f"listen a\n bind :443 ssl crt {tmp_path}/site.pem"))
    assert [one.path.name for one in found] == ["site.pem.rsa", "site.pem.ecdsa"]


def test_a_list_names_files_and_whom_each_is_for(tmp_path: Path) -> None:
    listed = tmp_path / "all.list"
    listed.write_text("# all\na.pem\nb.pem [alpn h2 npn x] todd.example !not.example *.example\n")
    text = f"global\n crt-base {tmp_path}\nlisten a\n bind :443 ssl crt-list {listed} crt b.pem"
    first, second = files_of(read(text))
    assert (first.name, first.names) == (f"{tmp_path}/a.pem", ())
    assert second.names == ("todd.example", "*.example")
    missing = loaded_files(read("listen a\n bind :443 ssl crt-list /nowhere/list"), None)
    assert missing.notes == ("/nowhere/list is not there.",)


def test_a_command_line_names_its_files() -> None:
    line = "-Ws -f /etc/a.cfg -p /run/pid -f conf.d -sf 1 2 -- /b.cfg /c.cfg"
    assert configuration_arguments(line.split()) == ("/etc/a.cfg", "conf.d", "/b.cfg", "/c.cfg")
    assert configuration_arguments(["-f"]) == ()


def test_nothing_runs_with_a_file_that_nobody_has(tmp_path: Path) -> None:
    assert running_with(tmp_path / "haproxy.cfg") is None


LETTERS = st.text(st.sampled_from("ab/'\"\\$#{}-x2f ssl crt bind:,[]@*.") | st.characters())
STARTS = st.sampled_from(["global", "listen a", "bind :443 ssl crt ", "crt-base ", "setenv A "])
LINES = st.lists(st.builds("{}{}".format, STARTS, LETTERS) | LETTERS, max_size=8)


@given(LINES)
def test_any_text_is_read_without_a_crash(lines: list[str]) -> None:
    loaded_files(read("\n".join(lines)), Path("/nowhere"))


@given(st.text(st.sampled_from("a [!]#*.\n") | st.characters()))
def test_any_list_is_read_without_a_crash(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder, "all.list")
        listed.write_text(text, "utf-8", "replace")
        configuration = read(f"listen a\n bind :443 ssl crt-list {listed}")
        loaded_files(configuration, Path("/nowhere"))


@given(st.text(st.characters(exclude_characters="'\n\r")))
def test_what_is_quoted_strongly_is_itself(text: str) -> None:
    assert words_of(f"'{text}'", {}) == (text,)
