"""The certificate store: archived entries, keys that stay, imports that are only looked at.

Also what a store of a million certificates is sorted, filtered, searched and counted by.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

# As they are today, not as they were when this was written: a later change of theirs has to
# compute all rows anew anyway.
from certwright.database.search_words import certificate_words, sort_key
from certwright.x509.certificate import Certificate

revision = "0002"
down_revision = "0001"

_TIME = sa.DateTime(timezone=True)
_STORE = ("machine", "location", "store")
_BATCH = 1000

_COUNT = """
create function count_expiries() returns trigger language plpgsql as $$
begin
  if TG_OP = 'INSERT' then
    insert into expiry_counts as counted (machine, location, store, expires_on, number)
      select machine, location, store, (not_after at time zone 'UTC')::date, count(*)
      from changed group by 1, 2, 3, 4 order by 1, 2, 3, 4
      on conflict (machine, location, store, expires_on)
      do update set number = counted.number + excluded.number;
  else
    with gone as (
      select machine, location, store, (not_after at time zone 'UTC')::date as expires_on,
        count(*) as number
      from changed group by 1, 2, 3, 4
    )
    update expiry_counts as counted set number = counted.number - gone.number from gone
      where (counted.machine, counted.location, counted.store, counted.expires_on)
        = (gone.machine, gone.location, gone.store, gone.expires_on);
  end if;
  return null;
end $$
"""
_COUNT_ADDED = """
create trigger count_added after insert on store_entries referencing new table as changed
for each statement execute function count_expiries()
"""
_COUNT_DELETED = """
create trigger count_deleted after delete on store_entries referencing old table as changed
for each statement execute function count_expiries()
"""
_COUNT_ALL = """
insert into expiry_counts
select machine, location, store, (not_after at time zone 'UTC')::date, count(*)
from store_entries group by 1, 2, 3, 4
"""


def upgrade() -> None:
    _add_flags()
    _add_import_drafts()
    _add_certificate_columns()
    _add_entry_columns()
    _fill()
    _require_all()
    _add_indices()
    _add_counts()


def _add_flags() -> None:
    op.add_column(
        "store_entries",
        sa.Column("archived", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.alter_column("store_entries", "archived", server_default=None)
    op.add_column(
        "private_keys",
        sa.Column("exportable", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    op.alter_column("private_keys", "exportable", server_default=None)


def _add_import_drafts() -> None:
    op.create_table(
        "import_drafts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_import_drafts_created_at", "import_drafts", ["created_at"])


_CERTIFICATE_COLUMNS: dict[str, TypeEngine[Any]] = {
    "subject_key": sa.Text(collation="C"),
    "issuer_name": sa.Text(),
}
_ENTRY_COLUMNS: dict[str, TypeEngine[Any]] = {
    "has_private_key": sa.Boolean(),
    "not_before": _TIME,
    "not_after": _TIME,
    "name_key": sa.Text(collation="C"),
    "issuer_key": sa.Text(collation="C"),
    "search_words": postgresql.TSVECTOR(),
}


def _add_certificate_columns() -> None:
    for name, kind in _CERTIFICATE_COLUMNS.items():
        op.add_column("certificates", sa.Column(name, kind))


def _add_entry_columns() -> None:
    op.add_column("store_entries", sa.Column("number", sa.BigInteger(), sa.Identity()))
    for name, kind in _ENTRY_COLUMNS.items():
        op.add_column("store_entries", sa.Column(name, kind))
    op.drop_constraint("store_entries_pkey", "store_entries", type_="primary")
    op.create_primary_key("store_entries_pkey", "store_entries", ["fingerprint", *_STORE])


def _fill() -> None:
    connection = op.get_bind()
    last = ""
    while rows := connection.execute(
        sa.text(
            "select fingerprint, der from certificates where fingerprint > :last "
            "order by fingerprint limit :batch"
        ),
        {"last": last, "batch": _BATCH},
    ).all():
        for row in rows:
            _fill_certificate(connection, row.fingerprint, Certificate.from_der(row.der))
        last = rows[-1].fingerprint
    connection.execute(
        sa.text(
            "update store_entries as entry set has_private_key = exists ("
            "  select from private_keys as key where key.key_fingerprint = held.key_fingerprint),"
            "  not_before = held.not_before, not_after = held.not_after "
            "from certificates as held where held.fingerprint = entry.fingerprint"
        )
    )


def _fill_certificate(
    connection: sa.Connection, fingerprint: str, certificate: Certificate
) -> None:
    connection.execute(
        sa.text(
            "update certificates set subject_key = :subject_key, issuer_name = :issuer_name "
            "where fingerprint = :fingerprint"
        ),
        {
            "fingerprint": fingerprint,
            "subject_key": sort_key(certificate.subject),
            "issuer_name": certificate.issuer_name,
        },
    )
    entries = connection.execute(
        sa.text("select number, friendly_name from store_entries where fingerprint = :fingerprint"),
        {"fingerprint": fingerprint},
    )
    for entry in entries.all():
        connection.execute(
            sa.text(
                "update store_entries set name_key = :name_key, issuer_key = :issuer_key, "
                "search_words = array_to_tsvector(cast(:words as text[])) where number = :number"
            ),
            {
                "number": entry.number,
                "name_key": sort_key(certificate.short_name),
                "issuer_key": sort_key(certificate.issuer_name),
                "words": certificate_words(certificate, entry.friendly_name),
            },
        )


def _require_all() -> None:
    for name in _CERTIFICATE_COLUMNS:
        op.alter_column("certificates", name, nullable=False)
    for name in _ENTRY_COLUMNS:
        op.alter_column("store_entries", name, nullable=False)


def _add_indices() -> None:
    op.create_index("ix_certificates_subject_key", "certificates", ["subject_key"])
    for order, column in (
        ("name", "name_key"),
        ("issuer", "issuer_key"),
        ("not_before", "not_before"),
        ("not_after", "not_after"),
        ("added_at", "added_at"),
    ):
        op.create_index(f"store_entries_by_{order}", "store_entries", [*_STORE, column, "number"])
    for name, condition in (
        ("with_private_key", "has_private_key"),
        ("archived", "archived"),
    ):
        op.create_index(
            f"store_entries_{name}",
            "store_entries",
            [*_STORE, "not_after", "number"],
            postgresql_where=sa.text(condition),
        )
    op.create_index(
        "store_entries_by_search_words",
        "store_entries",
        ["search_words"],
        postgresql_using="gin",
        postgresql_with={"fastupdate": False},
    )


def _add_counts() -> None:
    op.create_table(
        "expiry_counts",
        *(sa.Column(name, sa.Text(), nullable=False) for name in _STORE),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(*_STORE, "expires_on"),
    )
    for statement in (_COUNT_ALL, _COUNT, _COUNT_ADDED, _COUNT_DELETED):
        op.execute(statement)
