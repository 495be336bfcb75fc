"""The whole way of a renewal: taken to its end, put off in words, and gone on with after a kill."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count

from sqlalchemy import event, func, select, update

from certwright.access.rights import Caller
from certwright.authorities.authority import (
    CertificateRequest,
    IssuanceFailed,
    IssuedCertificate,
    Pending,
    Progress,
)
from certwright.database.node_views import endpoints
from certwright.database.tables import events, issuances
from certwright.lifecycle.events import latest_events
from certwright.lifecycle.first_start import keep_issued
from certwright.lifecycle.renewal.advancing import advance
from certwright.lifecycle.renewal.deciding import decline
from certwright.lifecycle.renewal.preferences import keep_preference
from certwright.lifecycle.renewal.record import RenewalState
from certwright.lifecycle.server import Server
from certwright.services.endpoints import (
    OwnEndpoint,
    RenewalKey,
    RenewalSettings,
    get_endpoint,
    list_endpoints,
    save_renewal_settings,
)
from certwright.stores.database import find_certificate

from ...composed_server import Clock
from ...foreign_authority import ForeignAuthority
from ...tls_front import TlsFront
from ..conftest import Selector, served_at
from .conftest import SURROUNDINGS, begin, recorded
from .scripted_authority import ScriptedAuthority, with_authority

WEB, CONFIGURATION = OwnEndpoint.WEB_SERVER, OwnEndpoint.CONFIGURATION_SERVER


def served(server: Server) -> set[str]:
    return {served_at(server, endpoint).fingerprint for endpoint in OwnEndpoint}


def number_issued(server: Server) -> int:
    with server.database.connect() as connection:
        return (
            connection.scalar(
                select(func.count()).select_from(issuances).where(issuances.c.state == "issued")
            )
            or 0
        )


def test_both_endpoints_serve_the_new_one_and_the_old_one_is_archived(
    serving: Server, renewal: int
) -> None:
    (former,) = served(serving)
    done = advance(serving, renewal, SURROUNDINGS)
    assert done.state is RenewalState.DONE
    assert served(serving) == {done.issued}
    assert done.issued != former
    with serving.database.connect() as connection:
        for endpoint in list_endpoints(connection):
            assert endpoint.is_proven
            assert endpoint.active == endpoint.saved
        assert find_certificate(connection, former).archived
    names = list(dict.fromkeys(step.name for step in done.steps))
    assert names == ["key", "issue", "check", "select", "activate", "retire"]
    assert all(step.ok for step in done.steps)
    assert latest_events(serving, 1)[0].kind == "renewed"


def test_the_new_one_is_alike_but_for_its_key(serving: Server, renewal: int) -> None:
    former = served_at(serving, WEB)
    advance(serving, renewal, SURROUNDINGS)
    new = served_at(serving, WEB)
    assert (new.names, new.common_name) == (former.names, former.common_name)
    assert new.not_after - new.not_before == former.not_after - former.not_before
    assert new.key_fingerprint != former.key_fingerprint
    assert new.key_description == former.key_description


def test_the_same_key_is_kept_where_that_is_wanted(serving: Server) -> None:
    former = served_at(serving, WEB)
    with serving.database.begin() as connection:
        save_renewal_settings(connection, WEB, RenewalSettings(key=RenewalKey.SAME))
    done = advance(serving, begin(serving), SURROUNDINGS)
    new = served_at(serving, WEB)
    assert done.state is RenewalState.DONE
    assert new.key_fingerprint == former.key_fingerprint
    assert new != former


def test_advancing_what_is_done_changes_nothing(serving: Server, renewal: int) -> None:
    done = advance(serving, renewal, SURROUNDINGS)
    assert advance(serving, renewal, SURROUNDINGS) == done
    assert number_issued(serving) == 2


class KilledError(BaseException):
    """What no code catches, as a kill is."""


@contextmanager
def killed_at(server: Server, number: int) -> Iterator[None]:
    """End the process, as far as a test can, at the `number`th commit from here."""
    commits = count(1)

    def strike(_: object) -> None:
        if next(commits) == number:
            raise KilledError

    event.listen(server.database, "commit", strike)
    try:
        yield
    finally:
        event.remove(server.database, "commit", strike)


def test_killed_at_any_step_it_goes_on_and_issues_once(serving: Server) -> None:
    kills = 0
    for number in count(1):
        before = number_issued(serving)
        renewal = begin(serving)
        try:
            with killed_at(serving, number):
                advance(serving, renewal, SURROUNDINGS)
        except KilledError:
            kills += 1
        done = advance(serving, renewal, SURROUNDINGS)
        assert done.state is RenewalState.DONE, (number, done.sentence)
        assert number_issued(serving) == before + 1, number
        assert served(serving) == {done.issued}
        if kills < number:
            break
    assert kills > 15


def refusing(message: str, **more: object) -> ScriptedAuthority:
    def act(*_: object) -> IssuedCertificate:
        raise IssuanceFailed(message, "Ask the IT network team.", **more)  # type: ignore[arg-type]

    return ScriptedAuthority([act])


def test_a_refusal_is_kept_in_its_words_and_tried_again_later(
    serving: Server, renewal: int, clock: Clock
) -> None:
    former = served(serving)
    server = with_authority(serving, refusing("The policy forbids todd."))
    waits = []
    for _ in range(4):
        put_off = advance(server, renewal, SURROUNDINGS)
        assert put_off.state is RenewalState.WAITING
        assert "The policy forbids todd." in put_off.sentence
        assert put_off.again_at is not None
        waits.append(put_off.again_at - clock())
        clock.at = put_off.again_at
    assert put_off.attempts == 4
    assert waits == sorted(waits)
    assert waits[0] < waits[-1]
    assert served(serving) == former


def test_the_same_refusal_is_one_event(serving: Server, renewal: int, clock: Clock) -> None:
    server = with_authority(serving, refusing("The policy forbids todd."))
    for _ in range(5):
        advance(server, renewal, SURROUNDINGS)
        clock.move(timedelta(days=1))
    with serving.database.connect() as connection:
        kinds = connection.scalars(select(events.c.kind)).all()
    assert kinds.count("renewal-failed") == 1


def test_the_moment_that_an_authority_names_is_obeyed(
    serving: Server, renewal: int, clock: Clock
) -> None:
    tomorrow = clock() + timedelta(days=1)
    server = with_authority(serving, refusing("Too many.", again_at=tomorrow))
    assert advance(server, renewal, SURROUNDINGS).again_at == tomorrow


def test_it_is_not_gone_on_with_before_its_time(
    serving: Server, renewal: int, clock: Clock
) -> None:
    put_off = advance(with_authority(serving, refusing("No.")), renewal, SURROUNDINGS)
    assert advance(serving, renewal, SURROUNDINGS) == put_off
    clock.move(timedelta(hours=1))
    assert advance(serving, renewal, SURROUNDINGS).state is RenewalState.DONE


def test_an_error_nobody_thought_of_is_kept_without_its_text(serving: Server, renewal: int) -> None:
    def act(*_: object) -> IssuedCertificate:
        raise ZeroDivisionError("secret")

    put_off = advance(with_authority(serving, ScriptedAuthority([act])), renewal, SURROUNDINGS)
    assert put_off.state is RenewalState.WAITING
    assert "ZeroDivisionError" in put_off.sentence
    assert "secret" not in str(put_off)


def test_what_an_authority_remembers_is_given_back_until_it_starts_over(
    serving: Server, renewal: int, clock: Clock
) -> None:
    def order(_request: CertificateRequest, progress: Progress, _now: object) -> Pending:
        progress.remember({"order": "1"})
        return Pending("The order is being looked at.", None)

    def fail(*_: object) -> IssuedCertificate:
        raise IssuanceFailed("The order is invalid.", "Order anew.", starts_over=True)

    authority = ScriptedAuthority([order, fail, order])
    server = with_authority(serving, authority)
    waiting = advance(server, renewal, SURROUNDINGS)
    assert (waiting.state, waiting.sentence) == (
        RenewalState.WAITING,
        "The order is being looked at.",
    )
    advance(server, renewal, SURROUNDINGS)
    clock.move(timedelta(hours=1))
    advance(server, renewal, SURROUNDINGS)
    assert authority.memories == [{}, {"order": "1"}, {}]


def issuing(server: Server, company: ForeignAuthority, names: list[str]) -> ScriptedAuthority:
    """Issues for `names`, whatever was asked for."""

    def act(request: CertificateRequest, _progress: Progress, now: object) -> IssuedCertificate:
        issued = company.sign(request.public_key, names)
        answer = IssuedCertificate(issued, (company.intermediate,), company.root)
        with server.database.begin() as connection:
            keep_issued(connection, answer, server.now())
        return answer

    return ScriptedAuthority([act])


def test_a_certificate_for_the_wrong_name_is_not_taken(
    serving: Server, renewal: int, company: ForeignAuthority
) -> None:
    former = served(serving)
    authority = issuing(serving, company, ["other.example"])
    put_off = advance(with_authority(serving, authority), renewal, SURROUNDINGS)
    assert put_off.issued is None
    assert "Its names lack todd.corp.example" in put_off.sentence
    assert served(serving) == former


def test_a_lost_capability_asks_before_it_is_activated(
    serving: Server, renewal: int, company: ForeignAuthority
) -> None:
    former = served(serving)
    authority = issuing(serving, company, ["todd.corp.example"])
    server = with_authority(serving, authority)
    asking = advance(server, renewal, SURROUNDINGS)
    assert asking.state is RenewalState.ASKING
    assert "no longer for localhost" in asking.sentence
    assert served(serving) == former
    assert advance(server, renewal, SURROUNDINGS) == asking
    assert latest_events(serving, 1)[0].kind == "renewal-asks"


def test_a_lifetime_that_was_set_shorter_is_no_loss(serving: Server, clock: Clock) -> None:
    with serving.database.begin() as connection:
        keep_preference(connection, "internal.lifetime", "3d", clock())
    done = advance(serving, begin(serving), SURROUNDINGS)
    assert done.state is RenewalState.DONE, done.sentence
    assert served_at(serving, WEB).not_after == clock() + timedelta(days=3)


def test_a_failed_proof_puts_the_former_back_and_is_tried_again(
    serving: Server, renewal: int, front: TlsFront, clock: Clock, impatient: None
) -> None:
    (former,) = served(serving)
    front.ignores = True
    put_off = advance(serving, renewal, SURROUNDINGS)
    front.ignores = False
    assert put_off.state is RenewalState.WAITING
    assert "Web Server" in put_off.sentence
    with serving.database.connect() as connection:
        for name in OwnEndpoint:
            endpoint = get_endpoint(connection, name)
            assert endpoint.saved.certificate == former
            assert endpoint.active is not None
            assert endpoint.active.certificate == former
    clock.move(timedelta(hours=1))
    done = advance(serving, renewal, SURROUNDINGS)
    assert done.state is RenewalState.DONE
    assert done.issued == put_off.issued  # nothing is issued twice
    assert served(serving) == {done.issued}


def test_a_maintenance_window_keeps_it_ready_until_it_opens(
    serving: Server, renewal: int, clock: Clock
) -> None:
    (former,) = served(serving)
    with serving.database.begin() as connection:
        for name in OwnEndpoint:
            save_renewal_settings(connection, name, RenewalSettings(window="22:00-23:00"))
    waiting = advance(serving, renewal, SURROUNDINGS)
    assert waiting.state is RenewalState.WAITING
    assert waiting.again_at == clock().replace(hour=22, minute=0, second=0, microsecond=0)
    assert served(serving) == {former}
    clock.at = waiting.again_at
    assert advance(serving, renewal, SURROUNDINGS).state is RenewalState.DONE


def test_what_somebody_selected_meanwhile_stays(
    serving: Server,
    renewal: int,
    company: ForeignAuthority,
    select_confirmed: Selector,
) -> None:
    chosen = company.issue(["todd.corp.example"])
    select_confirmed(chosen, WEB)
    done = advance(serving, renewal, SURROUNDINGS)
    assert done.state is RenewalState.DONE
    with serving.database.connect() as connection:
        saved = get_endpoint(connection, WEB).saved
    assert saved.certificate == chosen.leaf.fingerprint
    assert served_at(serving, CONFIGURATION).fingerprint == done.issued
    assert any("still uses it" in step.sentence for step in done.steps)


def test_one_issued_long_ago_is_not_activated_any_more(
    serving: Server, renewal: int, clock: Clock, front: TlsFront, impatient: None
) -> None:
    front.ignores = True
    put_off = advance(serving, renewal, SURROUNDINGS)
    front.ignores = False
    clock.move(timedelta(days=40))
    done = advance(serving, renewal, SURROUNDINGS)
    assert done.state is RenewalState.DONE
    assert done.issued not in {None, put_off.issued}


def test_a_failing_one_ends_when_nothing_uses_the_certificate_any_more(
    serving: Server, renewal: int, clock: Clock
) -> None:
    server = with_authority(serving, refusing("No."))
    advance(server, renewal, SURROUNDINGS)
    with serving.database.begin() as connection:
        connection.execute(
            update(endpoints).values(
                saved_certificate=None, active_certificate=None, active_protocol=None
            )
        )
    over = advance(server, renewal, SURROUNDINGS)
    assert over.state is RenewalState.OBSOLETE
    assert recorded(serving, renewal).finished_at is not None


def test_what_an_authority_has_standing_is_taken_away_when_somebody_declines(
    serving: Server, renewal: int, admin: Caller
) -> None:
    def order(_request: CertificateRequest, progress: Progress, _now: object) -> Pending:
        progress.remember({"order": "1", "proofs": ["up"]})
        return Pending("The authority is looking.", None)

    authority = ScriptedAuthority([order])
    server = with_authority(serving, authority)
    advance(server, renewal, SURROUNDINGS)
    assert decline(server, renewal, caller=admin).state is RenewalState.DECLINED
    assert authority.abandoned == [{"order": "1", "proofs": ["up"]}]
