"""What every `Authority` promises, kept by one behind pebble."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from tests.contract.test_authority import (
    issue,
    test_a_request_interrupted_at_any_step_it_remembers_gets_exactly_one_certificate,
    test_chain_leads_to_its_root_for_as_long_as_was_asked,
    test_each_certificate_is_kept_and_has_a_serial_number_of_its_own,
    test_leaf_is_for_the_names_and_the_key_that_were_asked_for,
    test_what_stands_above_is_kept_too_and_no_root_is_trusted_by_that,
    test_who_asks_again_with_what_was_remembered_gets_the_same_certificate,
    wanted,
)
from tests.interop.acme.pebble import Pebble
from tests.interop.acme.responders import HttpResponder
from tests.unit.composed_server import Clock, compose_server, root_key_folder
from tests.unit.tls_front import TlsFront

from certwright.authorities.acme.challenges import ChallengeKind
from certwright.authorities.authority import Authority, IssuedCertificate
from certwright.authorities.records import AuthorityKind, AuthorityRecord
from certwright.x509.certificate import Certificate

__all__ = [
    "issue",
    "test_a_request_interrupted_at_any_step_it_remembers_gets_exactly_one_certificate",
    "test_chain_leads_to_its_root_for_as_long_as_was_asked",
    "test_each_certificate_is_kept_and_has_a_serial_number_of_its_own",
    "test_leaf_is_for_the_names_and_the_key_that_were_asked_for",
    "test_what_stands_above_is_kept_too_and_no_root_is_trusted_by_that",
    "test_who_asks_again_with_what_was_remembered_gets_the_same_certificate",
    "wanted",
]


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def names() -> tuple[str, ...]:
    return ("todd.corp.example", "127.0.0.1")


@pytest.fixture
def root_of(pebble: Pebble) -> Callable[[IssuedCertificate], Certificate]:
    return lambda _: pebble.root()


@pytest.fixture
def authority(
    database: Engine, pebble: Pebble, http: HttpResponder, now: datetime, tmp_path: Path
) -> Authority:
    front = TlsFront()
    server = compose_server(
        *(database, front, front.ports, Clock(now), root_key_folder(tmp_path)),
        responders={ChallengeKind.HTTP_01: http},
    )
    told = {"directory": pebble.directory, "ca_pem": pebble.ca_pem, "challenge": "http-01"}
    with database.begin() as connection:
        record = AuthorityRecord("public", AuthorityKind.ACME, told)
        server.authorities.records.add(connection, record, now)
    return server.authorities.get("public")
