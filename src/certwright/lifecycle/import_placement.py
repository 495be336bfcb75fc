"""Which store each certificate of an import belongs into. Pure: what is at hand is given."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from certwright.lifecycle.import_plan import FROM_FILE, FROM_STORE
from certwright.stores.place import INTERMEDIATE, PERSONAL, TRUSTED_ROOT, Place
from certwright.x509.certificate import Certificate
from certwright.x509.chains import complete_chain


@dataclass(frozen=True)
class Brought:
    """What came: the certificates of the files, what was fetched for them (with the address).

    `heads` are those that the import is about, the first of them its leaf: what has its private
    key in the files, or else the server's certificate, or the authority's that came alone. They
    lie where `lying` says if they are in a store already and only their key came.
    """

    heads: tuple[Certificate, ...]
    with_key: frozenset[Certificate]
    certificates: tuple[Certificate, ...]
    fetched: Mapping[Certificate, str]
    lying: Mapping[Certificate, Place]


@dataclass(frozen=True)
class Placed:
    """A certificate, where it belongs, and where it came from."""

    certificate: Certificate
    place: Place
    origin: str


def place_all(
    brought: Brought,
    at_hand: Mapping[Certificate, Place],
    wanted: Place | None,
    trusted: Certificate | None,
) -> tuple[Placed, ...]:
    """Leaf, its chain in order, then all others; each certificate once.

    `at_hand` are the authorities' certificates in the stores, and where they lie; `wanted` is the
    store that was asked for, `trusted` the root that is to be trusted from now on.
    """
    leaf = brought.heads[0]
    pool = (*brought.certificates, *brought.fetched, *at_hand)
    chain = complete_chain(leaf, pool)
    order = dict.fromkeys((*chain, *brought.heads, *brought.certificates, *brought.fetched))
    above = frozenset(one for head in brought.heads for one in complete_chain(head, pool)[1:])
    return tuple(
        Placed(
            one,
            _place(one, brought, at_hand, wanted, trusted, is_above=one in above),
            _origin(one, brought),
        )
        for one in order
    )


def unanswered_root(
    brought: Brought, placed: Sequence[Placed], trusted: frozenset[Certificate]
) -> Certificate | None:
    """The root that came in the files and that nobody here trusts: above the leaf if there is one.

    A server's own self-signed certificate is no such root: it signs nothing else.
    """
    roots = (
        one.certificate
        for one in placed
        if one.certificate in brought.certificates
        and one.certificate not in brought.with_key
        and one.certificate.is_self_signed
        and (one.certificate.is_authority or one.certificate not in brought.heads)
        and one.certificate not in trusted
    )
    return next(roots, None)


def _place(
    one: Certificate,
    brought: Brought,
    at_hand: Mapping[Certificate, Place],
    wanted: Place | None,
    trusted: Certificate | None,
    *,
    is_above: bool,
) -> Place:
    if one in brought.lying:
        return brought.lying[one]
    if one in brought.with_key or (not one.is_authority and not is_above):
        return wanted or PERSONAL
    if one == trusted:
        return TRUSTED_ROOT
    if wanted is not None and not any(_serves(brought)):
        # The store was named for these authorities; yet what is no root is nobody's root.
        is_out_of_place = wanted == TRUSTED_ROOT and not one.is_self_signed
        return INTERMEDIATE if is_out_of_place else wanted
    if one in at_hand:
        return at_hand[one]
    return INTERMEDIATE


def _serves(brought: Brought) -> Iterator[bool]:
    return (one in brought.with_key or not one.is_authority for one in brought.heads)


def _origin(one: Certificate, brought: Brought) -> str:
    if one in brought.certificates:
        return FROM_FILE
    return brought.fetched.get(one, FROM_STORE)
