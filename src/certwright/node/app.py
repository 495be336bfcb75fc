"""The web application's process: `python -m certwright.node.app`, started by the supervisor.

What it has to know comes on its standard input, so that no secret stands in its arguments or
environment. It imports everything first and reads then: meanwhile the database starts.
"""

import asyncio
import signal
import sys

from granian.constants import Interfaces
from granian.server.embed import Server as WebServer

from certwright.database.engine import open_engine
from certwright.node.application import build_application
from certwright.node.briefing import Briefing
from certwright.node.composition import (
    Parts,
    build_front,
    build_server,
    provide_authority,
    utc_now,
)
from certwright.node.logs import configure_log
from certwright.node.runtime_folder import RuntimeFolder


def main() -> None:
    """Serve until SIGTERM."""
    configure_log()
    briefing = Briefing.from_bytes(sys.stdin.buffer.read())
    runtime_folder = RuntimeFolder(briefing.runtime_folder)
    parts = Parts(
        settings=briefing.settings,
        runtime_folder=runtime_folder,
        key=briefing.key,
        database=open_engine(briefing.database),
        now=utc_now,
    )
    server = build_server(
        parts, provide_authority(parts), build_front(briefing.settings, runtime_folder)
    )
    runtime_folder.application_socket.unlink(missing_ok=True)  # of a process that was killed
    application = build_application(server, parts.root_keys, briefing.local_token)
    asyncio.run(
        _serve(
            WebServer(
                application,
                uds=runtime_folder.application_socket,
                interface=Interfaces.ASGI,
                log_access=False,
            )
        )
    )


async def _serve(web_server: WebServer) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, web_server.stop)
    await web_server.serve()


if __name__ == "__main__":
    main()
