"""What a node has to have before it can serve; whatever is there already stays as it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from certwright.authorities.authority import IssuedCertificate, Progress, request_for
from certwright.authorities.internal import AuthorityCertificates
from certwright.errors import CertwrightError
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.importing import require_private_key, store_bundle
from certwright.lifecycle.selection import RulesFailed
from certwright.lifecycle.server import Server
from certwright.rules.engine import is_right
from certwright.services.endpoints import Choice, Endpoint, list_endpoints, save_choice
from certwright.stores.database import add_certificate, get_certificate, places_of
from certwright.stores.place import INTERMEDIATE, PERSONAL, TRUSTED_ROOT
from certwright.stores.turns import changing_stores
from certwright.x509.certificate import Certificate, is_signed_by
from certwright.x509.keys import KeyType, generate_private_key
from certwright.x509.reading import Bundle

LEAF_LIFETIME = timedelta(days=47)
"""What public authorities may issue from 2029-03-15 (CA/Browser Forum ballot SC-081v3)."""

ACTOR = "node"


@dataclass(frozen=True)
class Made:
    """What a first start made; both None at every later one."""

    issued: Certificate | None
    imported: Certificate | None


def keep_authority(connection: Connection, made: AuthorityCertificates, now: datetime) -> None:
    """Put a new authority's certificates into the node's stores."""
    add_certificate(connection, made.root, TRUSTED_ROOT, now)
    add_certificate(connection, made.intermediate, INTERMEDIATE, now)


def keep_issued(connection: Connection, issued: IssuedCertificate, now: datetime) -> None:
    """Put an issued certificate into Personal, before anybody gets it, and what is above it beside.

    A root that comes along is not trusted by that: it lies among the intermediates.
    """
    add_certificate(connection, issued.leaf, PERSONAL, now)
    root = () if issued.root is None else (issued.root,)
    for one in (*issued.intermediates, *root):
        if not places_of(connection, one.fingerprint):
            add_certificate(connection, one, INTERMEDIATE, now)


def provide_certificate(server: Server, brought: Callable[[], Bundle] | None) -> Made:
    """See to it that each endpoint has a certificate saved, and no own one that is of no use.

    `brought` reads the file given with --certificate. It is used at a first start only; raises
    `RulesFailed` for a certificate that is not right, and stores nothing then.
    """
    with server.database.connect() as connection:
        endpoints = list_endpoints(connection)
        empty = [one for one in endpoints if _has_yet_to_get_one(server, connection, one)]
        useless = [one for one in endpoints if _is_own_and_useless(server, connection, one)]
    if empty and brought is not None:
        return Made(None, _import_and_select(server, brought(), empty))
    if empty:
        return Made(_issue_and_select(server, [*empty, *useless]), None)
    if useless:
        return Made(_replace_useless(server, useless), None)
    return Made(None, None)


def _has_yet_to_get_one(server: Server, connection: Connection, endpoint: Endpoint) -> bool:
    if endpoint.saved.certificate is None:
        return True
    # A brought one that no first start could prove, for instance because the front refuses its
    # key, must not keep every later start from succeeding.
    return endpoint.active is None and not _is_own(server, connection, endpoint.saved.certificate)


def _is_own(server: Server, connection: Connection, fingerprint: str) -> bool:
    certificate = get_certificate(connection, fingerprint)
    return is_signed_by(certificate, server.authority.intermediate)


def _is_own_and_useless(server: Server, connection: Connection, endpoint: Endpoint) -> bool:
    # A machine that was off for two months, or got another name, must not lock its administrator
    # out: nothing that she could select instead would be in the store.
    if endpoint.saved.certificate is None:
        return False
    certificate = get_certificate(connection, endpoint.saved.certificate)
    is_own = _is_own(server, connection, endpoint.saved.certificate)
    has_run_out = certificate.not_after <= server.now()
    return is_own and (has_run_out or not certificate.covers(server.names[0]))


def _replace_useless(server: Server, endpoints: Sequence[Endpoint]) -> Certificate | None:
    try:
        return _issue_and_select(server, endpoints)
    except CertwrightError as error:
        # What is there is served on: without a node she could not bring another certificate.
        with server.database.begin() as connection:
            record_event(
                connection,
                Event(
                    at=server.now(),
                    actor=ACTOR,
                    kind="issuance-failed",
                    subject=server.authority.name,
                    message=f"No certificate for {server.name} was issued. {error.message}",
                    good=False,
                ),
            )
        return None


def _import_and_select(
    server: Server, bundle: Bundle, endpoints: Sequence[Endpoint]
) -> Certificate:
    require_private_key(bundle)
    with changing_stores(server.database) as connection:
        imported = store_bundle(server, connection, bundle, friendly_name="", actor=ACTOR)
        if not is_right(imported.findings):
            raise RulesFailed(imported.findings)
        _select(server, connection, imported.leaf.certificate, endpoints)
    return imported.leaf.certificate


def _issue_and_select(server: Server, endpoints: Sequence[Endpoint]) -> Certificate:
    now = server.now()
    key = generate_private_key(KeyType.EC_P256)
    with server.database.begin() as connection:
        server.vault.add(connection, key, now)
    request = request_for(key, server.names, LEAF_LIFETIME, ACTOR)
    leaf = server.authority.issue(request, Progress(), now).leaf
    with server.database.begin() as connection:
        _select(server, connection, leaf, endpoints)
    return leaf


def _select(
    server: Server,
    connection: Connection,
    certificate: Certificate,
    endpoints: Sequence[Endpoint],
) -> None:
    for endpoint in endpoints:
        choice = Choice(endpoint.saved.protocol, certificate.fingerprint)
        save_choice(connection, endpoint.name, choice, endpoint.version)
        record_event(
            connection,
            Event(
                at=server.now(),
                actor=ACTOR,
                kind="certificate-selected",
                subject=endpoint.name,
                message=f"{certificate.common_name} selected for {endpoint.name.in_words}",
                good=True,
            ),
        )
