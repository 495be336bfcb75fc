"""The node's own store: found by what people paste, and the same certificate is one."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, func, select

from certwright.database.tables import certificates, store_entries
from certwright.errors import CertwrightError, ErrorCode
from certwright.services.endpoints import (
    Choice,
    OwnEndpoint,
    WebServerProtocol,
    add_missing_endpoints,
    save_choice,
)
from certwright.stores.database import (
    add_certificate,
    count_by_place,
    count_with_key,
    delete_entry,
    entries_with_key,
    find_certificate,
    get_certificate,
    get_entry,
    list_certificates,
    list_issuers,
    list_self_issued,
    places_of,
    set_entry_archived,
    set_entry_friendly_name,
)
from certwright.stores.place import INTERMEDIATE, PERSONAL, TRUSTED_ROOT, Place
from certwright.x509.certificate import Certificate

from ..composed_server import VAULT, Clock
from ..foreign_authority import ForeignAuthority, Issued, self_signed

CURRENT_USER = Place("local", "CurrentUser", "My")


@pytest.fixture
def connection(database: Engine) -> Iterator[Connection]:
    with database.begin() as opened:
        yield opened


@pytest.fixture
def issued(company: ForeignAuthority) -> Issued:
    return company.issue(["todd.corp.example"])


def refusal(connection: Connection, identifier: str) -> CertwrightError:
    with pytest.raises(CertwrightError) as error:
        find_certificate(connection, identifier)
    return error.value


def in_pairs(text: str, separator: str = " ") -> str:
    return separator.join(text[start : start + 2] for start in range(0, len(text), 2))


def test_every_way_to_write_its_identifiers_finds_it(
    connection: Connection, issued: Issued, clock: Clock
) -> None:
    add_certificate(connection, issued.leaf, PERSONAL, clock())
    thumbprint, fingerprint = issued.leaf.thumbprint, issued.leaf.fingerprint
    for identifier in (
        thumbprint,
        fingerprint,
        thumbprint.upper(),
        in_pairs(thumbprint),
        in_pairs(fingerprint.upper(), ":"),
        f" {in_pairs(thumbprint)} \n",
        # Windows' certificate window puts an invisible mark before the first digit one copies.
        f"\u200e{in_pairs(thumbprint)}",
        in_pairs(thumbprint, "\u00a0"),
        f"\ufeff{thumbprint}",
        thumbprint[:4],
        fingerprint[:4],
        fingerprint[:-1],
    ):
        assert find_certificate(connection, identifier).certificate == issued.leaf, identifier


@pytest.mark.parametrize(
    "identifier",
    [
        "",
        "abc",
        "a b c",
        ":::",
        "zzzz",
        "%%%%",
        "____",
        "ab%d",
        "0x1234",
        "'; drop table",
        "\x00" * 4,
    ],
)
def test_what_is_no_identifier_is_refused(connection: Connection, identifier: str) -> None:
    assert refusal(connection, identifier).code is ErrorCode.INVALID_INPUT


@given(identifier=st.text(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_whatever_is_a_traceback(connection: Connection, identifier: str) -> None:
    error = refusal(connection, identifier)
    assert error.code in {ErrorCode.INVALID_INPUT, ErrorCode.NOT_FOUND}
    assert error.message.isprintable()
    assert len(error.message) < 300


def test_identifier_of_nothing_is_told_of(connection: Connection, issued: Issued) -> None:
    assert refusal(connection, issued.leaf.thumbprint).code is ErrorCode.NOT_FOUND
    long = refusal(connection, "ab" * 5000)
    assert long.code is ErrorCode.NOT_FOUND
    assert len(long.message) < 200


def with_shared_prefix(clock: Clock) -> tuple[Certificate, Certificate]:
    """Two certificates whose thumbprints start with the same four digits.

    One pair among 1000 is as good as certain: 500,000 pairs, 65,536 prefixes.
    """
    seen: dict[str, Certificate] = {}
    for number in range(5000):
        certificate = self_signed([f"host-{number}.example"], clock()).leaf
        former = seen.setdefault(certificate.thumbprint[:4], certificate)
        if former != certificate:
            return former, certificate
    pytest.fail("no two thumbprints start alike")


def test_prefix_that_two_certificates_have_is_ambiguous(
    connection: Connection, clock: Clock
) -> None:
    one, other = with_shared_prefix(clock)
    add_certificate(connection, one, PERSONAL, clock())
    add_certificate(connection, other, PERSONAL, clock())
    error = refusal(connection, one.thumbprint[:4])
    assert error.code is ErrorCode.AMBIGUOUS
    assert one.thumbprint[:12] in error.message
    assert other.thumbprint[:12] in error.message
    assert find_certificate(connection, one.thumbprint).certificate == one


def test_same_certificate_twice_is_one(
    connection: Connection, issued: Issued, clock: Clock
) -> None:
    assert add_certificate(connection, issued.leaf, PERSONAL, clock())
    assert not add_certificate(connection, issued.leaf, PERSONAL, clock())
    assert connection.scalar(select(func.count()).select_from(certificates)) == 1
    assert connection.scalar(select(func.count()).select_from(store_entries)) == 1


def test_certificate_in_two_stores_is_one_certificate_in_two_places(
    connection: Connection, issued: Issued, clock: Clock
) -> None:
    places = (CURRENT_USER, PERSONAL, INTERMEDIATE)
    for place in places:
        assert add_certificate(connection, issued.leaf, place, clock())
    assert len(list_certificates(connection, places)) == 3
    assert connection.scalar(select(func.count()).select_from(certificates)) == 1
    assert find_certificate(connection, issued.leaf.thumbprint[:8]).place == PERSONAL


def test_store_that_is_named_is_looked_at_alone(
    connection: Connection, issued: Issued, clock: Clock
) -> None:
    """Who deletes from the trusted roots must not lose the server's own certificate."""
    add_certificate(connection, issued.leaf, PERSONAL, clock())
    add_certificate(connection, issued.chain[0], INTERMEDIATE, clock())
    prefix = issued.leaf.thumbprint[:8]
    assert find_certificate(connection, prefix, PERSONAL).certificate == issued.leaf
    for place in (INTERMEDIATE, TRUSTED_ROOT):
        with pytest.raises(CertwrightError) as error:
            find_certificate(connection, prefix, place)
        assert error.value.code is ErrorCode.NOT_FOUND
        assert place.title in error.value.message


