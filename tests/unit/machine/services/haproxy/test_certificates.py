"""The files that HAProxy loads for its certificates, under the names it knows them by."""

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from certwright.machine.services.haproxy.certificates import LoadedFile, loaded_files
from certwright.machine.services.haproxy.configuration import Configuration

from .configurations import read


def files_of(configuration: Configuration) -> list[LoadedFile]:
    return list(loaded_files(configuration, None).files)


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
