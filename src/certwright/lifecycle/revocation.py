"""The revocation list of each of our authorities, renewed long before it runs out."""

from datetime import timedelta

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from certwright.authorities.internal import BACK_DATED
from certwright.authorities.root_keys import RootKeyFolder
from certwright.database.tables import revocation_lists
from certwright.errors import CertwrightError
from certwright.lifecycle.server import Server
from certwright.x509.certificate import Certificate
from certwright.x509.keys import PrivateKey
from certwright.x509.revocation_list import build_revocation_list

LEAF_LIST_LIFETIME = timedelta(days=7)
ROOT_LIST_LIFETIME = timedelta(days=365)
"""The root's key may be away for months; its list has to last until it is back."""


def current_revocation_list(server: Server, root_keys: RootKeyFolder, issuer: Certificate) -> bytes:
    """The DER of `issuer`'s list; signed anew when half of its time is over.

    While the root's key is away, its former list is given out for as long as that is valid;
    then raises NO_PRIVATE_KEY.
    """
    now = server.now()
    is_root = issuer == server.authority.root
    lifetime = ROOT_LIST_LIFETIME if is_root else LEAF_LIST_LIFETIME
    with server.database.begin() as connection:
        row = connection.execute(
            select(revocation_lists)
            .where(revocation_lists.c.issuer == issuer.fingerprint)
            .with_for_update()
        ).one_or_none()
        if row is not None and row.next_update - now > lifetime / 2:
            return bytes(row.der)
        number = 1 if row is None else row.number + 1
        try:
            key = _key(server, root_keys, connection, issuer, is_root=is_root)
        except CertwrightError:
            if row is None or row.next_update <= now:
                raise
            return bytes(row.der)
        der = build_revocation_list(issuer, key, (), number, now - BACK_DATED, now + lifetime)
        values = {"number": number, "der": der, "next_update": now + lifetime}
        connection.execute(
            insert(revocation_lists)
            .values(issuer=issuer.fingerprint, **values)
            .on_conflict_do_update(index_elements=["issuer"], set_=values)
        )
    return der


def _key(
    server: Server,
    root_keys: RootKeyFolder,
    connection: Connection,
    issuer: Certificate,
    *,
    is_root: bool,
) -> PrivateKey:
    if is_root:
        return root_keys.get(issuer.key_fingerprint)
    return server.vault.get(connection, issuer.key_fingerprint)
