"""A database of the first release, with rows in it, becomes one of today."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import ColumnClause, Engine, column, func, insert, make_url, select, table, text

from certwright.database import migrate as migrate_module
from certwright.database.access_tables import metadata
from certwright.database.engine import open_engine
from certwright.database.migrate import migrate
from certwright.database.node_views import activations, endpoints, services, telling_channels
from certwright.errors import CertwrightError, ErrorCode
from certwright.stores.database import count_by_place, delete_entry
from certwright.stores.listing import page
from certwright.stores.listing_query import ListingQuery
from certwright.stores.place import PERSONAL, TRUSTED_ROOT, Place
from certwright.x509.certificate import Certificate

from ..composed_server import NODE, Clock
from ..foreign_authority import ForeignAuthority

_NAME = "first_release"


@pytest.fixture
def first_release(postgresql: str) -> Iterator[Engine]:
    """A database as the first release left it."""
    administration = open_engine(postgresql)
    with administration.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"create database {_NAME}"))
        url = make_url(postgresql).set(database=_NAME)
        engine = open_engine(url.render_as_string(hide_password=False), NODE)
        upgrade(engine, "0001")
        yield engine
        engine.dispose()
        connection.execute(text(f"drop database {_NAME} with (force)"))
    administration.dispose()


def upgrade(engine: Engine, revision: str) -> None:
    """Bring a database to `revision`."""
    with engine.begin() as opened:
        configuration = Config()
        folder = Path(str(migrate_module.__file__)).parent / "migrations"
        configuration.set_main_option("script_location", str(folder))
        configuration.attributes["connection"] = opened
        command.upgrade(configuration, revision)


def put(engine: Engine, certificate: Certificate, place: Place, friendly_name: str = "") -> None:
    """Add a certificate as the first release did."""
    row = {
        "fingerprint": certificate.fingerprint,
        "thumbprint": certificate.thumbprint,
        "der": certificate.der,
        "subject": certificate.subject,
        "common_name": certificate.common_name,
        "names": list(certificate.names),
        "issuer": certificate.issuer,
        "serial": certificate.serial,
        "not_before": certificate.not_before,
        "not_after": certificate.not_after,
        "key_fingerprint": certificate.key_fingerprint,
        "is_authority": certificate.is_authority,
        "added_at": certificate.not_before,
    }
    entry = {
        "machine": place.machine,
        "location": place.location,
        "store": place.store,
        "fingerprint": certificate.fingerprint,
        "friendly_name": friendly_name,
        "added_at": certificate.not_before,
    }
    with engine.begin() as connection:
        for name, values in (("certificates", row), ("store_entries", entry)):
            columns: list[ColumnClause[Any]] = [column(key) for key in values]
            connection.execute(insert(table(name, *columns)).values(values))


def test_rows_of_the_first_release_are_listed_found_and_counted(
    first_release: Engine, company: ForeignAuthority, clock: Clock
) -> None:
    ours, other = company.issue(["todd.corp.example"]), company.issue(["mail.corp.example"])
    put(first_release, ours.leaf, PERSONAL, "Web server of Todd")
    put(first_release, other.leaf, PERSONAL)
    put(first_release, company.root, TRUSTED_ROOT)
    with first_release.begin() as connection:
        connection.execute(
            text("insert into private_keys values (:key, '\\x00', now())"),
            {"key": ours.leaf.key_fingerprint},
        )

    migrate(first_release)

    with first_release.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        shown = page(connection, ListingQuery(), clock())
        assert [(one.name, one.has_private_key) for one in shown.entries] == [
            ("mail.corp.example", False),
            ("todd.corp.example", True),
        ]
        (entry,) = page(connection, ListingQuery(search="server todd"), clock()).entries
        assert entry.friendly_name == "Web server of Todd"
        assert entry.issuer_name == "Company Issuing"
        assert count_by_place(connection) == {PERSONAL: 2, TRUSTED_ROOT: 1}
        delete_entry(connection, ours.leaf.fingerprint, PERSONAL)
        assert count_by_place(connection) == {PERSONAL: 1, TRUSTED_ROOT: 1}


_BEFORE_NODES = """
insert into services
  values ('nginx', 'nginx', 'local', '/etc/nginx.conf', 'test', '[]', '{}', now());
insert into endpoints (name, saved_protocol, version, service) values
  ('web-server', 'https', 1, null), ('nginx/www', 'https', 1, 'nginx');
insert into renewals (names, authority, renewal_key, key_type, actor, reason, state, sentence,
    lifetime_seconds, memory, steps, agreed, attempts, started_at, rehearsed_at)
  values ('{localhost}', 'internal', 'new', 'ec-p256', 'ada', '', 'working', '', 1, '{}', '[]',
    false, 0, now(), 'nginx/www');
insert into activations (endpoint, actor, state, protocol, steps, started_at)
  values ('nginx/www', 'ada', 'running', 'https', '[]', now());
insert into telling_channels values ('mail', 1, '{}', 0, null, '', '', null);
"""


def test_what_was_there_before_nodes_is_of_the_node_that_upgrades(first_release: Engine) -> None:
    upgrade(first_release, "0008")
    with first_release.begin() as connection:
        connection.execute(text(_BEFORE_NODES))

    migrate(first_release)

    with first_release.connect() as connection:
        seen = {
            view.name: connection.scalar(select(func.count()).select_from(view))
            for view in (services, endpoints, activations, telling_channels)
        }
        (owners,) = connection.execute(
            text("select node, rehearsed_on, rehearsed_at from renewals")
        ).all()
    assert seen == {"services": 1, "endpoints": 2, "activations": 1, "telling_channels": 1}
    assert tuple(owners) == (NODE, NODE, "nginx/www")
    another = open_engine(first_release.url.render_as_string(hide_password=False), "todd-2")
    with another.connect() as connection:
        assert connection.scalar(text("select count(*) from endpoints")) == 0
    another.dispose()


def test_nothing_is_upgraded_beside_an_older_node(first_release: Engine) -> None:
    with first_release.connect() as older:
        older.execute(text("select pg_advisory_lock(1936682085)"))  # what sole nodes held
        with pytest.raises(CertwrightError) as refused:
            migrate(first_release)
    assert refused.value.code is ErrorCode.DATABASE_IN_USE
    migrate(first_release)
