"""What every `Store` promises: the node's own, and the Windows Certificate Store."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from certwright.errors import CertwrightError, ErrorCode
from certwright.stores.place import Location, Place, StoreName
from certwright.stores.store import Query
from certwright.x509.keys import KeyType, generate_private_key, private_key_to_der

from ..materials.rsa_keys import rsa_key
from ..unit.foreign_authority import ForeignAuthority
from .store_adapters import NOW, Adapter, Feature, database_adapter

STORES = [StoreName.PERSONAL, StoreName.INTERMEDIATE, StoreName.TRUSTED_PEOPLE]
_names = count(1)


def unused_name() -> str:
    """A DNS name of one test's own."""
    return f"server-{next(_names)}.corp.example"


def refused(code: ErrorCode, call: Callable[[], object]) -> CertwrightError:
    with pytest.raises(CertwrightError) as raised:
        call()
    assert raised.value.code is code
    assert raised.value.message.endswith(".")
    assert raised.value.remedy
    return raised.value


@pytest.fixture
def database_store(module_database: Engine) -> Iterator[Adapter]:
    made = database_adapter(module_database)
    yield made
    made.clear()


@pytest.fixture(params=["database", "windows"])
def adapter(request: pytest.FixtureRequest) -> Adapter:
    found: Adapter = request.getfixturevalue(f"{request.param}_store")
    return found


def test_stores_are_listed_by_place(adapter: Adapter) -> None:
    wanted = {adapter.place(location, store) for location in Location for store in STORES}
    for place in wanted:
        adapter.store.add(place, adapter.make(unused_name()).leaf)
    places = adapter.store.places()
    assert wanted <= set(places)
    assert len(set(places)) == len(places)
    assert {place.machine for place in places} == {adapter.store.machine}


@pytest.mark.parametrize("location", list(Location))
@pytest.mark.parametrize("store", [*STORES, StoreName.TRUSTED_ROOT, StoreName.WEB_HOSTING])
def test_certificate_is_added_to_each_store_and_comes_back_whole(
    adapter: Adapter, location: Location, store: StoreName
) -> None:
    place = adapter.place(location, store)
    issued = adapter.make(unused_name())
    if (location, store) == (Location.CURRENT_USER, StoreName.TRUSTED_ROOT) and (
        Feature.ROOT_OF_A_USER in adapter.lacks
    ):
        refused(ErrorCode.NOT_PERMITTED, lambda: adapter.store.add(place, issued.leaf))
        assert adapter.find(place) == []
        return
    assert adapter.store.add(place, issued.leaf, friendly_name="Todd")
    (stored,) = adapter.find(place)
    assert stored == adapter.store.get(place, issued.leaf.fingerprint)
    assert stored.certificate == issued.leaf
    assert stored.certificate.der == issued.leaf.der
    assert stored.place == place
    assert stored.friendly_name == "Todd"
    assert not stored.has_private_key
    assert not stored.archived


def test_stores_are_apart(adapter: Adapter) -> None:
    """But for one thing: a user's store shows what lies in the machine's of that name too."""
    issued = adapter.make(unused_name())
    adapter.store.add(adapter.place(store=StoreName.TRUSTED_PEOPLE), issued.leaf)
    for place in (
        adapter.place(),
        adapter.place(store=StoreName.INTERMEDIATE),
        adapter.place(Location.CURRENT_USER),
    ):
        assert adapter.find(place) == []


def test_same_certificate_twice_is_one_and_stays_as_it_came_first(adapter: Adapter) -> None:
    issued = adapter.make(unused_name())
    place = adapter.place()
    assert adapter.store.add(place, issued.leaf, issued.key, friendly_name="first")
    assert not adapter.store.add(place, issued.leaf, issued.key, friendly_name="second")
    assert not adapter.store.add(place, issued.leaf)
    (stored,) = adapter.find(place)
    assert stored.friendly_name == "first"
    assert stored.has_private_key


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_rsa_key_comes_with_its_certificate_and_out_again(adapter: Adapter, bits: int) -> None:
    issued = adapter.make(unused_name(), rsa_key(bits=bits))
    for location in Location:
        place = adapter.place(location)
        adapter.store.add(place, issued.leaf, issued.key)
        assert adapter.store.get(place, issued.leaf.fingerprint).has_private_key
        out = adapter.store.private_key(place, issued.leaf.fingerprint)
        assert private_key_to_der(out) == private_key_to_der(issued.key)


