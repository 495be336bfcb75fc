"""Files of others, replaced with the way back kept beside them."""

import errno
import os
import stat
import struct
import sys
from pathlib import Path
from typing import Any

import pytest

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.open_folders import OpenFolder
from certwright.machine.services.service_files import replacing
from certwright.machine.services.service_files.reading import read_file
from certwright.machine.services.service_files.replacing import (
    FORMER,
    PREVIOUS,
    exchange_file,
    former_content,
    keep_as_previous,
    keep_instead,
    keep_nothing,
    put_back,
    replace_file,
    replace_files,
    set_aside,
)
from certwright.machine.whole_files import write_whole_in


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "site.pem"
    path.write_bytes(b"first")
    path.chmod(0o640)
    return path


def beside(file: Path, ending: str) -> Path:
    return file.with_name(f".{file.name}{ending}")


def test_what_was_there_comes_back(file: Path) -> None:
    assert replace_file(file, b"second")
    assert file.read_bytes() == b"second"
    assert put_back(file)
    assert file.read_bytes() == b"first"
    assert list(file.parent.iterdir()) == [file]


def test_mode_and_owner_stay_as_they_were(file: Path) -> None:
    former = file.stat()
    replace_file(file, b"second")
    kept = beside(file, FORMER).stat()
    for now in (file.stat(), kept):
        assert stat.S_IMODE(now.st_mode) == 0o640
        assert (now.st_uid, now.st_gid) == (former.st_uid, former.st_gid)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_a_file_of_another_account_stays_that_accounts(file: Path) -> None:
    os.chown(file, 1234, 2345)
    replace_file(file, b"second")
    assert (file.stat().st_uid, file.stat().st_gid) == (1234, 2345)


def test_one_that_was_not_there_gets_the_mode_that_is_asked_for(tmp_path: Path) -> None:
    assert replace_file(tmp_path / "new.key", b"key", 0o600)
    assert stat.S_IMODE((tmp_path / "new.key").stat().st_mode) == 0o600


def test_the_same_content_changes_nothing_and_keeps_nothing(file: Path) -> None:
    assert not replace_file(file, b"first")
    assert not beside(file, FORMER).exists()


def test_replacing_twice_goes_back_to_what_was_activated_last(file: Path) -> None:
    replace_file(file, b"second")
    replace_file(file, b"third")
    put_back(file)
    assert file.read_bytes() == b"first"


def test_once_confirmed_it_is_the_previous_one_and_nothing_is_undone(file: Path) -> None:
    replace_file(file, b"second")
    keep_as_previous(file)
    assert not put_back(file)
    assert file.read_bytes() == b"second"
    assert beside(file, PREVIOUS).read_bytes() == b"first"
    keep_as_previous(file)
    assert beside(file, PREVIOUS).read_bytes() == b"first"


def test_a_symbolic_link_stays_and_what_it_leads_to_is_replaced(file: Path) -> None:
    link = file.parent / "live.pem"
    link.symlink_to(file.name)
    replace_file(link, b"second")
    assert link.is_symlink()
    assert file.read_bytes() == b"second"
    put_back(link)
    assert file.read_bytes() == b"first"


def test_links_that_lead_in_a_circle_are_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(MachineError, match="leads nowhere"):
        replace_file(tmp_path / "a", b"x")


def test_a_folder_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="cannot be written") as refused:
        replace_file(tmp_path / "nowhere" / "site.pem", b"x")
    assert refused.value.code is FailureCode.STORE_FAILED


def test_what_is_not_there_or_no_file_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(MachineError) as missing:
        read_file(tmp_path / "site.pem")
    assert missing.value.code is FailureCode.NOT_FOUND
    with pytest.raises(MachineError) as folder:
        read_file(tmp_path)
    assert folder.value.code is FailureCode.NOT_PERMITTED


@pytest.mark.skipif(os.name != "posix", reason="pipes have other names there")
def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(MachineError, match="no regular file"):
        read_file(tmp_path / "pipe")


def test_a_path_with_a_nul_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MachineError) as refused:
        read_file(tmp_path / "a\0b")
    assert refused.value.code is FailureCode.NOT_FOUND


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "huge").open("wb") as huge:
        huge.truncate(17 * 1024 * 1024)
    with pytest.raises(MachineError) as refused:
        read_file(tmp_path / "huge")
    assert refused.value.code is FailureCode.TOO_LARGE


