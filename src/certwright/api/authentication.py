"""Who calls: by a bearer token, or by the Designer's session cookie."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import Request

from certwright.access.rights import Caller, Right
from certwright.access.sessions import find_session, is_form_token
from certwright.access.tokens import find_token
from certwright.errors import CertwrightError, ErrorCode
from certwright.front.session_cookie import COOKIE
from certwright.lifecycle.server import Server

FORM_TOKEN_HEADER = "X-Certwright-Form-Token"  # noqa: S105 - the header's name
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

LOCAL_OWNER = Caller("local owner", Right.ADMIN, is_local=True)
"""Whoever can read the data folder could read everything in it anyway."""


@dataclass(frozen=True)
class Authentication:
    """Tells the caller of a request."""

    server: Server
    local_token: str = field(repr=False)

    def caller(self, request: Request) -> Caller:
        """The caller; raises NOT_AUTHENTICATED."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token:
            return self._by_token(token.strip())
        if cookie := request.cookies.get(COOKIE):
            return self._by_session(request, cookie)
        raise _not_authenticated()

    def _by_token(self, token: str) -> Caller:
        if hmac.compare_digest(token.encode(), self.local_token.encode()):
            return LOCAL_OWNER
        caller = find_token(self.server.database, token)
        if caller is None:
            raise _not_authenticated()
        return caller

    def _by_session(self, request: Request, cookie: str) -> Caller:
        session = find_session(self.server.database, cookie, self.server.now())
        if session is None:
            raise _not_authenticated()
        # The browser adds the cookie by itself; only our own pages know the form token.
        form_token = request.headers.get(FORM_TOKEN_HEADER, "")
        if request.method not in _SAFE_METHODS and not is_form_token(session, form_token):
            raise _not_authenticated()
        return session.caller


def _not_authenticated() -> CertwrightError:
    return CertwrightError(
        ErrorCode.NOT_AUTHENTICATED,
        "This needs a valid token.",
        "Make one with: certwright tokens create NAME --right RIGHT --out FILE",
    )


CallerOf = Callable[[Request], Caller]
