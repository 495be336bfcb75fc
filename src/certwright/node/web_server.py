"""The web application behind its socket, put together from the briefing and served."""

import asyncio
import signal

from granian.constants import Interfaces
from granian.server.embed import Server as WebServer

from certwright.node.application import build_application
from certwright.node.briefed import be_briefed


def build_web_server() -> WebServer:
    """Read the briefing, which comes as soon as the database is there, and build everything."""
    briefed = be_briefed()
    socket = briefed.runtime_folder.application_socket
    socket.unlink(missing_ok=True)  # of a process that was killed
    application = build_application(
        briefed.server, briefed.parts.root_keys, briefed.briefing.local_token
    )
    return WebServer(application, uds=socket, interface=Interfaces.ASGI, log_access=False)


def serve(web_server: WebServer) -> None:
    """Answer until SIGTERM or SIGINT."""
    asyncio.run(_serve(web_server))


async def _serve(web_server: WebServer) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, web_server.stop)
    await web_server.serve()
