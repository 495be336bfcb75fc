"""The first user, `admin`: made when everything else is proven, and never again."""

import os
from pathlib import Path

from certwright.access.passwords import random_password, refuse_weak_password
from certwright.access.rights import Right
from certwright.access.users import add_user, has_users
from certwright.lifecycle.server import Server
from certwright.node.option_files import read_password_file

NAME = "admin"


def read_password(file: Path | None) -> str | None:
    """The password in the file, without its line end; raises INVALID_INPUT if it will not do."""
    if file is None:
        return None
    password = read_password_file(file, "--admin-password-file")
    refuse_weak_password(password)
    return password


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
