"""How renewal failed for others in production, and that it does not here.

Each test is named after a row of docs/failure-modes.md; rows that concern one part alone are held
by the tests that the page names.
"""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from certwright.access.rights import Caller
from certwright.authorities.authority import CertificateRequest, IssuedCertificate, Progress
from certwright.database.tables import events, issuances, private_keys, suggested_windows
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.deleting import delete_certificate
from certwright.lifecycle.renewal.advancing import advance
from certwright.lifecycle.renewal.alarm import sound_alarms
from certwright.lifecycle.renewal.beginning import begin_due, begin_for
from certwright.lifecycle.renewal.deciding import agree, decline
from certwright.lifecycle.renewal.due import Outlook, plans
from certwright.lifecycle.renewal.record import RenewalState
from certwright.lifecycle.server import Server
from certwright.machine.handshake import shake_hands
from certwright.services.endpoints import (
    OwnEndpoint,
    RenewalKey,
    RenewalSettings,
    WebServerProtocol,
    get_endpoint,
    save_renewal_settings,
)
from certwright.stores.database import find_certificate

from ...composed_server import Clock
from ...foreign_authority import ForeignAuthority
from ...tls_front import TlsFront
from ..conftest import served_at
from .conftest import SURROUNDINGS, begin
from .scripted_authority import ScriptedAuthority, with_authority
from .test_advancing import issuing, refusing

WEB = OwnEndpoint.WEB_SERVER


def events_of(server: Server, kind: str) -> list[str]:
    with server.database.connect() as connection:
        query = select(events.c.message).where(events.c.kind == kind).order_by(events.c.id)
        return list(connection.scalars(query))


def test_renewal_ran_and_nobody_served_it(
    serving: Server, renewal: int, front: TlsFront, impatient: None
) -> None:
    front.ignores = True
    put_off = advance(serving, renewal, SURROUNDINGS)
    assert put_off.state is RenewalState.WAITING
    assert events_of(serving, "renewed") == []
    assert events_of(serving, "renewal-failed")


def test_task_healthy_and_nothing_renewed(serving: Server, clock: Clock) -> None:
    # No worker, no renewal, no error anywhere: the time that is left on what is served tells.
    clock.move(timedelta(days=37))
    sound_alarms(serving)
    assert any("was not renewed yet" in message for message in events_of(serving, "expiry-alarm"))


def test_errors_outside_the_try_block(serving: Server, renewal: int) -> None:
    def act(*_: object) -> IssuedCertificate:
        raise RuntimeError

    put_off = advance(with_authority(serving, ScriptedAuthority([act])), renewal, SURROUNDINGS)
    assert put_off.again_at is not None
    assert "RuntimeError" in put_off.sentence
    assert events_of(serving, "renewal-failed")


def test_after_one_failed_install_later_successes_no_longer_rebind(
    serving: Server, renewal: int, front: TlsFront, clock: Clock, impatient: None
) -> None:
    front.ignores = True
    failed = advance(serving, renewal, SURROUNDINGS)
    front.ignores = False
    assert failed.again_at is not None
    clock.at = failed.again_at
    assert advance(serving, renewal, SURROUNDINGS).state is RenewalState.DONE
    clock.move(timedelta(days=33))
    (next_one,) = begin_due(serving, None)
    done = advance(serving, next_one, SURROUNDINGS)
    assert served_at(serving, WEB).fingerprint == done.issued


def test_old_certificate_deleted_while_still_bound(
    serving: Server, renewal: int, admin: Caller
) -> None:
    former = served_at(serving, WEB)
    with serving.database.begin() as connection:
        configuration = OwnEndpoint.CONFIGURATION_SERVER
        save_renewal_settings(connection, configuration, RenewalSettings(window="03:00-04:00"))
    advance(serving, renewal, SURROUNDINGS)  # the Configuration Server has to wait
    with pytest.raises(CertwrightError) as refused:
        delete_certificate(serving, former.fingerprint, caller=admin)
    assert refused.value.code is ErrorCode.CERTIFICATE_IN_USE
    with serving.database.connect() as connection:
        assert find_certificate(connection, former.fingerprint).has_private_key


def test_key_vanishes(serving: Server) -> None:
    former = served_at(serving, WEB)
    with serving.database.begin() as connection:
        save_renewal_settings(connection, WEB, RenewalSettings(key=RenewalKey.SAME))
    renewal = begin(serving)
    with serving.database.begin() as connection:
        serving.vault.delete(connection, former.key_fingerprint)
    put_off = advance(serving, renewal, SURROUNDINGS)
    assert put_off.state is RenewalState.WAITING
    assert "private key of this certificate is not here" in put_off.sentence


def test_orphan_key_files_pile_up(serving: Server, renewal: int, admin: Caller) -> None:
    def number_of_keys() -> int:
        with serving.database.connect() as connection:
            return connection.scalar(select(func.count()).select_from(private_keys)) or 0

    before = number_of_keys()
    advance(with_authority(serving, refusing("No.")), renewal, SURROUNDINGS)
    assert number_of_keys() == before + 1
    decline(serving, renewal, caller=admin)
    assert number_of_keys() == before


def test_wrong_or_missing_intermediate(
    serving: Server, renewal: int, company: ForeignAuthority, admin: Caller
) -> None:
    names = ["todd.corp.example", "localhost"]
    server = with_authority(serving, issuing(serving, company, names))
    asking = advance(server, renewal, SURROUNDINGS)
    assert asking.state is RenewalState.ASKING  # another root; somebody agrees
    agree(server, renewal, caller=admin)
    assert advance(server, renewal, SURROUNDINGS).state is RenewalState.DONE
    port = serving.port_of(WEB, WebServerProtocol.HTTPS)
    _, *above = shake_hands("127.0.0.1", port, serving.name).chain
    assert above == [company.intermediate.der]
    with serving.database.connect() as connection:
        proof = get_endpoint(connection, WEB).proof
    assert proof is not None
    assert [one["subject"] for one in proof["chain"]][1:] == [company.intermediate.subject]