def test_private_key_counts_whenever_it_came(
    connection: Connection, issued: Issued, clock: Clock
) -> None:
    add_certificate(connection, issued.leaf, PERSONAL, clock())
    assert not find_certificate(connection, issued.leaf.thumbprint).has_private_key
    VAULT.add(connection, issued.key, clock())
    assert find_certificate(connection, issued.leaf.thumbprint).has_private_key


def test_stores_are_listed_and_counted_apart(
    connection: Connection, issued: Issued, clock: Clock
) -> None:
    add_certificate(connection, issued.leaf, PERSONAL, clock())
    for above in issued.chain:
        add_certificate(connection, above, INTERMEDIATE, clock())
    add_certificate(connection, issued.chain[1], TRUSTED_ROOT, clock())
    assert count_by_place(connection) == {PERSONAL: 1, INTERMEDIATE: 2, TRUSTED_ROOT: 1}
    listed = list_certificates(connection, [PERSONAL, TRUSTED_ROOT])
    assert {entry.certificate for entry in listed} == {issued.leaf, issued.chain[1]}
    assert list_certificates(connection, [CURRENT_USER]) == ()


def test_of_two_with_one_name_the_longer_lasting_comes_first(
    connection: Connection, company: ForeignAuthority, clock: Clock
) -> None:
    def issue(days: int) -> Certificate:
        until: datetime = clock() + timedelta(days=days)
        return company.issue(["todd.corp.example"], not_after=until).leaf

    short, long = issue(10), issue(100)
    for certificate in (short, long):
        add_certificate(connection, certificate, PERSONAL, clock())
    entries = list_certificates(connection, [PERSONAL])
    assert [entry.certificate for entry in entries] == [long, short]


def test_what_is_alike_in_name_and_end_stands_in_one_order(
    connection: Connection, company: ForeignAuthority, clock: Clock
) -> None:
    alike = [company.issue(["todd.corp.example"]).leaf for _ in range(8)]
    for certificate in alike:
        add_certificate(connection, certificate, PERSONAL, clock())
    listed = [one.certificate.fingerprint for one in list_certificates(connection, [PERSONAL])]
    assert listed == sorted(one.fingerprint for one in alike)


def test_stored_certificate_comes_back_byte_for_byte(
    connection: Connection, issued: Issued, clock: Clock
) -> None:
    add_certificate(connection, issued.leaf, PERSONAL, clock(), "Web server of Todd")
    stored = find_certificate(connection, issued.leaf.fingerprint)
    assert stored.certificate.der == issued.leaf.der
    assert (stored.friendly_name, stored.added_at) == ("Web server of Todd", clock())
    assert get_certificate(connection, issued.leaf.fingerprint) == issued.leaf


def test_an_entry_is_deleted_from_one_store_and_its_bytes_with_the_last(
    connection: Connection, issued: Issued, clock: Clock
) -> None:
    fingerprint = issued.leaf.fingerprint
    for place in (PERSONAL, CURRENT_USER):
        add_certificate(connection, issued.leaf, place, clock())
    assert delete_entry(connection, fingerprint, PERSONAL)
    assert not delete_entry(connection, fingerprint, PERSONAL)
    assert get_entry(connection, fingerprint, CURRENT_USER).certificate == issued.leaf
    assert delete_entry(connection, fingerprint, CURRENT_USER)
    assert connection.scalar(select(func.count()).select_from(certificates)) == 0


