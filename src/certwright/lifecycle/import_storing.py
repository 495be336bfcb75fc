"""Putting what was brought into the stores, and telling what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.chain_completion import Completion
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.import_placement import Brought, Placed, place_all, unanswered_root
from certwright.lifecycle.import_plan import (
    FROM_STORE,
    LONGEST_FRIENDLY_NAME,
    Imported,
    ImportPlan,
    PlannedEntry,
)
from certwright.lifecycle.judging import judge
from certwright.lifecycle.server import Server
from certwright.lifecycle.trust import issuers_at_hand
from certwright.stores.database import (
    add_certificate,
    entries_with_key,
    get_entry,
    list_certificates,
)
from certwright.stores.place import INTERMEDIATE, PERSONAL, TRUSTED_ROOT, Place
from certwright.x509.certificate import Certificate
from certwright.x509.chains import ChainVerdict, verify_chain
from certwright.x509.keys import PrivateKey, key_fingerprint
from certwright.x509.profile import profile_of
from certwright.x509.reading import Bundle
from certwright.x509.text import listed, printable


@dataclass(frozen=True)
class Wishes:
    """What whoever imports said about it; see `import_files`."""

    place: Place | None = None
    friendly_name: str = ""
    trust_root: bool = False
    exportable: bool = True


def store_all(
    server: Server,
    connection: Connection,
    bundle: Bundle,
    completion: Completion,
    wishes: Wishes,
    actor: str,
) -> Imported:
    """Store what a bundle and the fetched issuers hold, within the caller's transaction."""
    keys = {key_fingerprint(key.public_key()): key for key in bundle.private_keys}
    brought = _brought(connection, bundle, completion, keys)
    at_hand = _at_hand(connection)
    placed = place_all(brought, at_hand, wishes.place, None)
    root = unanswered_root(brought, placed, _trusted(server, at_hand))
    if wishes.trust_root and root is not None:
        placed = place_all(brought, at_hand, wishes.place, root)
    owned = {one.certificate.key_fingerprint for one in placed}
    arrived, notes = _keep_keys(
        server, connection, {name: key for name, key in keys.items() if name in owned}, wishes
    )
    names = _friendly_names(bundle, brought.heads[0], wishes)
    entries = tuple(_store(server, connection, one, names) for one in placed)
    leaf = get_entry(connection, entries[0].certificate.fingerprint, entries[0].place)
    notes += _notes(len(keys.keys() - owned), entries, root, wishes)
    _record(server, connection, entries, arrived, actor)
    is_own = leaf.certificate in brought.with_key or not leaf.certificate.is_authority
    plan = ImportPlan(
        format=bundle.format,
        entries=entries,
        root=None if wishes.trust_root else root,
        # An authority's certificate is no server's: what the rules ask of one is not for it.
        findings=judge(server, connection, leaf) if is_own else (),
        chain=_chain(server, connection, leaf.certificate),
        notes=(*completion.notes, *notes),
    )
    key_added = leaf.certificate.key_fingerprint in arrived
    return Imported(leaf, entries[0].is_new, key_added, plan.findings, plan)


def _brought(
    connection: Connection, bundle: Bundle, completion: Completion, keys: Mapping[str, PrivateKey]
) -> Brought:
    """What the import is about: a private key that came alone belongs to what is in the stores."""
    inside = {one.key_fingerprint for one in bundle.certificates}
    lying = [
        entry for name in keys if name not in inside for entry in entries_with_key(connection, name)
    ]
    lying.sort(key=lambda one: (one.place == PERSONAL, one.certificate.not_after), reverse=True)
    places = {one.certificate: one.place for one in reversed(lying)}
    joined = tuple(dict.fromkeys(one.certificate for one in lying))
    with_key = frozenset((*bundle.identities, *joined))
    if not bundle.certificates and not joined:
        raise CertwrightError(
            ErrorCode.UNREADABLE_CERTIFICATE,
            "The file holds a private key but no certificate, and no certificate in the stores "
            "belongs to that key.",
            "Choose the certificate's file together with it.",
        )
    if bundle.identities:
        heads = tuple(dict.fromkeys((bundle.leaf, *bundle.identities, *joined)))
    else:
        heads = joined or (bundle.leaf,)
    return Brought(heads, with_key, bundle.certificates, completion.found, places)


def _at_hand(connection: Connection) -> dict[Certificate, Place]:
    entries = list_certificates(connection, [INTERMEDIATE, TRUSTED_ROOT])
    # The one in Trusted Root counts where a certificate lies in both.
    ordered = sorted(entries, key=lambda one: one.place == TRUSTED_ROOT)
    return {one.certificate: one.place for one in ordered}


