"""Maintenance windows: waited for, but never until what is served runs out."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from certwright.access.rights import Caller
from certwright.authorities.records import AuthorityKind, AuthorityRecord
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.importing import import_certificate
from certwright.lifecycle.renewal.advancing import advance
from certwright.lifecycle.renewal.asking import activations_of, renew, what_would_happen
from certwright.lifecycle.renewal.deciding import go_on_now, latest_start
from certwright.lifecycle.renewal.record import RenewalState
from certwright.lifecycle.renewal.rehearsing import begin_rehearsing
from certwright.lifecycle.renewal.windows import next_opening
from certwright.lifecycle.selection import select_certificate
from certwright.lifecycle.server import Server
from certwright.lifecycle.settings import change_setting
from certwright.services.endpoints import OwnEndpoint

from ...composed_server import Clock
from ...foreign_authority import ForeignAuthority
from ..conftest import served_at
from .conftest import SURROUNDINGS, recorded

WEB = OwnEndpoint.WEB_SERVER
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "days_left", "waits"),
    [
        ("", 9, timedelta()),
        ("13:00-14:00", 9, timedelta(hours=1)),
        ("Mon 12:00-14:00", 9, timedelta(days=6)),
        ("Mon 12:00-14:00", 4, timedelta(days=1)),
        ("Mon 12:00-14:00", 2, timedelta()),
    ],
)
def test_no_window_lasts_until_a_tenth_of_the_lifetime_is_not_left(
    company: ForeignAuthority, window: str, days_left: int, waits: timedelta
) -> None:
    not_after = NOON + timedelta(days=days_left)
    served = company.issue(
        ["todd.corp.example"], not_before=not_after - timedelta(days=30), not_after=not_after
    ).leaf
    assert next_opening(window, NOON, UTC, served) == NOON + waits


def set_windows(server: Server, window: str, admin: Caller) -> None:
    for endpoint in OwnEndpoint:
        change_setting(server, f"{endpoint}.window", window, caller=admin)


@pytest.fixture
def waiting(serving: Server, renewal: int, admin: Caller) -> int:
    """A renewal that waits for a window that opens in six days."""
    set_windows(serving, "Mon 02:00-04:00", admin)
    assert advance(serving, renewal, SURROUNDINGS).state is RenewalState.WAITING
    return renewal


def test_a_window_that_opens_too_late_is_not_waited_for(
    serving: Server, waiting: int, clock: Clock
) -> None:
    served = served_at(serving, WEB)
    clock.at = latest_start(served) + timedelta(minutes=1)
    assert advance(serving, waiting, SURROUNDINGS).state is RenewalState.DONE
    assert served_at(serving, WEB).fingerprint == recorded(serving, waiting).issued


def test_what_would_happen_tells_the_hour_at_which_it_really_does(
    serving: Server, admin: Caller, clock: Clock
) -> None:
    (plan,) = what_would_happen(serving)
    clock.at = latest_start(plan.certificate) - timedelta(hours=1)
    set_windows(serving, f"{(clock() - timedelta(days=1)):%a} 02:00-02:30", admin)
    (plan,) = what_would_happen(serving)
    assert {one.at for one in activations_of(serving, plan)} == {latest_start(plan.certificate)}


def test_now_means_now_whatever_the_window(serving: Server, waiting: int, admin: Caller) -> None:
    go_on_now(serving, waiting, caller=admin)
    assert advance(serving, waiting, SURROUNDINGS).state is RenewalState.DONE


def test_a_changed_window_is_looked_at_at_once(
    serving: Server, waiting: int, admin: Caller
) -> None:
    set_windows(serving, "", admin)
    assert advance(serving, waiting, SURROUNDINGS).state is RenewalState.DONE


def test_a_rehearsal_is_no_renewal(serving: Server, admin: Caller) -> None:
    number = begin_rehearsing(serving, WEB, admin, "internal")
    with pytest.raises(CertwrightError) as refused:
        renew(serving, served_at(serving, WEB).fingerprint, caller=admin)
    assert refused.value.code is ErrorCode.CHANGED_MEANWHILE
    assert f"rehearsed (renewal {number})" in refused.value.message


def test_people_are_asked_for_no_rehearsal(serving: Server, admin: Caller, clock: Clock) -> None:
    with serving.database.begin() as connection:
        record = AuthorityRecord("corp-ca", AuthorityKind.BY_HAND)
        serving.authorities.records.add(connection, record, clock())
    with pytest.raises(CertwrightError, match="corp-ca is people"):
        begin_rehearsing(serving, WEB, admin, "corp-ca")


def test_what_is_served_is_renewed_whatever_it_says_of_itself(
    serving: Server, admin: Caller, tmp_path: Path
) -> None:
    """OpenSSL marks what it signs itself as an authority, unless it is told otherwise."""
    key, file = tmp_path / "key.pem", tmp_path / "itself.pem"
    made = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650")
    what = ("-subj", "/CN=todd.corp.example", "-addext", "subjectAltName=DNS:todd.corp.example")
    subprocess.run([*made, *what, "-keyout", key, "-out", file], check=True, capture_output=True)
    pem = key.read_bytes() + file.read_bytes()
    imported = import_certificate(serving, pem, None, friendly_name="", caller=admin)
    fingerprint = imported.leaf.certificate.fingerprint
    with pytest.raises(CertwrightError, match="no certificate of a server"):
        renew(serving, fingerprint, caller=admin, authority="internal")
    select_certificate(serving, WEB, fingerprint, read_version=None, confirmed=True, caller=admin)
    begun = renew(serving, fingerprint, caller=admin, authority="internal")
    assert begun.state is RenewalState.WORKING
