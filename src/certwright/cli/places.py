"""Where a node keeps its data when nobody says where."""

import os
from pathlib import Path

SYSTEM_DATA_FOLDER = Path("/var/lib/certwright/node")
"""For root: the embedded PostgreSQL runs under an account that cannot enter root's home."""


def default_data_folder() -> Path:
    """The data folder of this user's node; need not exist."""
    if os.geteuid() == 0:
        return SYSTEM_DATA_FOLDER
    from platformdirs import user_data_path

    return user_data_path("certwright")
