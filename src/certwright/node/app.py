"""The web application's process: `python -m certwright.node.app`, started by the supervisor.

What it has to know comes on its standard input, so that no secret stands in its arguments or
environment. It imports everything first and reads then: meanwhile the database starts.
"""

import asyncio
import signal

from granian.constants import Interfaces
from granian.server.embed import Server as WebServer

from certwright.node.application import build_application
from certwright.node.briefed import be_briefed


def main() -> None:
    """Serve until SIGTERM."""
    briefed = be_briefed()
    socket = briefed.runtime_folder.application_socket
    socket.unlink(missing_ok=True)  # of a process that was killed
    application = build_application(
        briefed.server, briefed.parts.root_keys, briefed.briefing.local_token
    )
    asyncio.run(
        _serve(
            WebServer(
                application,
                uds=socket,
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
