"""Taking in the certificates that somebody brings, all of it or nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import BoundedSemaphore

from sqlalchemy import Connection

from certwright.access.rights import Caller, Right, require
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.chain_completion import Completion, fetch_issuers, fetcher
from certwright.lifecycle.import_plan import (
    IMPORT,
    Imported,
    ImportFile,
    ImportPlan,
    PlannedEntry,
    refuse_too_much,
)
from certwright.lifecycle.import_storing import Wishes, store_all
from certwright.lifecycle.server import Server
from certwright.lifecycle.trust import authorities_at_hand
from certwright.stores.place import Place
from certwright.stores.turns import changing_stores
from certwright.x509.derivation import Budget
from certwright.x509.reading import Bundle, join_bundles, read_bundle
from certwright.x509.text import printable

__all__ = [
    "ImportFile",
    "ImportPlan",
    "Imported",
    "PlannedEntry",
    "import_certificate",
    "import_files",
    "plan_import",
    "require_private_key",
    "store_bundle",
]

_LONGEST_NAME = 100
_NOTHING_FETCHED = Completion({}, ())
_MOST_AT_ONCE = 8
_MOST_READING = 2
_admitted = BoundedSemaphore(_MOST_AT_ONCE)
_reading = BoundedSemaphore(_MOST_READING)
"""A file may take a second to decrypt, and somebody's server ten to answer: what is beyond these
numbers would take the threads and the processors that the Designer is served with."""


def plan_import(
    server: Server,
    files: Sequence[ImportFile],
    password: str | None,
    *,
    caller: Caller,
    place: Place | None = None,
    fetch_issuers: bool = False,
) -> ImportPlan:
    """What `import_files` would do with `files`; nothing is saved.

    Raises what `import_files` raises.
    """
    require(caller, Right.CREATE, IMPORT)
    wishes = Wishes(place=place)
    with _admission():
        bundle, completion = _read_and_complete(server, files, password, fetch_issuers)
        with changing_stores(server.database) as connection, connection.begin_nested() as change:
            # The import itself, undone: a preview by other code would one day say something else.
            imported = store_all(server, connection, bundle, completion, wishes, caller.name)
            change.rollback()
    return imported.plan


def import_files(
    server: Server,
    files: Sequence[ImportFile],
    password: str | None,
    *,
    friendly_name: str,
    caller: Caller,
    place: Place | None = None,
    fetch_issuers: bool = False,
    trust_root: bool = False,
    exportable: bool = True,
) -> Imported:
    """Store the certificates in `files`, chosen together, their private keys and their chains.

    Where no `place` is named, what has its private key goes to Personal, as under Windows, and
    authorities without theirs to Intermediate: a root that came in a file is at hand for its
    chain, and among the trusted roots only with `trust_root`. A private key that comes alone joins
    its certificate in the stores. `fetch_issuers` looks for missing issuers where the certificates
    say. Without a `friendly_name` the one in the file is kept. A key that is not `exportable`
    never leaves the node.
    Raises NOT_PERMITTED, INVALID_INPUT, TOO_LARGE, WRONG_PASSWORD, UNREADABLE_CERTIFICATE, or
    BUSY when too many import already.
    """
    require(caller, Right.CREATE, IMPORT)
    wishes = Wishes(place, friendly_name, trust_root=trust_root, exportable=exportable)
    with _admission():
        bundle, completion = _read_and_complete(server, files, password, fetch_issuers)
        with changing_stores(server.database) as connection:
            return store_all(server, connection, bundle, completion, wishes, caller.name)


def import_certificate(
    server: Server,
    data: bytes,
    password: str | None,
    *,
    friendly_name: str,
    caller: Caller,
    place: Place | None = None,
) -> Imported:
    """`import_files` with one file and nothing out of the ordinary."""
    files = [ImportFile("", data)]
    return import_files(
        server, files, password, friendly_name=friendly_name, caller=caller, place=place
    )


def store_bundle(
    server: Server, connection: Connection, bundle: Bundle, friendly_name: str, actor: str
) -> Imported:
    """Put what a file held into the stores, within the caller's transaction."""
    wishes = Wishes(friendly_name=friendly_name)
    return store_all(server, connection, bundle, _NOTHING_FETCHED, wishes, actor)


def require_private_key(bundle: Bundle) -> None:
    """Raise NO_PRIVATE_KEY for a file without the leaf's private key: nothing can serve it."""
    if bundle.private_key is None:
        raise CertwrightError(
            ErrorCode.NO_PRIVATE_KEY,
            "The file holds no private key for its certificate, so no server can use it.",
            "Export it again with its private key (PFX), or put the key into the PEM file.",
        )


@contextmanager
def _admission() -> Iterator[None]:
    if not _admitted.acquire(blocking=False):
        raise CertwrightError(
            ErrorCode.BUSY,
            f"{_MOST_AT_ONCE} other imports are being done at this moment.",
            "Try again in a few seconds.",
        )
    try:
        yield
    finally:
        _admitted.release()


def _read_and_complete(
    server: Server, files: Sequence[ImportFile], password: str | None, fetch_issuers: bool
) -> tuple[Bundle, Completion]:
    with _reading:
        bundle = _read(files, password)
    return bundle, _complete(server, bundle) if fetch_issuers else _NOTHING_FETCHED


def _read(files: Sequence[ImportFile], password: str | None) -> Bundle:
    refuse_too_much(files)
    budget = Budget()
    if len(files) == 1:
        return read_bundle(files[0].content, password, budget)
    return join_bundles([_read_one(file, password, budget) for file in files])


def _read_one(file: ImportFile, password: str | None, budget: Budget) -> Bundle:
    try:
        return read_bundle(file.content, password, budget)
    except CertwrightError as error:
        message = f"{printable(file.name, _LONGEST_NAME)}: {error.message}"
        raise CertwrightError(error.code, message, error.remedy) from None


def _complete(server: Server, bundle: Bundle) -> Completion:
    heads = bundle.identities or bundle.certificates[:1]
    with server.database.connect() as connection:
        at_hand = authorities_at_hand(connection)
        roots = server.trust.roots(connection, server.environment)
    pool = (*bundle.certificates, *at_hand)
    # Outside of any transaction: others must not wait for somebody's slow server.
    return fetch_issuers(heads, pool, roots, fetcher(allow_private=server.fetches_inside))