def _trusted(server: Server, at_hand: Mapping[Certificate, Place]) -> frozenset[Certificate]:
    own = (one for one, place in at_hand.items() if place == TRUSTED_ROOT)
    return frozenset((*own, *server.trust.machine_roots(), *server.trust.public_roots()))


def _keep_keys(
    server: Server, connection: Connection, keys: Mapping[str, PrivateKey], wishes: Wishes
) -> tuple[frozenset[str], list[str]]:
    """Keep `keys`; the fingerprints of those that are new, and notes on the others."""
    new, notes = [], []
    for name, key in keys.items():
        former = _is_exportable(server, connection, name)
        server.vault.add(connection, key, server.now(), exportable=wishes.exportable)
        if former is None:
            new.append(name)
        elif former and not wishes.exportable:
            notes.append("Its private key was here already, and stays exportable as it came.")
        elif not former and wishes.exportable:
            notes.append("Its private key was here already, and still never leaves this node.")
    return frozenset(new), notes


def _is_exportable(server: Server, connection: Connection, name: str) -> bool | None:
    try:
        return server.vault.is_exportable(connection, name)
    except CertwrightError:
        return None


def _friendly_names(bundle: Bundle, leaf: Certificate, wishes: Wishes) -> Mapping[str, str]:
    own = {leaf.fingerprint: wishes.friendly_name} if wishes.friendly_name.strip() else {}
    return {**bundle.friendly_names, **own}


def _store(
    server: Server, connection: Connection, placed: Placed, names: Mapping[str, str]
) -> PlannedEntry:
    certificate, place = placed.certificate, placed.place
    name = printable(names.get(certificate.fingerprint, "").strip(), LONGEST_FRIENDLY_NAME)
    added = placed.origin != FROM_STORE and add_certificate(
        connection, certificate, place, server.now(), name
    )
    stored = get_entry(connection, certificate.fingerprint, place)
    return PlannedEntry(
        certificate=certificate,
        place=place,
        friendly_name=stored.friendly_name,
        has_private_key=stored.has_private_key,
        is_new=added,
        origin=placed.origin,
    )


def _notes(
    keys_left: int, entries: Sequence[PlannedEntry], root: Certificate | None, wishes: Wishes
) -> list[str]:
    notes = []
    if keys_left:
        what = "A private key" if keys_left == 1 else f"{keys_left} private keys"
        notes.append(f"{what} in the file that no certificate belongs to: left out.")
    leaf = entries[0]
    if leaf.origin == FROM_STORE:
        name = leaf.certificate.short_name
        notes.append(f"The private key belongs to {name}, which lies in {leaf.place.title}.")
    outside = [one for one in entries if one.certificate == root and one.place != TRUSTED_ROOT]
    if outside and not wishes.trust_root:
        notes.append(
            f"The root {outside[0].certificate.short_name} is not among the trusted roots, and "
            "does not become one unless you say so."
        )
    return notes


def _chain(server: Server, connection: Connection, leaf: Certificate) -> ChainVerdict:
    above = issuers_at_hand(connection, leaf)
    roots = server.trust.roots(connection, server.environment)
    return verify_chain(
        *(leaf, above, roots, None, server.now()),
        usages=profile_of(leaf).usages,
        for_any_purpose=True,
    )


def _record(
    server: Server,
    connection: Connection,
    entries: Sequence[PlannedEntry],
    arrived: frozenset[str],
    actor: str,
) -> None:
    new = [one for one in entries if one.is_new]
    trusted = [one for one in new if one.place == TRUSTED_ROOT]

    def record(kind: str, one: PlannedEntry, message: str) -> None:
        record_event(
            connection,
            Event(server.now(), actor, kind, one.certificate.fingerprint, message, good=True),
        )

    for one in trusted:
        name = one.certificate.name_on_record
        record("root-trusted", one, f"The root {name} is trusted: {one.place.title}")
    for one in entries:
        if one.certificate.key_fingerprint in arrived and not one.is_new:
            name = one.certificate.name_on_record
            record("private-key-imported", one, f"The private key of {name} arrived")
    others = [one for one in new if one not in trusted]
    if others:
        first, rest = others[0], others[1:]
        beside = listed(tuple(one.certificate.short_name for one in rest), 3)
        record(
            "certificate-imported",
            first,
            f"{first.certificate.name_on_record} imported into {first.place.title}"
            + (f", with {beside}" if beside else ""),
        )
