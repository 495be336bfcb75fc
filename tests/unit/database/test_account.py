"""PostgreSQL under root: an account of its own, and folders that stay closed."""

import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from threading import Barrier

import pytest

from certwright.database import account as account_module
from certwright.database.account import (
    ACCOUNT_NAME,
    Account,
    database_account,
    give_to,
    reachable_programs,
)
from certwright.errors import CertwrightError, ErrorCode


def test_root_gets_an_account_of_its_own_and_nobody_else_needs_one() -> None:
    account = database_account()
    if os.geteuid() != 0:
        assert account is None
        return
    entry = pwd.getpwnam(ACCOUNT_NAME)
    assert account == Account(entry.pw_uid, entry.pw_gid)
    assert account.user != 0
    assert entry.pw_shell.endswith("nologin")


def test_of_nodes_that_start_at_once_one_makes_the_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "made"
    program = tmp_path / "useradd"
    program.write_text(f"#!/bin/sh\nsleep 0.05\necho x >> {made}\n")
    program.chmod(0o755)
    looks, all_have_looked = count(1), Barrier(3)
    root = pwd.getpwuid(0)

    def entry(_name: str) -> pwd.struct_passwd:
        is_there = made.exists()
        if next(looks) <= all_have_looked.parties:
            all_have_looked.wait(20)
        if not is_there:
            raise KeyError
        return root

    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwnam", entry)
    monkeypatch.setattr(account_module, "_ACCOUNTS", tmp_path)
    with ThreadPoolExecutor(3) as nodes:
        accounts = [one.result() for one in [nodes.submit(database_account) for _ in range(3)]]
    assert accounts == [Account(0, 0)] * 3
    assert made.read_text() == "x\n"


def test_given_folder_is_closed_to_everybody_else(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o777)
    account = database_account()
    give_to(account, folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert folder.stat().st_uid == (account.user if account else os.geteuid())


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter, all the way down."""
    with tempfile.TemporaryDirectory(prefix="certwright-test-", dir="/dev/shm") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_programs_that_all_may_run_are_run_where_they_lie(open_folder: Path) -> None:
    assert reachable_programs(open_folder, Account(1, 1), "0") == open_folder


def test_without_an_account_programs_are_run_where_they_lie(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    assert reachable_programs(tmp_path, None, "0") == tmp_path


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where programs are copied to that the account could not reach."""
    top = Path(tempfile.mkdtemp(prefix="certwright-test-", dir="/dev/shm"))
    monkeypatch.setattr(account_module, "_SHARED_PROGRAMS", top / "certwright" / "programs")
    yield top / "certwright" / "programs"
    shutil.rmtree(top)


@pytest.fixture
def closed_programs(tmp_path: Path) -> Path:
    """Programs in a folder that only its owner may enter."""
    folder = tmp_path / "closed"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "postgres").write_text("a program")
    folder.chmod(0o700)
    return folder


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_copy_can_be_entered_by_all_and_changed_by_nobody(
    shared: Path, closed_programs: Path, umask: int
) -> None:
    former = os.umask(umask)
    try:
        copy = reachable_programs(closed_programs, Account(1, 1), "0")
    finally:
        os.umask(former)
    assert (copy / "bin" / "postgres").read_text() == "a program"
    assert {stat.S_IMODE(place.stat().st_mode) for place in (shared, shared.parent)} == {0o755}


def test_copy_that_somebody_else_could_change_is_not_run(
    shared: Path, closed_programs: Path
) -> None:
    shared.mkdir(parents=True)
    shared.parent.chmod(0o777)
    with pytest.raises(CertwrightError) as error:
        reachable_programs(closed_programs, Account(1, 1), "0")
    assert error.value.code is ErrorCode.DATA_FOLDER_UNUSABLE
    assert str(shared.parent) in error.value.message
