"""Users are added, changed and removed; there is always an admin left."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from certwright.access.log_in import log_in
from certwright.access.rights import Right
from certwright.access.sessions import find_session
from certwright.access.users import (
    User,
    add_user,
    canonical_user_name,
    has_users,
    list_users,
    remove_user,
    set_password,
    set_right,
)
from certwright.errors import CertwrightError, ErrorCode

from .conftest import Ada

PASSWORD = "a long enough one"


def test_added_user_is_listed_and_keeps_no_password(database: Engine, start: datetime) -> None:
    with database.begin() as connection:
        assert not has_users(connection)
        added = add_user(connection, " Grace.Hopper@corp.example ", PASSWORD, Right.READ, start)
    assert added == User("grace.hopper@corp.example", Right.READ, start)
    with database.connect() as connection:
        assert has_users(connection)
        assert list_users(connection) == (added,)
        row = connection.execute(text("select users::text from users")).scalar_one()
    assert PASSWORD not in row


def test_name_that_is_taken_leaves_the_transaction_usable(
    database: Engine, ada: Ada, start: datetime
) -> None:
    with database.begin() as connection:
        with pytest.raises(CertwrightError) as refused:
            add_user(connection, "ADA", PASSWORD, Right.READ, start)
        assert refused.value.code is ErrorCode.INVALID_INPUT
        assert [user.name for user in list_users(connection)] == ["ada"]


@pytest.mark.parametrize(
    "name", ["", " ", "a b", "-a", "ä", "a\x00b", "a" * 65, "../x", "<b>", "\ud800"]
)
def test_impossible_names(database: Engine, start: datetime, name: str) -> None:
    assert canonical_user_name(name) is None
    with database.begin() as connection:
        with pytest.raises(CertwrightError, match="not a possible user name"):
            add_user(connection, name, PASSWORD, Right.READ, start)
        with pytest.raises(CertwrightError, match="no such user"):
            set_password(connection, name, PASSWORD)
        with pytest.raises(CertwrightError, match="no such user"):
            set_right(connection, name, Right.READ)
        with pytest.raises(CertwrightError, match="no such user"):
            remove_user(connection, name)


def test_new_password_ends_her_sessions(
    database: Engine, ada: Ada, start: datetime, entropy: Callable[[int], bytes]
) -> None:
    former = log_in(database, ada.name, ada.password, "192.0.2.1", start, entropy)
    with database.begin() as connection:
        assert set_password(connection, "ADA", PASSWORD) == "ada"
    assert find_session(database, former.token, start) is None
    with pytest.raises(CertwrightError):
        log_in(database, ada.name, ada.password, "192.0.2.1", start, entropy)
    assert log_in(database, ada.name, PASSWORD, "192.0.2.1", start, entropy).session.user == "ada"


def test_other_right_counts_for_a_session_that_runs(
    database: Engine, ada: Ada, start: datetime, entropy: Callable[[int], bytes]
) -> None:
    token = log_in(database, ada.name, ada.password, "192.0.2.1", start, entropy).token
    with database.begin() as connection:
        add_user(connection, "grace", PASSWORD, Right.ADMIN, start)
        assert set_right(connection, "ada", Right.READ).right is Right.READ
    session = find_session(database, token, start)
    assert session is not None
    assert session.caller.right is Right.READ


def test_removed_user_is_out_at_once(
    database: Engine, ada: Ada, start: datetime, entropy: Callable[[int], bytes]
) -> None:
    token = log_in(database, ada.name, ada.password, "192.0.2.1", start, entropy).token
    with database.begin() as connection:
        add_user(connection, "grace", PASSWORD, Right.ADMIN, start)
        remove_user(connection, "ada")
    assert find_session(database, token, start + timedelta(seconds=1)) is None


def test_last_admin_stays(database: Engine, ada: Ada, start: datetime) -> None:
    with database.begin() as connection:
        add_user(connection, "grace", PASSWORD, Right.CREATE, start)
        with pytest.raises(CertwrightError, match="last user with the right admin"):
            remove_user(connection, "ada")
        with pytest.raises(CertwrightError, match="last user with the right admin"):
            set_right(connection, "ada", Right.CREATE)
        assert set_right(connection, "ada", Right.ADMIN).right is Right.ADMIN
        assert remove_user(connection, "grace").name == "grace"
        assert [user.name for user in list_users(connection)] == ["ada"]


def test_two_admins_cannot_remove_each_other_at_once(
    database: Engine, ada: Ada, start: datetime
) -> None:
    with database.begin() as connection:
        add_user(connection, "grace", PASSWORD, Right.ADMIN, start)
    refused: list[CertwrightError] = []
    together = threading.Barrier(2)

    def remove(name: str) -> None:
        together.wait(30)
        try:
            with database.begin() as connection:
                remove_user(connection, name)
        except CertwrightError as error:
            refused.append(error)

    threads = [threading.Thread(target=remove, args=(name,)) for name in ("ada", "grace")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with database.connect() as connection:
        assert len(list_users(connection)) == 1
    assert [error.code for error in refused] == [ErrorCode.INVALID_INPUT]


def test_unknown_user_is_not_found(database: Engine) -> None:
    with database.begin() as connection, pytest.raises(CertwrightError) as refused:
        remove_user(connection, "nobody")
    assert refused.value.code is ErrorCode.NOT_FOUND
