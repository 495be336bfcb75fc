"""The first user, `admin`: made when everything else is proven, and never again."""

import os

from certwright.access.passwords import random_password
from certwright.access.rights import Right
from certwright.access.users import add_user, has_users
from certwright.lifecycle.server import Server

NAME = "admin"


def provide_admin(server: Server, given: str | None) -> str | None:
    """Add the user `admin` if there is nobody yet.

    Returns the password to show, once, or None when it was given or users are there already.
    """
    with server.database.begin() as connection:
        if has_users(connection):
            return None
        password = given or random_password(os.urandom)
        add_user(connection, NAME, password, Right.ADMIN, server.now())
    return None if given else password
