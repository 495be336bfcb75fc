"""Files kept between a preview and its import: encrypted, for their owner, for a short while."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from certwright.access.rights import Caller, Right
from certwright.database.tables import import_drafts
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.import_drafts import forget_draft, keep_draft, open_draft
from certwright.lifecycle.import_plan import ImportFile
from certwright.lifecycle.server import Server

from ..composed_server import Clock

FILES = (ImportFile("todd.pem", b"\x00\xff of todd"), ImportFile("key.pem", b"secret key"))
BOB = Caller("bob", Right.CREATE)


def count(server: Server) -> int:
    with server.database.connect() as connection:
        return len(connection.execute(select(import_drafts.c.id)).all())


def refusal(server: Server, identifier: str, caller: Caller) -> ErrorCode:
    with pytest.raises(CertwrightError) as error:
        open_draft(server, identifier, caller=caller)
    return error.value.code


@pytest.mark.parametrize("password", [None, "", "correct horse"])
def test_files_and_password_come_back(server: Server, admin: Caller, password: str | None) -> None:
    draft = open_draft(server, keep_draft(server, FILES, password, caller=admin), caller=admin)
    assert draft.files == FILES
    assert draft.password == password
    assert "secret" not in repr(draft)


def test_nothing_lies_there_in_the_clear(server: Server, admin: Caller) -> None:
    keep_draft(server, FILES, "correct horse", caller=admin)
    with server.database.connect() as connection:
        encrypted = connection.execute(select(import_drafts.c.encrypted)).scalar_one()
    for secret in (b"secret", b"horse", b"c2VjcmV0", b"todd"):
        assert secret not in encrypted


def test_draft_is_its_owners_alone(server: Server, admin: Caller) -> None:
    identifier = keep_draft(server, FILES, None, caller=admin)
    assert refusal(server, identifier, BOB) is ErrorCode.NOT_FOUND
    forget_draft(server, identifier, caller=BOB)
    assert open_draft(server, identifier, caller=admin).files == FILES
    # A row that somebody writes her own name into does not open either.
    with server.database.begin() as connection:
        connection.execute(update(import_drafts).values(owner="bob"))
    assert refusal(server, identifier, BOB) is ErrorCode.WRONG_KEY_ENCRYPTION_KEY


def test_forgotten_draft_is_gone(server: Server, admin: Caller) -> None:
    identifier = keep_draft(server, FILES, None, caller=admin)
    forget_draft(server, identifier, caller=admin)
    forget_draft(server, identifier, caller=admin)
    assert refusal(server, identifier, admin) is ErrorCode.NOT_FOUND
    assert count(server) == 0


def test_draft_is_forgotten_after_fifteen_minutes(
    server: Server, admin: Caller, clock: Clock
) -> None:
    identifier = keep_draft(server, FILES, None, caller=admin)
    clock.move(timedelta(minutes=14, seconds=59))
    assert open_draft(server, identifier, caller=admin).files == FILES
    clock.move(timedelta(seconds=1))
    assert refusal(server, identifier, admin) is ErrorCode.NOT_FOUND
    assert count(server) == 0


def test_sixth_draft_takes_the_place_of_the_oldest(
    server: Server, admin: Caller, clock: Clock
) -> None:
    of_bob = keep_draft(server, FILES, None, caller=BOB)
    kept = []
    for _ in range(6):
        clock.move(timedelta(seconds=1))
        kept.append(keep_draft(server, FILES, None, caller=admin))
    assert count(server) == 6
    assert refusal(server, kept[0], admin) is ErrorCode.NOT_FOUND
    for identifier in kept[1:]:
        assert open_draft(server, identifier, caller=admin).files == FILES
    assert open_draft(server, of_bob, caller=BOB).files == FILES


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ([], ErrorCode.INVALID_INPUT),
        ([ImportFile("large", bytes(1024 * 1024 + 1))], ErrorCode.TOO_LARGE),
        ([ImportFile("one", b"x")] * 21, ErrorCode.TOO_LARGE),
    ],
)
def test_too_much_is_not_kept(
    server: Server, admin: Caller, files: list[ImportFile], code: ErrorCode
) -> None:
    with pytest.raises(CertwrightError) as error:
        keep_draft(server, files, None, caller=admin)
    assert error.value.code is code
    assert count(server) == 0


@pytest.mark.parametrize("right", [Right.READ, Right.MODIFY])
def test_right_to_create_is_needed(server: Server, admin: Caller, right: Right) -> None:
    identifier = keep_draft(server, FILES, None, caller=admin)
    with pytest.raises(CertwrightError) as error:
        keep_draft(server, FILES, None, caller=Caller("eve", right))
    assert error.value.code is ErrorCode.NOT_PERMITTED
    assert refusal(server, identifier, Caller("ada", right)) is ErrorCode.NOT_PERMITTED