def test_of_files_that_belong_together_all_are_kept_as_soon_as_one_changes(file: Path) -> None:
    key = file.with_name("site.key")
    key.write_bytes(b"key")
    assert replace_files({file: b"first", key: b"key"}) == ()
    assert replace_files({file: b"second", key: b"key"}) == (file,)
    assert replace_files({file: b"third", key: b"another"}) == (file, key)
    assert put_back(file)
    assert put_back(key)
    assert (file.read_bytes(), key.read_bytes()) == (b"first", b"key")


def test_where_one_of_them_cannot_be_written_none_is_changed(file: Path) -> None:
    with pytest.raises(MachineError, match="cannot be written"):
        replace_files({file: b"second", file.parent / "nowhere" / "site.key": b"key"})
    assert file.read_bytes() == b"first"
    assert list(file.parent.iterdir()) == [file]


def test_where_one_cannot_be_replaced_nothing_is_kept_either(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = file.with_name("site.key")
    key.write_bytes(b"key")

    def write(folder: OpenFolder, name: str, *others: Any) -> None:
        if name == file.name:  # as where it is mounted for itself, or marked as immutable
            raise OSError(errno.EBUSY, "Device or resource busy")
        write_whole_in(folder, name, *others)

    monkeypatch.setattr(replacing, "write_whole_in", write)
    with pytest.raises(MachineError, match=r"site\.pem"):
        replace_files({key: b"another", file: b"second"})
    assert (file.read_bytes(), key.read_bytes()) == (b"first", b"key")
    assert {*file.parent.iterdir()} == {file, key}


def test_where_one_cannot_be_replaced_no_new_one_stays(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(folder: OpenFolder, name: str, *others: Any) -> None:
        if name == file.name:
            raise OSError(errno.EBUSY, "Device or resource busy")
        write_whole_in(folder, name, *others)

    monkeypatch.setattr(replacing, "write_whole_in", write)
    with pytest.raises(MachineError, match=r"site\.pem"):
        replace_files({file.with_name("site.key"): b"a new key", file: b"second"})
    assert list(file.parent.iterdir()) == [file]


def test_what_another_program_wrote_at_the_same_moment_is_noticed(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(folder: OpenFolder, name: str, *others: Any) -> None:
        write_whole_in(folder, name, *others)
        if name == file.name:
            file.chmod(0o666)

    monkeypatch.setattr(replacing, "write_whole_in", write)
    with pytest.raises(MachineError, match="owner or mode") as refused:
        replace_file(file, b"second")
    assert refused.value.code is FailureCode.STORE_FAILED
    assert file.read_bytes() == b"first"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


@pytest.mark.skipif(sys.platform != "linux", reason="access lists of another kind there")
def test_access_list_stays_as_it_was(file: Path) -> None:
    # acl(5) as Linux keeps it: rw for the owner, r for account 1234, for the group and as mask.
    entries = [(1, 6, -1), (2, 4, 1234), (4, 4, -1), (16, 4, -1), (32, 0, -1)]
    access_list = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *one) for one in entries)
    os.setxattr(file, "system.posix_acl_access", access_list)
    replace_file(file, b"second")
    for path in (file, beside(file, FORMER)):
        assert os.getxattr(path, "system.posix_acl_access") == access_list
        assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_file_that_others_write_too_is_exchanged_only_as_it_was_read(file: Path) -> None:
    with pytest.raises(MachineError) as refused:
        exchange_file(file, b"second", b"something else")
    assert refused.value.code is FailureCode.CHANGED_MEANWHILE
    assert list(file.parent.iterdir()) == [file]
    assert not exchange_file(file, b"first", b"first")
    assert exchange_file(file, b"second", b"first")
    with pytest.raises(MachineError):
        exchange_file(file, b"third", b"something else")
    assert former_content(file) == b"first"


def test_what_is_kept_can_be_changed_and_dropped(file: Path) -> None:
    replace_file(file, b"second")
    keep_instead(file, b"other")
    assert former_content(file) == b"other"
    keep_nothing(file)
    keep_nothing(file)
    assert former_content(file) is None


def test_set_aside_keeps_the_content_that_was_activated_last(file: Path) -> None:
    for _ in range(2):
        assert set_aside(file)
    assert put_back(file)
    replace_file(file, b"second")
    assert set_aside(file)
    assert former_content(file) == b"first"
    keep_nothing(file)
    assert not set_aside(file)