@pytest.mark.parametrize("key_type", [KeyType.EC_P256, KeyType.EC_P384])
def test_elliptic_key_comes_with_its_certificate_and_out_again(
    adapter: Adapter, key_type: KeyType
) -> None:
    issued = adapter.make(unused_name(), generate_private_key(key_type))
    place = adapter.place()
    if Feature.KEYS_OTHER_THAN_RSA in adapter.lacks:
        refused(ErrorCode.STORE_FAILED, lambda: adapter.store.add(place, issued.leaf, issued.key))
        assert adapter.find(place) == []
        return
    adapter.store.add(place, issued.leaf, issued.key)
    assert adapter.store.get(place, issued.leaf.fingerprint).has_private_key
    out = adapter.store.private_key(place, issued.leaf.fingerprint)
    assert private_key_to_der(out) == private_key_to_der(issued.key)


def test_elliptic_certificate_needs_no_key(adapter: Adapter) -> None:
    issued = adapter.make(unused_name(), generate_private_key(KeyType.EC_P256))
    assert adapter.store.add(adapter.place(), issued.leaf)
    assert not adapter.store.get(adapter.place(), issued.leaf.fingerprint).has_private_key


def test_key_may_come_after_its_certificate(adapter: Adapter) -> None:
    issued = adapter.make(unused_name(), rsa_key(1))
    place = adapter.place()
    adapter.store.add(place, issued.leaf)
    refused(
        ErrorCode.NO_PRIVATE_KEY,
        lambda: adapter.store.private_key(place, issued.leaf.fingerprint),
    )
    assert not adapter.store.add(place, issued.leaf, issued.key)
    assert adapter.store.get(place, issued.leaf.fingerprint).has_private_key
    adapter.store.private_key(place, issued.leaf.fingerprint)


def test_key_that_is_not_exportable_never_comes_out(adapter: Adapter) -> None:
    issued = adapter.make(unused_name(), rsa_key(2))
    place = adapter.place()
    adapter.store.add(place, issued.leaf, issued.key, exportable=False)
    assert adapter.store.get(place, issued.leaf.fingerprint).has_private_key
    # Nor after somebody adds it once more and says otherwise: it stays as it came.
    adapter.store.add(place, issued.leaf, issued.key, exportable=True)
    refused(
        ErrorCode.KEY_NOT_EXPORTABLE,
        lambda: adapter.store.private_key(place, issued.leaf.fingerprint),
    )


def test_key_of_another_certificate_is_refused(adapter: Adapter) -> None:
    issued = adapter.make(unused_name(), rsa_key(1))
    for key in (rsa_key(2), generate_private_key(KeyType.EC_P256)):
        refused(
            ErrorCode.INVALID_INPUT,
            lambda key=key: adapter.store.add(adapter.place(), issued.leaf, key),  # type: ignore[misc]
        )
    assert adapter.find(adapter.place()) == []


def test_key_goes_with_the_last_certificate_that_has_it(adapter: Adapter) -> None:
    key = rsa_key(3)
    first, renewed = adapter.make(unused_name(), key), adapter.make(unused_name(), key)
    place = adapter.place()
    for issued in (first, renewed):
        adapter.store.add(place, issued.leaf, key)
    adapter.store.delete(place, first.leaf.fingerprint)
    assert [one.certificate for one in adapter.find(place)] == [renewed.leaf]
    out = adapter.store.private_key(place, renewed.leaf.fingerprint)
    assert private_key_to_der(out) == private_key_to_der(key)
    adapter.store.delete(place, renewed.leaf.fingerprint)
    adapter.store.add(place, renewed.leaf)
    assert not adapter.store.get(place, renewed.leaf.fingerprint).has_private_key


def test_certificate_in_two_stores_keeps_its_key_in_the_other(adapter: Adapter) -> None:
    issued = adapter.make(unused_name(), rsa_key(4))
    personal, people = adapter.place(), adapter.place(store=StoreName.TRUSTED_PEOPLE)
    for place in (personal, people):
        adapter.store.add(place, issued.leaf, issued.key)
    adapter.store.delete(people, issued.leaf.fingerprint)
    assert adapter.find(people) == []
    adapter.store.private_key(personal, issued.leaf.fingerprint)


