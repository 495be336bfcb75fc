"""Facts are found again by their names, by every node or by its own alone."""

from sqlalchemy import func

from certwright.database.facts import keep_fact, read_fact
from certwright.database.node_views import THIS_NODE
from certwright.lifecycle.server import Server

OF_THE_NODE = func.concat("mood of ", THIS_NODE)


def test_what_was_kept_last_is_read_and_nothing_before_that(server: Server) -> None:
    with server.database.begin() as connection:
        assert read_fact(connection, "mood") is None
        for value in ({"calm": [1, 2]}, [], ["brisk"]):
            keep_fact(connection, "mood", value)
            assert read_fact(connection, "mood") == value


def test_a_name_can_be_the_nodes_own(server: Server) -> None:
    with server.database.begin() as connection:
        keep_fact(connection, OF_THE_NODE, "calm")
        assert read_fact(connection, OF_THE_NODE) == "calm"
        assert read_fact(connection, f"mood of {server.node}") == "calm"
        assert read_fact(connection, "mood of another") is None