def test_duplicate_issuance(serving: Server, clock: Clock) -> None:
    clock.move(timedelta(days=33))
    begun = [begin_due(serving, None) for _ in range(6)]
    assert [len(one) for one in begun] == [1, 0, 0, 0, 0, 0]
    advance(serving, begun[0][0], SURROUNDINGS)
    advance(serving, begun[0][0], SURROUNDINGS)
    with serving.database.connect() as connection:
        issued = connection.scalar(
            select(func.count()).select_from(issuances).where(issuances.c.state == "issued")
        )
    assert issued == 2


def test_stale_window_five_certificates_in_ten_seconds(serving: Server, clock: Clock) -> None:
    clock.move(timedelta(hours=2))
    served = []
    for _ in range(5):
        served.append(served_at(serving, WEB).fingerprint)
        _suggest_yesterday(serving, served[-1], clock)
        for number in begin_due(serving, None):
            advance(serving, number, SURROUNDINGS)
        clock.move(timedelta(seconds=2))
    assert len(set(served)) == 2  # the first was due; what came instead has only been issued
    with serving.database.connect() as connection:
        (plan,) = plans(serving, connection, None)
    assert plan.outlook is Outlook.HELD
    assert "only a moment ago" in plan.moment.reason


def _suggest_yesterday(server: Server, certificate: str, clock: Clock) -> None:
    with server.database.begin() as connection:
        connection.execute(
            insert(suggested_windows)
            .values(
                certificate=certificate,
                starts_at=clock() - timedelta(days=2),
                ends_at=clock() - timedelta(days=1),
                explanation="",
                look_again_at=clock(),
            )
            .on_conflict_do_nothing()
        )


def test_thirty_days_before_with_a_certificate_of_six_days(
    serving: Server, clock: Clock, admin: Caller
) -> None:
    with serving.database.begin() as connection:
        (plan,) = plans(serving, connection, None)
        renewal = begin_for(serving, connection, plan, "ada", "Six days, please.")
        assert renewal is not None
    shortened = with_authority(serving, _six_days(serving))
    asking = advance(shortened, renewal, SURROUNDINGS)
    assert asking.state is RenewalState.ASKING  # it runs out before the one of 47 days
    agree(shortened, renewal, caller=admin)
    assert advance(shortened, renewal, SURROUNDINGS).state is RenewalState.DONE
    begun = 0
    for _ in range(24):
        clock.move(timedelta(hours=1))
        begun += len(begin_due(serving, None))
    assert begun == 0


def test_failed_renewal_still_moved_what_is_live(
    serving: Server, renewal: int, front: TlsFront, impatient: None
) -> None:
    former = served_at(serving, WEB)
    front.ignores = True
    advance(serving, renewal, SURROUNDINGS)
    front.ignores = False
    with serving.database.connect() as connection:
        endpoint = get_endpoint(connection, WEB)
    assert endpoint.saved.certificate == former.fingerprint
    assert served_at(serving, WEB) == former


def test_clock_skew_not_yet_valid(serving: Server, renewal: int, clock: Clock) -> None:
    ahead = replace(serving, now=lambda: clock() + timedelta(hours=2))
    former, answers = served_at(serving, WEB), []

    def act(request: CertificateRequest, progress: Progress, now: object) -> IssuedCertificate:
        if not progress.memory:
            answers.append(serving.authority.issue(request, progress, ahead.now()))
            progress.remember({"order": "1"})
        return answers[-1]

    server = with_authority(serving, ScriptedAuthority([act]))
    early = advance(server, renewal, SURROUNDINGS)
    assert early.state is RenewalState.WAITING
    assert early.again_at == answers[0].leaf.not_before
    assert "If the clock of this machine is behind, set it right." in early.sentence
    assert served_at(serving, WEB) == former
    clock.at = early.again_at
    done = advance(server, renewal, SURROUNDINGS)
    assert done.state is RenewalState.DONE, done.sentence
    assert done.issued == answers[0].leaf.fingerprint
    assert len(answers) == 1  # no other one was ordered


def test_expired_certificate_served_first_after_idle(
    serving: Server, renewal: int, clock: Clock
) -> None:
    clock.move(timedelta(days=46))
    done = advance(serving, renewal, SURROUNDINGS)
    # The very first handshake after the switch, not the second.
    port = serving.port_of(WEB, WebServerProtocol.HTTPS)
    chain = shake_hands("127.0.0.1", port, serving.name).chain
    with serving.database.connect() as connection:
        assert done.issued is not None
        assert find_certificate(connection, done.issued).certificate.der == chain[0]


def _six_days(server: Server) -> ScriptedAuthority:
    def act(request: CertificateRequest, progress: Progress, now: object) -> IssuedCertificate:
        short = replace(request, lifetime=timedelta(days=6))
        return server.authority.issue(short, progress, server.now())

    return ScriptedAuthority([act])


def test_every_test_that_the_page_names_is_there() -> None:
    root = Path(__file__).parents[4]
    page = (root / "docs" / "failure-modes.md").read_text(encoding="utf-8")
    files = [path.read_text(encoding="utf-8") for path in (root / "tests").rglob("test_*.py")]
    named = set(re.findall(r"`(test_[a-z_]+)`", page))
    assert len(named) > 10
    assert [name for name in named if not any(f"def {name}(" in text for text in files)] == []
    for path in re.findall(r"`(tests/[a-z_/.]+)`", page):
        assert (root / path).exists(), path