def test_found_by_the_beginning_of_either_number(adapter: Adapter) -> None:
    issued, other = adapter.make(unused_name()), adapter.make(unused_name())
    place = adapter.place()
    for one in (issued, other):
        adapter.store.add(place, one.leaf)
    for number in (issued.leaf.thumbprint, issued.leaf.fingerprint):
        for prefix in (number, number[:12]):
            found = adapter.find(place, Query(thumbprint=prefix))
            assert [one.certificate for one in found] == [issued.leaf]
    assert adapter.find(place, Query(thumbprint="00" * 20)) == []


def test_found_by_subject_issuer_and_expiry(adapter: Adapter) -> None:
    company = ForeignAuthority(NOW, "Müller & Söhne")
    soon = company.issue(["todd.corp.example"], not_after=NOW + timedelta(days=10))
    late = company.issue(["anna.corp.example"], not_after=NOW + timedelta(days=90))
    for issued in (soon, late):
        adapter.own(issued.leaf)
        adapter.store.add(adapter.place(), issued.leaf)

    def found(query: Query) -> list[str]:
        return [one.certificate.common_name for one in adapter.find(adapter.place(), query)]

    both = ["anna.corp.example", "todd.corp.example"]
    assert found(Query(issuer="müller & SÖHNE")) == both
    assert found(Query(issuer="todd")) == []
    assert found(Query(subject="TODD.corp")) == ["todd.corp.example"]
    assert found(Query(subject="nobody", issuer="müller")) == []
    in_a_month = NOW + timedelta(days=30)
    assert found(Query(expires_before=in_a_month)) == ["todd.corp.example"]
    assert found(Query(expires_before=soon.leaf.not_after)) == []
    assert found(Query(expires_before=soon.leaf.not_after + timedelta(microseconds=1))) == [
        "todd.corp.example"
    ]
    assert found(Query(subject="anna", expires_before=in_a_month)) == []


def test_found_by_name_and_the_latest_expiry_first(adapter: Adapter) -> None:
    company = ForeignAuthority(NOW)
    for name, days in (("b.example", 5), ("A.example", 7), ("b.example", 9), ("c.example", 1)):
        leaf = company.issue([name], not_after=NOW + timedelta(days=days)).leaf
        adapter.own(leaf)
        adapter.store.add(adapter.place(), leaf)
    found = adapter.find(adapter.place())
    assert [
        (one.certificate.common_name, (one.certificate.not_after - NOW).days) for one in found
    ] == [("A.example", 7), ("b.example", 9), ("b.example", 5), ("c.example", 1)]


@pytest.mark.parametrize(
    "name", ["Grüße, Gerät №7", "証明書", "🔑 key", "a" * 1024, "🔑" * 1024, ""]
)
def test_friendly_name_is_kept_as_people_wrote_it(adapter: Adapter, name: str) -> None:
    issued = adapter.make(unused_name())
    place = adapter.place()
    adapter.store.add(place, issued.leaf, friendly_name=name)
    assert adapter.store.get(place, issued.leaf.fingerprint).friendly_name == name
    adapter.store.set_friendly_name(place, issued.leaf.fingerprint, "another")
    adapter.store.set_friendly_name(place, issued.leaf.fingerprint, name)
    assert adapter.store.get(place, issued.leaf.fingerprint).friendly_name == name


# The names follow one another on one certificate: which came before must not matter either.
@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(name=st.text(st.characters(codec="utf-8").filter(str.isprintable), max_size=60))
def test_any_friendly_name_is_kept(adapter: Adapter, name: str) -> None:
    issued = next(iter(adapter.made.values()), None)
    if issued is None:
        issued = adapter.make(unused_name()).leaf
        adapter.store.add(adapter.place(), issued)
    adapter.store.set_friendly_name(adapter.place(), issued.fingerprint, name)
    assert adapter.store.get(adapter.place(), issued.fingerprint).friendly_name == name


@pytest.mark.parametrize("name", ["a" * 1025, "nul\0", "\ud83d"])
def test_friendly_name_that_no_store_can_keep_is_refused(adapter: Adapter, name: str) -> None:
    place = adapter.place()
    issued, other = adapter.make(unused_name()), adapter.make(unused_name())
    adapter.store.add(place, issued.leaf, friendly_name="Todd")
    refused(
        ErrorCode.INVALID_INPUT,
        lambda: adapter.store.set_friendly_name(place, issued.leaf.fingerprint, name),
    )
    refused(
        ErrorCode.INVALID_INPUT,
        lambda: adapter.store.add(place, other.leaf, friendly_name=name),
    )
    (stored,) = adapter.find(place)
    assert stored.friendly_name == "Todd"


