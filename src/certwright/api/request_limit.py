"""How large a request may be: nothing that REST or the Designer takes is larger than a file."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from certwright.front.settings import LARGEST_REQUEST

_TOO_LARGE = 413


class RequestLimit:
    """ASGI middleware that stops reading a body at `LARGEST_REQUEST`.

    Forms are parsed before anybody knows who sent them, and what is large goes to the disk: a
    stranger could fill it, and a private key could come to lie there in the clear.
    """

    def __init__(self, application: ASGIApp) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and count its bytes as they come."""
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > LARGEST_REQUEST:
                    raise HTTPException(_TOO_LARGE)
            return message

        await self._application(scope, counted, send)
