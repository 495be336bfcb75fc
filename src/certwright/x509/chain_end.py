"""Why a chain ends before a root that is trusted."""

from collections.abc import Iterator, Sequence

from certwright.x509.certificate import Certificate, is_signed_by
from certwright.x509.refusal import Cause, Refusal
from certwright.x509.text import day
from certwright.x509.weak_signatures import has_weak_signature, weakly_signed


def no_trusted_end(
    path: tuple[Certificate, ...], pool: Sequence[Certificate], roots: frozenset[Certificate]
) -> Iterator[Refusal]:
    """Why `path`, made from the certificates of `pool`, leads to none of `roots`, if so."""
    last = path[-1]
    if not roots.isdisjoint(path):
        return
    if not last.is_self_issued:
        yield _no_issuer(last, path, pool)
    elif not (last.is_self_signed or has_weak_signature(last)):
        if _names_another_key(last) or _namesakes(last, pool):
            yield _no_issuer(last, path, pool)
            return
        sentence = f"The signature of {last.short_name} on itself is not its own key's."
        yield Refusal(Cause.BAD_SIGNATURE, last, sentence, "Export or make it again.")
    elif len(path) == 1:
        sentence = f"{last.short_name} is self-signed, and not itself trusted."
        remedy = "Let the clients trust it, or get one from an authority."
        yield Refusal(Cause.SELF_SIGNED, last, sentence, remedy)
    else:
        sentence = f"The chain ends in {last.short_name}, which is not a trusted root."
        remedy = (
            f"If {last.short_name} is your company's authority, make it known here as a trusted "
            "root; otherwise get a certificate from one that the clients trust."
        )
        yield Refusal(Cause.UNTRUSTED_ROOT, last, sentence, remedy)


def _names_another_key(certificate: Certificate) -> bool:
    """Whether it says itself that the key that signed it is not its own."""
    wanted, had = certificate.authority_key_identifier, certificate.subject_key_identifier
    return wanted is not None and had is not None and wanted != had


def _namesakes(last: Certificate, pool: Sequence[Certificate]) -> list[Certificate]:
    """Those of `pool` that have the name of its issuer."""
    return [one for one in pool if one.subject == last.issuer and one != last]


def _no_issuer(
    last: Certificate, path: tuple[Certificate, ...], pool: Sequence[Certificate]
) -> Refusal:
    issuer, name = last.issuer_name, last.short_name
    if any(is_signed_by(last, below) for below in path[:-1]):
        return Refusal(
            Cause.ISSUER_MISSING,
            last,
            f"The chain runs in a circle: {issuer}, which issued {name}, stands below it, and no "
            "root is above them.",
            "Import the certificate of the root above them, or get one from another authority.",
        )
    namesakes = _namesakes(last, pool)
    if not namesakes:
        name_wanted = _folded(last.issuer)
        likewise = [one for one in pool if _folded(one.subject) == name_wanted and one != last]
        if likewise:
            return _spelt_otherwise(last, likewise[0])
        return Refusal(
            Cause.ISSUER_MISSING,
            last,
            f"The certificate of {issuer}, which issued {name}, is missing.",
            f"Import the certificate of {issuer}"
            + (f" (it can be had at {last.issuer_addresses[0]})" if last.issuer_addresses else "")
            + ", or export this one again together with its whole chain.",
        )
    if has_weak_signature(last) and last.signature_digest != "sha1":
        return weakly_signed(last)  # with MD5 or MD2: the library does not even look whose it is
    wanted = last.authority_key_identifier
    if any(wanted is not None and one.subject_key_identifier == wanted for one in namesakes):
        return Refusal(
            Cause.BAD_SIGNATURE,
            last,
            f"The signature on {name} is not the one that {issuer} made: it was changed "
            "afterwards, or damaged.",
            "Export it again where it was issued, or get a new one.",
        )
    if all(one.not_before > last.not_before for one in namesakes):
        made = f"only since {day(min(one.not_before for one in namesakes))}"
        return Refusal(
            Cause.OTHER_ISSUER,
            last,
            f"{issuer}, as it is here, has another key than the one that issued {name}: there is "
            f"this one {made}, and the certificate is older.",
            f"Import the older certificate of {issuer} too, or renew this one: the new one will be "
            "issued with the new key.",
        )
    return Refusal(
        Cause.OTHER_ISSUER,
        last,
        f"{issuer}, as it is here, did not issue {name}: it has the same name, but another key.",
        f"Import the certificate of {issuer} whose key issued this one, or export this one again "
        "together with its whole chain.",
    )


def _folded(name: str) -> str:
    """`name` as RFC 5280 7.1 compares names: whatever the case, and however many blanks."""
    return "".join(name.replace("\\", "").split()).casefold()


def _spelt_otherwise(last: Certificate, issuer: Certificate) -> Refusal:
    return Refusal(
        Cause.OTHER_ISSUER,
        last,
        f'{last.short_name} names its issuer "{last.issuer_name}", and the one at hand is '
        f'"{issuer.short_name}": many clients compare such names letter by letter.',
        "Have it issued again, with the authority's name as the authority itself writes it.",
    )
