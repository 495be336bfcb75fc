"""REST: users and tokens; all of it needs the right admin."""

import os
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field, SecretStr

from certwright.access.rights import Caller, Right, parse_right, require
from certwright.access.tokens import Token, create_token, list_tokens, remove_token
from certwright.access.users import User, add_user, list_users, remove_user, set_password, set_right
from certwright.api.authentication import CallerOf
from certwright.api.documents import Document
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.server import Server
from certwright.x509.text import rfc3339


class NewUser(BaseModel):
    """A user to add."""

    name: str = Field(max_length=200)
    password: SecretStr
    right: str


class RightValue(BaseModel):
    """A user's new right."""

    right: str


class NewPassword(BaseModel):
    """A user's new password."""

    password: SecretStr


class NewToken(BaseModel):
    """A token to make."""

    name: str = Field(max_length=200)
    right: str


def users_router(server: Server, caller_of: CallerOf) -> APIRouter:
    """List, add, remove, and change the right or the password."""
    router = APIRouter(prefix="/users", tags=["users"])
    authenticated = Depends(caller_of)

    @router.get("")
    def list_all(caller: Annotated[Caller, authenticated]) -> list[Document]:
        """Everybody who may log in."""
        require(caller, Right.ADMIN, "see the users")
        with server.database.connect() as connection:
            return [_user(user) for user in list_users(connection)]

    @router.post("", status_code=201)
    def add(wanted: NewUser, caller: Annotated[Caller, authenticated]) -> Document:
        """Add a user."""
        require(caller, Right.ADMIN, "add a user")
        right = parse_right(wanted.right)
        with server.database.begin() as connection:
            password = wanted.password.get_secret_value()
            user = add_user(connection, wanted.name, password, right, server.now())
            message = f"User {user.name} added with the right {right.value}"
            record_event(connection, _event(server, caller, "user-added", user.name, message))
        return _user(user)

    @router.put("/{name}/right")
    def change_right(
        name: str, wanted: RightValue, caller: Annotated[Caller, authenticated]
    ) -> Document:
        """Give a user another right."""
        require(caller, Right.ADMIN, "change a right")
        with server.database.begin() as connection:
            user = set_right(connection, name, parse_right(wanted.right))
            message = f"User {user.name} has the right {user.right.value} now"
            record_event(connection, _event(server, caller, "right-changed", user.name, message))
        return _user(user)

    @router.put("/{name}/password", status_code=204)
    def change_password(
        name: str, wanted: NewPassword, caller: Annotated[Caller, authenticated]
    ) -> Response:
        """Give a user another password; her sessions end at once."""
        require(caller, Right.ADMIN, "change a password")
        with server.database.begin() as connection:
            changed = set_password(connection, name, wanted.password.get_secret_value())
            message = f"User {changed} has a new password"
            record_event(connection, _event(server, caller, "password-changed", changed, message))
        return Response(status_code=204)

    @router.delete("/{name}", status_code=204)
    def remove(name: str, caller: Annotated[Caller, authenticated]) -> Response:
        """Remove a user; her sessions end at once."""
        require(caller, Right.ADMIN, "remove a user")
        with server.database.begin() as connection:
            user = remove_user(connection, name)
            message = f"User {user.name} removed"
            record_event(connection, _event(server, caller, "user-removed", user.name, message))
        return Response(status_code=204)

    return router


def tokens_router(server: Server, caller_of: CallerOf) -> APIRouter:
    """List, make, remove."""
    router = APIRouter(prefix="/tokens", tags=["tokens"])
    authenticated = Depends(caller_of)

    @router.get("")
    def list_all(caller: Annotated[Caller, authenticated]) -> list[Document]:
        """The tokens by name; the secrets themselves are not kept."""
        require(caller, Right.ADMIN, "see the tokens")
        with server.database.connect() as connection:
            return [_token(token) for token in list_tokens(connection)]

    @router.post("", status_code=201)
    def make(wanted: NewToken, caller: Annotated[Caller, authenticated]) -> Document:
        """Make a token; this answer is the only place where it is shown."""
        require(caller, Right.ADMIN, "make a token")
        right = parse_right(wanted.right)
        with server.database.begin() as connection:
            token = create_token(connection, wanted.name, right, server.now(), os.urandom)
            message = f"Token {wanted.name} made with the right {right.value}"
            record_event(connection, _event(server, caller, "token-made", wanted.name, message))
        return {"name": wanted.name, "right": right.value, "token": token}

    @router.delete("/{name}", status_code=204)
    def remove(name: str, caller: Annotated[Caller, authenticated]) -> Response:
        """Remove a token; it is refused from now on."""
        require(caller, Right.ADMIN, "remove a token")
        with server.database.begin() as connection:
            remove_token(connection, name)
            message = f"Token {name} removed"
            record_event(connection, _event(server, caller, "token-removed", name, message))
        return Response(status_code=204)

    return router


def _user(user: User) -> Document:
    created_at = rfc3339(user.created_at)
    return {"name": user.name, "right": user.right.value, "created_at": created_at}


def _token(token: Token) -> Document:
    created_at = rfc3339(token.created_at)
    return {"name": token.name, "right": token.right.value, "created_at": created_at}


def _event(server: Server, caller: Caller, kind: str, subject: str, message: str) -> Event:
    return Event(server.now(), caller.name, kind, subject, message, good=True)
