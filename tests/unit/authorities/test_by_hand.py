"""Requests that go out to people, and the answers they bring days later."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from certwright.authorities.answers import AnswerRefused
from certwright.authorities.authority import (
    Abandonable,
    Authority,
    CertificateRequest,
    IssuanceFailed,
    IssuedCertificate,
    Memory,
    Pending,
    Progress,
    request_for,
)
from certwright.authorities.by_hand import answer_requests
from certwright.authorities.by_hand_requests import (
    ByHandRequest,
    forget_answered,
    get_request,
    record_refusal,
    waiting_requests,
)
from certwright.authorities.records import AuthorityKind, AuthorityRecord
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.server import Server
from certwright.x509.certificate import Certificate
from certwright.x509.keys import KeyType, PrivateKey, generate_private_key
from certwright.x509.names import parse_server_name
from certwright.x509.profile import Profile

from ..composed_server import Clock
from ..foreign_authority import ForeignAuthority

NAMES = ("todd.corp.example", "192.0.2.7")


@pytest.fixture
def team(server: Server, clock: Clock) -> Authority:
    with server.database.begin() as connection:
        record = AuthorityRecord("team", AuthorityKind.BY_HAND)
        server.authorities.records.add(connection, record, clock())
    return server.authorities.get("team")


def wanted(*names: str, key: PrivateKey | None = None) -> CertificateRequest:
    key = key or generate_private_key(KeyType.EC_P256)
    named = tuple(map(parse_server_name, names or NAMES))
    return request_for(key, named, timedelta(days=90), "ada")


Ask = Callable[[CertificateRequest], tuple[Pending, Memory]]


@pytest.fixture
def ask(team: Authority, clock: Clock) -> Ask:
    """Asks for the first time; what it waits for, and what was remembered."""

    def ask(request: CertificateRequest) -> tuple[Pending, Memory]:
        remembered: list[Memory] = []
        outcome = team.issue(request, Progress(remember=remembered.append), clock())
        assert isinstance(outcome, Pending)
        return outcome, remembered[-1]

    return ask


def bring(database: Engine, clock: Clock, *certificates: Certificate) -> tuple[ByHandRequest, ...]:
    with database.begin() as connection:
        return answer_requests(connection, "team", certificates, clock())


def test_it_waits_without_an_end_for_the_request_it_names(
    team: Authority, ask: Ask, database: Engine, clock: Clock
) -> None:
    request = wanted()
    pending, memory = ask(request)
    assert pending.again_at is None
    assert pending.sentence == (
        f"team waits for the answer to the request {memory['request']} for "
        "todd.corp.example, 192.0.2.7."
    )
    clock.move(timedelta(days=30))
    assert team.issue(request, Progress(memory), clock()) == pending
    with database.connect() as connection:
        (waiting,) = waiting_requests(connection)
    assert waiting.wanted == request
    assert waiting.signing_request_pem.startswith("-----BEGIN CERTIFICATE REQUEST-----")


def test_answer_is_matched_by_its_key_among_requests_for_the_same_name(
    team: Authority, ask: Ask, database: Engine, company: ForeignAuthority, clock: Clock
) -> None:
    first, second = wanted(), wanted()
    _, memory_of_first = ask(first)
    _, memory_of_second = ask(second)
    leaf = company.sign(second.public_key, NAMES)
    (answered,) = bring(database, clock, company.intermediate, leaf)
    assert answered.id == memory_of_second["request"]
    issued = team.issue(second, Progress(memory_of_second), clock())
    assert isinstance(issued, IssuedCertificate)
    assert (issued.leaf, issued.intermediates) == (leaf, (company.intermediate,))
    assert isinstance(team.issue(first, Progress(memory_of_first), clock()), Pending)


def test_answer_goes_to_every_request_it_fits_and_to_no_other_of_the_same_key(
    ask: Ask, database: Engine, company: ForeignAuthority, clock: Clock
) -> None:
    key = generate_private_key(KeyType.EC_P256)
    same = [ask(wanted(key=key))[1]["request"] for _ in range(2)]
    other = ask(wanted("other.corp.example", key=key))[1]["request"]
    leaf = company.sign(key.public_key(), NAMES)
    assert sorted(one.id for one in bring(database, clock, leaf)) == sorted(same)
    with database.connect() as connection:
        assert [one.id for one in waiting_requests(connection, "team")] == [other]
    with pytest.raises(AnswerRefused, match=r"and not for other\.corp\.example"):
        bring(database, clock, leaf)


def test_answer_for_a_client_is_judged_as_a_clients(
    team: Authority, ask: Ask, database: Engine, company: ForeignAuthority, clock: Clock
) -> None:
    key = generate_private_key(KeyType.EC_P256)
    request = replace(wanted(key=key), profile=Profile.CLIENT)
    _, memory = ask(request)
    with pytest.raises(AnswerRefused, match="is not for clients, as was asked for"):
        bring(database, clock, company.sign(request.public_key, NAMES))
    leaf = company.sign(request.public_key, NAMES, profile=Profile.CLIENT)
    (answered,) = bring(database, clock, leaf, company.intermediate, company.root)
    assert answered.wanted == request
    issued = team.issue(request, Progress(memory), clock())
    assert isinstance(issued, IssuedCertificate)
    assert issued.leaf == leaf


def test_answer_for_another_key_changes_nothing(
    ask: Ask, database: Engine, company: ForeignAuthority, clock: Clock
) -> None:
    ask(wanted())
    with pytest.raises(AnswerRefused, match="for another private key"):
        bring(database, clock, company.issue(NAMES).leaf)
    with pytest.raises(AnswerRefused, match="authorities only"):
        bring(database, clock, company.intermediate)
    with database.connect() as connection:
        assert len(waiting_requests(connection)) == 1


def test_answer_that_nobody_waits_for_is_told_of(
    team: Authority, database: Engine, company: ForeignAuthority, clock: Clock
) -> None:
    with pytest.raises(CertwrightError) as refused:
        bring(database, clock, company.issue(NAMES).leaf)
    assert refused.value.code is ErrorCode.NOT_FOUND


def test_answer_that_expired_before_it_was_fetched_fails_and_starts_over(
    team: Authority, ask: Ask, database: Engine, company: ForeignAuthority, clock: Clock
) -> None:
    request = wanted()
    _, memory = ask(request)
    leaf = company.sign(request.public_key, NAMES, not_after=clock() + timedelta(days=1))
    bring(database, clock, leaf)
    clock.move(timedelta(days=2))
    with pytest.raises(IssuanceFailed, match="ran out on") as failed:
        team.issue(request, Progress(memory), clock())
    assert failed.value.starts_over


def test_refusal_fails_with_its_words_for_good(
    team: Authority, ask: Ask, database: Engine, clock: Clock
) -> None:
    request = wanted()
    _, memory = ask(request)
    with database.begin() as connection:
        record_refusal(connection, memory["request"], "that server is not ours.", clock())
    with pytest.raises(IssuanceFailed, match="refused: that server is not ours") as failed:
        team.issue(request, Progress(memory), clock())
    assert failed.value.is_final
    assert failed.value.told_of("team").is_final


def test_request_that_nobody_needs_any_more_is_withdrawn(
    server: Server, team: Authority, ask: Ask
) -> None:
    assert isinstance(team, Abandonable)
    _, needless = ask(wanted())
    _, needed = ask(wanted())
    team.abandon(needless)
    team.abandon({})
    with server.database.connect() as connection:
        assert [one.id for one in waiting_requests(connection, "team")] == [needed["request"]]


def test_of_two_answers_at_the_same_moment_the_first_counts(
    ask: Ask, database: Engine, company: ForeignAuthority, clock: Clock
) -> None:
    request = wanted()
    _, memory = ask(request)
    first, second = (company.sign(request.public_key, NAMES) for _ in range(2))
    with ThreadPoolExecutor(1) as pool:
        with database.begin() as connection:
            answer_requests(connection, "team", [first], clock())
            late = pool.submit(bring, database, clock, second)
            wait_until_one_waits(database)
        with pytest.raises(CertwrightError) as refused:
            late.result(20)
    assert refused.value.code is ErrorCode.CHANGED_MEANWHILE
    with database.connect() as connection:
        assert get_request(connection, memory["request"]).answer == (first,)


def wait_until_one_waits(database: Engine) -> None:
    deadline = time.monotonic() + 20
    waiting = text(
        "select count(*) from pg_stat_activity "
        "where datname = current_database() and wait_event_type = 'Lock'"
    )
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.scalar(waiting):
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_authority_goes_when_no_request_waits_any_longer(
    server: Server, ask: Ask, database: Engine, clock: Clock
) -> None:
    records = server.authorities.records
    _, memory = ask(wanted())
    with database.begin() as connection:
        forget_answered(connection, "team")
        with pytest.raises(CertwrightError, match="a request waits for its answer"):
            records.remove(connection, "team")
        record_refusal(connection, memory["request"], "no.", clock())
        forget_answered(connection, "team")
        records.remove(connection, "team")
        with pytest.raises(CertwrightError) as gone:
            get_request(connection, memory["request"])
    assert gone.value.code is ErrorCode.NOT_FOUND
