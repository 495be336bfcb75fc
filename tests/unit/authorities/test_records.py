"""Authorities on record: names, settings, secrets, and what keeps one from being removed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, update

from certwright.authorities.authority import Progress, request_for
from certwright.authorities.records import (
    AuthorityKind,
    AuthorityRecord,
    AuthorityRecords,
    parse_kind,
)
from certwright.database.encryption import KEY_LENGTH, KeyEncryptionKey
from certwright.database.tables import authorities
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.server import Server
from certwright.x509.keys import KeyType, generate_private_key
from certwright.x509.names import parse_server_name

from ..composed_server import KEY, Clock

RECORDS = AuthorityRecords(KEY)
RECORD = AuthorityRecord(
    "corp-ca", AuthorityKind.COMMAND, {"command": ["/usr/bin/sign"]}, {"password": "hers"}
)


@pytest.fixture
def kept(database: Engine, clock: Clock) -> Engine:
    with database.begin() as connection:
        RECORDS.add(connection, RECORD, clock())
    return database


def test_what_was_added_is_there_with_settings_and_secrets(kept: Engine) -> None:
    with kept.connect() as connection:
        assert RECORDS.get(connection, "corp-ca") == RECORD


def test_secrets_are_neither_in_the_clear_nor_in_what_is_printed(kept: Engine) -> None:
    with kept.connect() as connection:
        row = connection.execute(select(authorities)).one()
    assert b"hers" not in row.encrypted_secrets
    assert "hers" not in str(row.settings)
    assert "hers" not in repr(RECORD)


def test_secrets_under_another_name_or_another_key_do_not_open(kept: Engine) -> None:
    with kept.connect() as connection:
        connection.execute(update(authorities).values(name="other"))
        for records, name in (
            (RECORDS, "other"),
            (AuthorityRecords(KeyEncryptionKey(bytes(KEY_LENGTH))), "other"),
        ):
            with pytest.raises(CertwrightError) as refused:
                records.get(connection, name)
            assert refused.value.code is ErrorCode.WRONG_KEY_ENCRYPTION_KEY


@pytest.mark.parametrize("name", ["", "Corp", "a b", "a" * 41, "ä", "a/b", "a\n", "\x1b[31m"])
def test_a_name_that_is_none_is_refused(database: Engine, clock: Clock, name: str) -> None:
    with database.begin() as connection, pytest.raises(CertwrightError) as refused:
        RECORDS.add(connection, replace(RECORD, name=name), clock())
    assert refused.value.code is ErrorCode.INVALID_INPUT
    assert refused.value.message.isprintable()


def test_a_name_that_is_taken_is_refused_and_the_first_one_stays(
    kept: Engine, clock: Clock
) -> None:
    with kept.begin() as connection:
        with pytest.raises(CertwrightError, match="an authority corp-ca already"):
            RECORDS.add(connection, replace(RECORD, settings={}), clock())
        assert RECORDS.get(connection, "corp-ca") == RECORD


def test_settings_and_secrets_can_be_changed_and_the_kind_cannot(kept: Engine) -> None:
    changed = replace(RECORD, settings={"command": ["/bin/true"]}, secrets={})
    with kept.begin() as connection:
        RECORDS.change(connection, changed)
        assert RECORDS.get(connection, "corp-ca") == changed
        for other in (
            replace(changed, kind=AuthorityKind.ACME),
            replace(changed, name="nobody"),
        ):
            with pytest.raises(CertwrightError) as refused:
                RECORDS.change(connection, other)
            assert refused.value.code is ErrorCode.NOT_FOUND


def test_our_own_comes_first_and_the_others_by_name(server: Server, clock: Clock) -> None:
    with server.database.begin() as connection:
        for name in ("zebra", "alpha"):
            RECORDS.add(connection, AuthorityRecord(name, AuthorityKind.BY_HAND), clock())
        names = [one.name for one in RECORDS.list(connection)]
    assert names == ["internal", "alpha", "zebra"]


def test_one_that_nothing_refers_to_is_removed(kept: Engine) -> None:
    with kept.begin() as connection:
        RECORDS.remove(connection, "corp-ca")
        for call in (RECORDS.remove, RECORDS.get):
            with pytest.raises(CertwrightError) as refused:
                call(connection, "corp-ca")
            assert refused.value.code is ErrorCode.NOT_FOUND


def test_one_whose_issuances_are_on_record_is_not_removed(server: Server, clock: Clock) -> None:
    key = generate_private_key(KeyType.EC_P256)
    names = (parse_server_name("a.example"),)
    request = request_for(key, names, timedelta(days=1), "ada")
    server.authority.issue(request, Progress(), clock())
    with server.database.begin() as connection:
        with pytest.raises(CertwrightError, match="on record as the issuer") as refused:
            RECORDS.remove(connection, "internal")
        assert RECORDS.get(connection, "internal").kind is AuthorityKind.INTERNAL
    assert refused.value.code is ErrorCode.CERTIFICATE_IN_USE


def test_a_kind_that_is_none_is_refused_with_those_that_are() -> None:
    assert parse_kind("by-hand") is AuthorityKind.BY_HAND
    with pytest.raises(CertwrightError) as refused:
        parse_kind("by-magic\x1b")
    assert refused.value.message.isprintable()
    assert "self-signed" in refused.value.remedy


def test_a_registry_makes_each_kind_it_knows(server: Server, clock: Clock) -> None:
    assert server.authorities.get() == server.authority
    assert [one.name for one in server.authorities.list()] == ["internal"]
    with pytest.raises(CertwrightError) as unknown:
        server.authorities.get("nobody")
    assert unknown.value.code is ErrorCode.NOT_FOUND
    odd = AuthorityRecord("team", AuthorityKind.BY_HAND, {"command": ["/bin/sh"]})
    with pytest.raises(CertwrightError, match="has no setting 'command'"):
        server.authorities.make(odd)
    program = replace(odd, kind=AuthorityKind.COMMAND, secrets={"password": "hers"})
    with pytest.raises(CertwrightError, match="has no setting 'password'"):
        server.authorities.make(program)
    later = replace(server.authorities, makers={})
    with pytest.raises(CertwrightError) as missing:
        later.make(odd)
    assert missing.value.code is ErrorCode.NOT_AVAILABLE_YET
