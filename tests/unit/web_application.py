"""The real application around the server of a test, its routes built once for all tests.

To build them takes longer than most tests do.
"""

from functools import cache
from typing import cast

from fastapi import FastAPI

from certwright.authorities.root_keys import RootKeyFolder
from certwright.lifecycle.server import Server
from certwright.node.application import build_application

LOCAL_TOKEN = "token-of-the-data-folder"


class _Standing:
    """Stands for what the test that runs has put in its place."""

    def __init__(self) -> None:
        self.whom: object = None

    def __getattr__(self, name: str) -> object:
        return getattr(self.whom, name)


_server, _root_keys = _Standing(), _Standing()


def application_around(server: Server, root_keys: RootKeyFolder) -> FastAPI:
    """The application, which serves `server` until this is called with another.

    What is published it knows from the first server: tests of that build one of their own.
    """
    _server.whom, _root_keys.whom = server, root_keys
    return _application()


@cache
def _application() -> FastAPI:
    return build_application(cast(Server, _server), cast(RootKeyFolder, _root_keys), LOCAL_TOKEN)
