"""The numbers for Prometheus, and that the alert rules name no others."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, select, update

from certwright.access.rights import Caller
from certwright.authorities.records import AuthorityKind, AuthorityRecord
from certwright.database.node_views import endpoints
from certwright.database.tables import settings
from certwright.lifecycle.activation import activate
from certwright.lifecycle.first_start import provide_certificate
from certwright.lifecycle.importing import import_certificate
from certwright.lifecycle.renewal.advancing import Surroundings, advance
from certwright.lifecycle.renewal.asking import renew
from certwright.lifecycle.renewal.preferences import QUIET_HOURS
from certwright.lifecycle.server import Server
from certwright.lifecycle.telling.settings import keep_telling_setting
from certwright.lifecycle.telling.telling import channels_set_up
from certwright.node.metrics import metrics_text
from certwright.services.endpoints import OwnEndpoint

from ..composed_server import Clock
from ..foreign_authority import ForeignAuthority

RULES = Path(__file__).parents[3] / "docs" / "alerts" / "certwright.rules.yml"


def number(text: str, sample: str) -> float:
    (line,) = (line for line in text.splitlines() if line.startswith(f"{sample} "))
    return float(line.rpartition(" ")[2])


def test_what_is_really_served_tells_how_long_it_lasts(
    server: Server, admin: Caller, clock: Clock
) -> None:
    provide_certificate(server, None)
    assert "served_seconds_left{" not in metrics_text(server)
    activate(server, OwnEndpoint.WEB_SERVER, admin)
    clock.move(timedelta(days=40))
    text = metrics_text(server)
    web_server = '{endpoint="web-server"}'
    assert number(text, f"certwright_endpoint_served_seconds_left{web_server}") == 7 * 86400
    left = number(text, f"certwright_endpoint_served_lifetime_left_ratio{web_server}")
    assert 0.1 < left < 0.15
    assert number(text, f"certwright_endpoint_proof_age_seconds{web_server}") == 40 * 86400
    renewal_at = number(text, f"certwright_endpoint_next_renewal_seconds{web_server}")
    assert renewal_at <= clock().timestamp()


def test_the_next_renewal_is_told_for_when_it_will_really_be(
    server: Server, admin: Caller, clock: Clock
) -> None:
    provide_certificate(server, None)
    activate(server, OwnEndpoint.WEB_SERVER, admin)
    sample = 'certwright_endpoint_next_renewal_seconds{endpoint="web-server"}'
    planned = datetime.fromtimestamp(number(metrics_text(server), sample), UTC)
    quiet = f"{planned - timedelta(hours=1):%H:%M}-{planned + timedelta(hours=1):%H:%M}"
    with server.database.begin() as connection:
        hours = {"name": QUIET_HOURS, "value": quiet, "changed_at": clock()}
        connection.execute(insert(settings).values(hours))
    put_off = datetime.fromtimestamp(number(metrics_text(server), sample), UTC)
    assert put_off == (planned + timedelta(hours=1)).replace(second=0, microsecond=0)


def test_what_nobody_renews_has_no_next_renewal(
    server: Server, admin: Caller, company: ForeignAuthority
) -> None:
    issued = company.issue(["todd.corp.example"])
    import_certificate(server, issued.pem, None, friendly_name="", caller=admin)
    with server.database.begin() as connection:
        connection.execute(update(endpoints).values(saved_certificate=issued.leaf.fingerprint))
    assert "certwright_endpoint_next_renewal_seconds{" not in metrics_text(server)


def test_what_waits_for_people_has_no_next_renewal(server: Server, admin: Caller) -> None:
    provide_certificate(server, None)
    activate(server, OwnEndpoint.WEB_SERVER, admin)
    assert "certwright_endpoint_next_renewal_seconds{" in metrics_text(server)
    with server.database.begin() as connection:
        team = AuthorityRecord("team", AuthorityKind.BY_HAND)
        server.authorities.records.add(connection, team, server.now())
        (served,) = set(connection.scalars(select(endpoints.c.active_certificate))) - {None}
    begun = renew(server, served, caller=admin, authority="team")
    assert advance(server, begun.id, Surroundings(lambda: 0.5, UTC)).waits_for_answer
    assert "certwright_endpoint_next_renewal_seconds{" not in metrics_text(server)


def test_renewals_and_channels_are_counted(server: Server) -> None:
    with server.database.begin() as connection:
        keep_telling_setting(server, connection, "syslog.address", "/dev/log")
    channels_set_up(server)
    text = metrics_text(server)
    assert number(text, 'certwright_renewals{state="asking"}') == 0
    assert number(text, "certwright_renewal_failed_attempts") == 0
    assert number(text, "certwright_unused_certificates_expiring") == 0
    assert number(text, 'certwright_telling_failed_attempts{channel="syslog"}') == 0


def test_the_alert_rules_name_no_number_that_there_is_not(server: Server) -> None:
    there = set(re.findall(r"^# TYPE (\w+)", metrics_text(server), re.MULTILINE))
    named = set(re.findall(r"\bcertwright_\w+", RULES.read_text()))
    assert named
    assert named <= there
