"""Looking before the leap: what the new certificate can no longer do that the old one could.

A public authority once left "client authentication" out of its certificates, and mutual TLS went
down wherever the renewal was taken on unseen (caddy issue 7320, dotnet/runtime issue 121982).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from certwright.errors import CertwrightError
from certwright.lifecycle.renewal.timing import lifetime_of
from certwright.x509.certificate import Certificate
from certwright.x509.details_purpose import purpose
from certwright.x509.names import parse_server_name
from certwright.x509.text import day, listed

_ANY_USAGE = "2.5.29.37.0"
_MUCH_SHORTER = 0.5
ENDS_EARLIER = "ends-earlier"
OF_THE_ISSUER = frozenset({"root-changed", "issuer-changed"})
"""What follows from who issued it, whatever is in it."""


@dataclass(frozen=True)
class Difference:
    """One way in which the new certificate differs; with `is_loss` somebody has to agree."""

    code: str
    sentence: str
    is_loss: bool


def compare(old: Sequence[Certificate], new: Sequence[Certificate]) -> tuple[Difference, ...]:
    """How the chain `new` differs from `old`, both leaf first and as far as they are known."""
    return tuple(_differences(old, new))


def losses(differences: Sequence[Difference]) -> tuple[Difference, ...]:
    """Those that stop the automatic way."""
    return tuple(one for one in differences if one.is_loss)


def _differences(
    old_chain: Sequence[Certificate], new_chain: Sequence[Certificate]
) -> Iterator[Difference]:
    old, new = old_chain[0], new_chain[0]
    yield from _names(old, new)
    yield from _usages(old, new)
    yield from _keys(old, new)
    yield from _times(old, new)
    yield from _roots(old_chain, new_chain)
    if new.demands_stapling and not old.demands_stapling:
        yield Difference(
            "stapling-demanded",
            "The new one demands stapled OCSP answers, without which clients refuse it.",
            is_loss=True,
        )


def _names(old: Certificate, new: Certificate) -> Iterator[Difference]:
    lost = tuple(name for name in old.names if not _is_for(new, name))
    gained = tuple(name for name in new.names if not _is_for(old, name))
    if lost:
        yield Difference(
            "names-lost", f"The new one is no longer for {listed(lost)}.", is_loss=True
        )
    if gained:
        yield Difference(
            "names-gained", f"The new one is also for {listed(gained)}.", is_loss=False
        )


def _is_for(certificate: Certificate, name: str) -> bool:
    if name in certificate.names:
        return True
    try:
        return certificate.covers(parse_server_name(name))
    except CertwrightError:  # a wildcard, or nothing that a server can be called by
        return False


def _usages(old: Certificate, new: Certificate) -> Iterator[Difference]:
    if new.extended_key_usages is None or _ANY_USAGE in new.extended_key_usages:
        return
    had = old.extended_key_usages
    if had is None:
        yield Difference(
            "usages-limited",
            "The new one is for certain purposes only: "
            f"{listed(tuple(map(purpose, new.extended_key_usages)))}.",
            is_loss=True,
        )
        return
    lost = tuple(purpose(one) for one in had if one not in new.extended_key_usages)
    if lost:
        yield Difference(
            "usages-lost", f"The new one is no longer for: {listed(lost)}.", is_loss=True
        )


def _keys(old: Certificate, new: Certificate) -> Iterator[Difference]:
    former, key = old.public_key, new.public_key
    sentence = f"Its key is {new.key_description}; the former one's was {old.key_description}."
    if type(former) is not type(key):
        # Every client that takes an elliptic curve takes RSA as well; the other way round not.
        yield Difference(
            "key-kind-changed", sentence, is_loss=not isinstance(key, rsa.RSAPublicKey)
        )
    elif isinstance(former, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        assert isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)  # noqa: S101 - alike
        if former.key_size != key.key_size:
            yield Difference("key-size-changed", sentence, is_loss=key.key_size < former.key_size)


def _times(old: Certificate, new: Certificate) -> Iterator[Difference]:
    if new.not_after < old.not_after:
        yield Difference(
            ENDS_EARLIER,
            f"The new one runs out on {day(new.not_after)}, before the former one "
            f"({day(old.not_after)}).",
            is_loss=True,
        )
    elif lifetime_of(new) < _MUCH_SHORTER * lifetime_of(old):
        yield Difference(
            "lifetime-shorter",
            f"It is good until {day(new.not_after)}, for less than half as long as the former one "
            "was: it will be renewed more often.",
            is_loss=False,
        )


def _roots(old: Sequence[Certificate], new: Sequence[Certificate]) -> Iterator[Difference]:
    former, root = old[-1], new[-1]
    if root == former or not (root.is_self_signed and former.is_self_signed):
        if old[0].issuer != new[0].issuer:
            yield _other_issuer(old[0], new[0], is_known=root == former)
        return
    if root.public_key != former.public_key:
        yield Difference(
            "root-changed",
            f"It comes from another root: {root.short_name}; the former one came from "
            f"{former.short_name}. A client that trusts only {former.short_name} will refuse the "
            f"new one. Before you agree, see that your clients trust {root.short_name}.",
            is_loss=True,
        )


def _other_issuer(old: Certificate, new: Certificate, *, is_known: bool) -> Difference:
    """With `is_known` both lead to one and the same root."""
    changed = f"It was issued by {new.issuer_name}; the former one by {old.issuer_name}"
    if is_known:
        return Difference("issuer-changed", f"{changed}.", is_loss=False)
    return Difference(
        "issuer-changed",
        f"{changed}, and the root of one of them is not known here. A client that trusts only the "
        "former one's root may refuse the new one. Before you agree, see that your clients trust "
        f"the root above {new.issuer_name}.",
        is_loss=True,
    )