def test_bytes_of_what_is_on_record_stay(
    connection: Connection, issued: Issued, clock: Clock
) -> None:
    add_certificate(connection, issued.leaf, PERSONAL, clock())
    add_missing_endpoints(connection)
    choice = Choice(WebServerProtocol.HTTPS, issued.leaf.fingerprint)
    save_choice(connection, OwnEndpoint.WEB_SERVER, choice, 1)
    assert delete_entry(connection, issued.leaf.fingerprint, PERSONAL)
    assert get_certificate(connection, issued.leaf.fingerprint) == issued.leaf


def test_friendly_name_and_archived_belong_to_the_entry(
    connection: Connection, issued: Issued, clock: Clock
) -> None:
    fingerprint = issued.leaf.fingerprint
    for place in (PERSONAL, CURRENT_USER):
        add_certificate(connection, issued.leaf, place, clock())
    set_entry_friendly_name(connection, fingerprint, PERSONAL, "Web server of Todd")
    set_entry_archived(connection, fingerprint, PERSONAL, True)
    changed = get_entry(connection, fingerprint, PERSONAL)
    other = get_entry(connection, fingerprint, CURRENT_USER)
    assert (changed.friendly_name, changed.archived) == ("Web server of Todd", True)
    assert (other.friendly_name, other.archived) == ("", False)
    set_entry_archived(connection, fingerprint, PERSONAL, False)
    assert not get_entry(connection, fingerprint, PERSONAL).archived


def test_what_does_not_lie_there_is_not_found(
    connection: Connection, issued: Issued, clock: Clock
) -> None:
    add_certificate(connection, issued.leaf, PERSONAL, clock())
    fingerprint = issued.leaf.fingerprint
    for ask in (
        lambda: get_entry(connection, fingerprint, INTERMEDIATE),
        lambda: set_entry_friendly_name(connection, fingerprint, INTERMEDIATE, "x"),
        lambda: set_entry_archived(connection, fingerprint, INTERMEDIATE, True),
    ):
        with pytest.raises(CertwrightError) as error:
            ask()
        assert error.value.code is ErrorCode.NOT_FOUND
        assert "Local Machine > Intermediate" in error.value.message


def test_all_certificates_of_one_key_are_found(
    connection: Connection, issued: Issued, clock: Clock
) -> None:
    for place in (PERSONAL, CURRENT_USER):
        add_certificate(connection, issued.leaf, place, clock())
    add_certificate(connection, issued.chain[0], INTERMEDIATE, clock())
    found = entries_with_key(connection, issued.leaf.key_fingerprint)
    assert [entry.place for entry in found] == [PERSONAL, CURRENT_USER]
    assert entries_with_key(connection, "ab" * 32) == ()
    assert count_with_key(connection, issued.leaf.key_fingerprint) == 2
    assert count_with_key(connection, "ab" * 32) == 0
    assert set(places_of(connection, issued.leaf.fingerprint)) == {PERSONAL, CURRENT_USER}
    assert places_of(connection, "ab" * 32) == ()


def test_issuers_are_found_by_name_in_the_stores_named_and_no_others_are_read(
    connection: Connection, company: ForeignAuthority, issued: Issued, clock: Clock
) -> None:
    stranger = ForeignAuthority(clock(), "Stranger")
    for authority in (company.intermediate, stranger.intermediate):
        add_certificate(connection, authority, INTERMEDIATE, clock())
    for root in (company.root, stranger.root):
        add_certificate(connection, root, TRUSTED_ROOT, clock())
        add_certificate(connection, root, INTERMEDIATE, clock())
    both = [INTERMEDIATE, TRUSTED_ROOT]
    assert set(list_issuers(connection, [issued.leaf], both)) == {
        company.intermediate,
        company.root,
    }
    assert len(list_issuers(connection, [issued.leaf], both)) == 2
    assert list_issuers(connection, [issued.leaf], [TRUSTED_ROOT]) == ()
    assert list_issuers(connection, [], both) == ()
    assert set(list_self_issued(connection, both)) == {company.root, stranger.root}
    assert list_self_issued(connection, [PERSONAL]) == ()


def test_authority_is_read_once(
    connection: Connection, company: ForeignAuthority, issued: Issued, clock: Clock
) -> None:
    add_certificate(connection, company.intermediate, INTERMEDIATE, clock())
    add_certificate(connection, company.root, TRUSTED_ROOT, clock())
    both = [INTERMEDIATE, TRUSTED_ROOT]
    (root,) = list_self_issued(connection, both)
    assert list_self_issued(connection, both)[0] is root
    assert any(one is root for one in list_issuers(connection, [issued.leaf], both))
