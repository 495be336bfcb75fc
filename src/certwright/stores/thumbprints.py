"""What people know certificates by that are on record by their fingerprints."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from certwright.database.tables import certificates


def thumbprints_of(connection: Connection, fingerprints: Iterable[str | None]) -> dict[str, str]:
    """The thumbprint of each, by its fingerprint; none for what is no certificate, or gone."""
    wanted = {one for one in fingerprints if one is not None}
    found = select(certificates.c.fingerprint, certificates.c.thumbprint)
    rows = connection.execute(found.where(certificates.c.fingerprint.in_(wanted)))
    return {row.fingerprint: row.thumbprint for row in rows}
