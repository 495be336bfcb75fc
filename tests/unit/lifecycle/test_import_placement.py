"""Which store each certificate belongs into."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.lifecycle.import_placement import Brought, place_all, unanswered_root
from certwright.stores.place import INTERMEDIATE, PERSONAL, TRUSTED_ROOT, Place
from certwright.x509.certificate import Certificate

from ..foreign_authority import ForeignAuthority, Issued, self_signed

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
COMPANY = ForeignAuthority(NOW, "Company")
OTHER = ForeignAuthority(NOW, "Other")
TODD, GREGOR = COMPANY.issue(["todd.corp.example"]), COMPANY.issue(["gregor.corp.example"])
OWN = self_signed(["todd.corp.example"], NOW)
PEOPLE = Place("local", "LocalMachine", "TrustedPeople")
EVERYTHING = (
    TODD.leaf,
    GREGOR.leaf,
    OWN.leaf,
    COMPANY.intermediate,
    COMPANY.root,
    OTHER.intermediate,
    OTHER.root,
)


def brought(
    heads: Sequence[Certificate],
    *others: Certificate,
    keys: Sequence[Certificate] = (),
    fetched: dict[Certificate, str] | None = None,
    lying: dict[Certificate, Place] | None = None,
) -> Brought:
    inside = tuple(one for one in (*heads, *others) if one not in (lying or {}))
    return Brought(tuple(heads), frozenset(keys), inside, fetched or {}, lying or {})


def placed(
    what: Brought,
    at_hand: dict[Certificate, Place] | None = None,
    wanted: Place | None = None,
    trusted: Certificate | None = None,
) -> list[tuple[Certificate, Place, str]]:
    found = place_all(what, at_hand or {}, wanted, trusted)
    return [(one.certificate, one.place, one.origin) for one in found]


def test_leaf_comes_first_then_its_chain_then_the_rest() -> None:
    what = brought([TODD.leaf], OTHER.root, COMPANY.root, COMPANY.intermediate, keys=[TODD.leaf])
    assert placed(what) == [
        (TODD.leaf, PERSONAL, "file"),
        (COMPANY.intermediate, INTERMEDIATE, "file"),
        (COMPANY.root, INTERMEDIATE, "file"),
        (OTHER.root, INTERMEDIATE, "file"),
    ]


def test_chain_is_completed_from_the_stores_and_the_network() -> None:
    what = brought(
        [TODD.leaf], keys=[TODD.leaf], fetched={COMPANY.intermediate: "http://ca.example/"}
    )
    assert placed(what, {COMPANY.root: TRUSTED_ROOT, OTHER.root: TRUSTED_ROOT}) == [
        (TODD.leaf, PERSONAL, "file"),
        (COMPANY.intermediate, INTERMEDIATE, "http://ca.example/"),
        (COMPANY.root, TRUSTED_ROOT, "store"),
    ]


def test_root_becomes_trusted_only_when_told() -> None:
    what = brought([TODD.leaf], COMPANY.intermediate, COMPANY.root, OTHER.root)
    places = {one: place for one, place, _ in placed(what, trusted=COMPANY.root)}
    assert places[COMPANY.root] == TRUSTED_ROOT
    assert places[OTHER.root] == places[COMPANY.intermediate] == INTERMEDIATE


def test_several_identities_each_go_to_personal() -> None:
    what = brought(
        [TODD.leaf, GREGOR.leaf, OWN.leaf],
        COMPANY.intermediate,
        keys=[TODD.leaf, GREGOR.leaf, OWN.leaf],
    )
    places = {one: place for one, place, _ in placed(what)}
    assert {places[one.leaf] for one in (TODD, GREGOR, OWN)} == {PERSONAL}
    assert places[COMPANY.intermediate] == INTERMEDIATE


def test_named_store_is_for_what_the_import_is_about() -> None:
    what = brought([TODD.leaf], COMPANY.intermediate, keys=[TODD.leaf])
    assert placed(what, wanted=PEOPLE) == [
        (TODD.leaf, PEOPLE, "file"),
        (COMPANY.intermediate, INTERMEDIATE, "file"),
    ]
    authorities = brought([COMPANY.intermediate], COMPANY.root)
    assert {place for _, place, _ in placed(authorities, wanted=PEOPLE)} == {PEOPLE}


def test_what_is_no_root_never_becomes_a_trusted_root() -> None:
    authorities = brought([COMPANY.intermediate], COMPANY.root)
    assert placed(authorities, wanted=TRUSTED_ROOT) == [
        (COMPANY.intermediate, INTERMEDIATE, "file"),
        (COMPANY.root, TRUSTED_ROOT, "file"),
    ]


def test_key_that_came_alone_leaves_its_certificate_where_it_lies() -> None:
    what = brought([TODD.leaf], COMPANY.intermediate, keys=[TODD.leaf], lying={TODD.leaf: PEOPLE})
    assert placed(what, wanted=PERSONAL) == [
        (TODD.leaf, PEOPLE, "store"),
        (COMPANY.intermediate, INTERMEDIATE, "file"),
    ]


@pytest.mark.parametrize(
    ("what", "trusted", "root"),
    [
        (brought([TODD.leaf], COMPANY.intermediate, COMPANY.root), (), COMPANY.root),
        (brought([TODD.leaf], OTHER.root, COMPANY.intermediate, COMPANY.root), (), COMPANY.root),
        (brought([TODD.leaf], COMPANY.intermediate, COMPANY.root), (COMPANY.root,), None),
        (brought([TODD.leaf], COMPANY.intermediate), (), None),
        (brought([COMPANY.root]), (), COMPANY.root),
        (brought([OWN.leaf], keys=[OWN.leaf]), (), None),
        (brought([OWN.leaf]), (), None),
        (brought([COMPANY.root], keys=[COMPANY.root]), (), None),
        (brought([TODD.leaf], fetched={COMPANY.root: "http://x/"}), (), None),
    ],
)
def test_root_that_is_asked_about(
    what: Brought, trusted: tuple[Certificate, ...], root: Certificate | None
) -> None:
    found = place_all(what, dict.fromkeys(trusted, TRUSTED_ROOT), None, None)
    assert unanswered_root(what, found, frozenset(trusted)) == root


def _issued() -> Iterator[Issued]:
    yield from (TODD, GREGOR, OWN)


@given(
    inside=st.lists(st.sampled_from(EVERYTHING), min_size=1, unique=True),
    at_hand=st.dictionaries(
        st.sampled_from((COMPANY.intermediate, COMPANY.root, OTHER.root)),
        st.sampled_from((INTERMEDIATE, TRUSTED_ROOT)),
    ),
    keys=st.sets(st.sampled_from(tuple(one.leaf for one in _issued()))),
    wanted=st.sampled_from((None, PERSONAL, INTERMEDIATE, PEOPLE)),
)
def test_each_certificate_once_and_none_trusted_unasked(
    inside: list[Certificate],
    at_hand: dict[Certificate, Place],
    keys: set[Certificate],
    wanted: Place | None,
) -> None:
    owned = [one for one in inside if one in keys]
    what = Brought(tuple(owned or inside[:1]), frozenset(owned), tuple(inside), {}, {})
    found = place_all(what, at_hand, wanted, None)
    certificates = [one.certificate for one in found]
    assert len(certificates) == len(set(certificates))
    assert set(inside) <= set(certificates)
    assert certificates[0] == what.heads[0]
    for one in found:
        if one.place == TRUSTED_ROOT:
            assert at_hand[one.certificate] == TRUSTED_ROOT
        if one.certificate in owned:
            assert one.place == (wanted or PERSONAL)
