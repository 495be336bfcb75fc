"""Log-in by name and password."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from statistics import median

import pytest
from sqlalchemy import Engine, text

from certwright.access import log_in as log_in_module
from certwright.access.log_in import log_in
from certwright.access.passwords import needs_rehash
from certwright.access.rights import Right
from certwright.access.sessions import find_session
from certwright.errors import CertwrightError, ErrorCode

from .conftest import Ada

ENTROPY = Callable[[int], bytes]
HERE = "192.0.2.1"


def refusal(database: Engine, name: str, password: str, now: datetime) -> CertwrightError:
    with pytest.raises(CertwrightError) as refused:
        log_in(database, name, password, HERE, now, lambda count: bytes(count))
    return refused.value


def test_right_password_begins_a_session(
    database: Engine, ada: Ada, start: datetime, entropy: ENTROPY
) -> None:
    begun = log_in(database, " ADA ", ada.password, HERE, start, entropy)
    assert begun.session.user == "ada"
    assert begun.session.right is Right.ADMIN
    assert find_session(database, begun.token, start) == begun.session


def test_each_log_in_has_a_token_of_its_own(
    database: Engine, ada: Ada, start: datetime, entropy: ENTROPY
) -> None:
    tokens = {log_in(database, "ada", ada.password, HERE, start, entropy).token for _ in "12"}
    assert len(tokens) == 2


def test_wrong_password_and_unknown_user_get_the_same_answer(
    database: Engine, ada: Ada, start: datetime
) -> None:
    wrong = refusal(database, "ada", "wrong horse battery", start)
    unknown = refusal(database, "eve", "wrong horse battery", start)
    impossible = refusal(database, "no name \x00", "wrong horse battery", start)
    assert wrong.code is ErrorCode.NOT_AUTHENTICATED
    assert len({(e.code, e.message, e.remedy) for e in (wrong, unknown, impossible)}) == 1
    assert "horse" not in wrong.message + wrong.remedy


@pytest.mark.alone
def test_wrong_password_and_unknown_user_take_the_same_time(
    database: Engine, ada: Ada, start: datetime
) -> None:
    seconds: dict[str, list[float]] = {"ada": [], "eve": []}
    moment = start
    for _ in range(5):
        for name, taken in seconds.items():
            moment += timedelta(hours=25)
            began = time.perf_counter()
            refusal(database, name, "wrong horse battery", moment)
            taken.append(time.perf_counter() - began)
    # A hash left out would be a factor of ten or more; the bound leaves room for a busy machine.
    assert 0.3 < median(seconds["ada"]) / median(seconds["eve"]) < 3


def test_lock_out_says_until_when_and_refuses_even_the_right_password(
    database: Engine, ada: Ada, start: datetime, entropy: ENTROPY
) -> None:
    for _ in range(5):
        refusal(database, "ada", "wrong horse battery", start)
    locked = refusal(database, "ada", ada.password, start)
    assert locked.code is ErrorCode.LOCKED_OUT
    assert "09:00:30 UTC" in locked.message
    later = start + timedelta(seconds=30)
    assert log_in(database, "ada", ada.password, HERE, later, entropy).session.user == "ada"


def test_old_hash_is_made_anew_at_log_in(
    database: Engine, ada: Ada, start: datetime, entropy: ENTROPY
) -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(ada.password)
    with database.begin() as connection:
        connection.execute(text("update users set password_hash = :weak"), {"weak": weak})
    log_in(database, "ada", ada.password, HERE, start, entropy)
    with database.connect() as connection:
        stored = connection.execute(text("select password_hash from users")).scalar_one()
    assert not needs_rehash(stored)
    assert log_in(database, "ada", ada.password, HERE, start, entropy).session.user == "ada"


def test_password_changed_while_it_was_verified_is_wrong(
    database: Engine, ada: Ada, start: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def verify_slowly(_hash: str, _password: str) -> bool:
        with database.begin() as connection:
            connection.execute(text("update users set password_hash = 'another'"))
        return True

    monkeypatch.setattr(log_in_module, "verify", verify_slowly)
    monkeypatch.setattr(log_in_module, "needs_rehash", lambda _hash: False)
    assert refusal(database, "ada", ada.password, start).code is ErrorCode.NOT_AUTHENTICATED


def test_attempt_that_was_not_looked_at_does_not_count(
    database: Engine, ada: Ada, start: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_busy(_hash: str, _password: str) -> bool:
        raise CertwrightError(ErrorCode.BUSY, "Busy.", "Wait.")

    monkeypatch.setattr(log_in_module, "verify", too_busy)
    codes = {refusal(database, "ada", ada.password, start).code for _ in range(8)}
    assert codes == {ErrorCode.BUSY}
