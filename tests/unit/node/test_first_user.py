"""The first user is made once, with a password that is given or shown."""

from sqlalchemy import select

from certwright.access.passwords import verify
from certwright.database.access_tables import users
from certwright.lifecycle.server import Server
from certwright.node.first_user import provide_admin


def hash_of_admin(server: Server) -> str:
    with server.database.connect() as connection:
        row = connection.execute(select(users)).one()
    assert (row.name, row.right) == ("admin", "admin")
    return str(row.password_hash)


def test_made_password_is_shown_once(server: Server) -> None:
    shown = provide_admin(server, None)
    assert shown is not None
    assert len(shown) >= 16
    assert verify(hash_of_admin(server), shown)
    assert provide_admin(server, None) is None


def test_given_password_is_not_shown_and_never_replaces_hers(server: Server) -> None:
    assert provide_admin(server, "correct horse battery") is None
    assert provide_admin(server, "another horse battery") is None
    assert verify(hash_of_admin(server), "correct horse battery")