def test_archived_certificate_is_kept_and_not_offered(adapter: Adapter) -> None:
    issued = adapter.make(unused_name())
    place = adapter.place()
    number = issued.leaf.fingerprint
    adapter.store.add(place, issued.leaf, issued.key)
    if Feature.ARCHIVING in adapter.lacks:
        refused(ErrorCode.STORE_FAILED, lambda: adapter.store.set_archived(place, number, True))
        assert not adapter.store.get(place, number).archived
        assert [one.certificate for one in adapter.find(place)] == [issued.leaf]
        return
    adapter.store.set_archived(place, number, True)
    assert adapter.find(place) == []
    assert [one.archived for one in adapter.find(place, Query(with_archived=True))] == [True]
    assert adapter.store.get(place, number).archived
    assert not adapter.store.add(place, issued.leaf)
    adapter.store.private_key(place, number)
    adapter.store.set_archived(place, number, False)
    assert [one.archived for one in adapter.find(place)] == [False]


def test_deleted_certificate_is_gone_and_can_come_again(adapter: Adapter) -> None:
    issued = adapter.make(unused_name(), rsa_key(5))
    place = adapter.place()
    adapter.store.add(place, issued.leaf, issued.key, friendly_name="before")
    adapter.store.delete(place, issued.leaf.fingerprint)
    assert adapter.find(place, Query(with_archived=True)) == []
    assert adapter.store.add(place, issued.leaf)
    stored = adapter.store.get(place, issued.leaf.fingerprint)
    assert (stored.friendly_name, stored.has_private_key) == ("", False)


Operation = Callable[[Adapter, Place, str], object]
ON_ONE_CERTIFICATE: dict[str, Operation] = {
    "get": lambda adapter, place, number: adapter.store.get(place, number),
    "private key": lambda adapter, place, number: adapter.store.private_key(place, number),
    "delete": lambda adapter, place, number: adapter.store.delete(place, number),
    "name": lambda adapter, place, number: adapter.store.set_friendly_name(place, number, "x"),
    "archive": lambda adapter, place, number: adapter.store.set_archived(place, number, True),
}


@pytest.mark.parametrize("operation", ON_ONE_CERTIFICATE)
def test_what_is_not_there_is_not_found(adapter: Adapter, operation: str) -> None:
    act = ON_ONE_CERTIFICATE[operation]
    issued, other = adapter.make(unused_name()), adapter.make(unused_name())
    place = adapter.place()
    adapter.store.add(place, issued.leaf, issued.key)
    whole = issued.leaf.fingerprint
    for number in (other.leaf.fingerprint, whole[:-1], whole[:12], issued.leaf.thumbprint, "", "é"):
        refused(ErrorCode.NOT_FOUND, lambda number=number: act(adapter, place, number))  # type: ignore[misc]
    elsewhere = adapter.place(store=StoreName.TRUSTED_PEOPLE)
    refused(ErrorCode.NOT_FOUND, lambda: act(adapter, elsewhere, whole))
    (stored,) = adapter.find(place)
    assert (stored.friendly_name, stored.archived, stored.has_private_key) == ("", False, True)


@pytest.mark.parametrize("operation", [*ON_ONE_CERTIFICATE, "find", "add"])
def test_store_of_another_machine_is_not_found(adapter: Adapter, operation: str) -> None:
    issued = adapter.make(unused_name())
    adapter.store.add(adapter.place(), issued.leaf)
    theirs = Place("another", Location.LOCAL_MACHINE, StoreName.PERSONAL)
    more: dict[str, Operation] = {
        "find": lambda adapter, place, _: adapter.store.find(place),
        "add": lambda adapter, place, _: adapter.store.add(place, issued.leaf),
    }
    act = (ON_ONE_CERTIFICATE | more)[operation]
    error = refused(ErrorCode.NOT_FOUND, lambda: act(adapter, theirs, issued.leaf.fingerprint))
    assert "another" in error.message


def test_many_certificates_are_found_at_once(adapter: Adapter) -> None:
    company = ForeignAuthority(NOW)
    place = adapter.place()
    leaves = [company.issue([f"s{number}.example"]).leaf for number in range(150)]
    for leaf in leaves:
        adapter.own(leaf)
        assert adapter.store.add(place, leaf)
    found = adapter.find(place)
    assert {one.certificate for one in found} == set(leaves)
    assert len(found) == len(leaves)
    assert adapter.store.get(place, leaves[75].fingerprint).certificate == leaves[75]
