"""REST: the authorities, and the requests that wait for people to sign them."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Response, UploadFile
from pydantic import BaseModel, Field, SecretStr

from certwright.access.rights import Caller
from certwright.api.authentication import CallerOf
from certwright.api.documents import Document
from certwright.authorities.by_hand_requests import ByHandRequest, get_request, waiting_requests
from certwright.authorities.records import (
    INTERNAL,
    AuthorityKind,
    AuthorityRecord,
    parse_kind,
)
from certwright.lifecycle.authorities import (
    TakenOn,
    answer_request,
    change_authority,
    create_authority,
    pause_of,
    refuse_request,
    remove_authority,
)
from certwright.lifecycle.server import Server
from certwright.x509.reading import LARGEST_FILE
from certwright.x509.text import rfc3339

_Secrets = dict[str, SecretStr]


class AuthoritySettings(BaseModel):
    """What an authority is told; which settings and secrets there are depends on its kind."""

    settings: dict[str, Any] = Field(default_factory=dict)
    secrets: _Secrets = Field(default_factory=dict)


class NewAuthority(AuthoritySettings):
    """An authority to take on."""

    name: str = Field(max_length=200)
    kind: str = Field(max_length=200)


class Refusal(BaseModel):
    """Why nobody signs a request."""

    because: str = Field(max_length=2000)


def authorities_router(server: Server, caller_of: CallerOf) -> APIRouter:
    """List, show, create, change, remove, and hand in what was signed by hand."""
    router = APIRouter(prefix="/authorities", tags=["authorities"])
    authenticated = Depends(caller_of)

    @router.get("", dependencies=[authenticated])
    def list_all() -> list[Document]:
        """All authorities, the node's own first."""
        return [authority_document(server, one) for one in server.authorities.list()]

    @router.get("/{name}", dependencies=[authenticated])
    def show(name: str) -> Document:
        """One authority: its settings, and which secrets it has, but never these themselves."""
        with server.database.connect() as connection:
            record = server.authorities.records.get(connection, name)
        return authority_document(server, record)

    @router.post("", status_code=201)
    def create(wanted: NewAuthority, caller: Annotated[Caller, authenticated]) -> Document:
        """Take on an authority; its directory or program is looked at first."""
        record = AuthorityRecord(
            wanted.name, parse_kind(wanted.kind), wanted.settings, _plain(wanted.secrets)
        )
        return _taken_on(server, create_authority(server, record, caller=caller))

    @router.put("/{name}")
    def change(
        name: str, wanted: AuthoritySettings, caller: Annotated[Caller, authenticated]
    ) -> Document:
        """Give an authority other settings and secrets in place of all it had."""
        secrets = _plain(wanted.secrets)
        changed = change_authority(server, name, wanted.settings, secrets, caller=caller)
        return _taken_on(server, changed)

    @router.delete("/{name}", status_code=204)
    def remove(name: str, caller: Annotated[Caller, authenticated]) -> Response:
        """Let an authority issue no more; refused while anything refers to it."""
        remove_authority(server, name, caller=caller)
        return Response(status_code=204)

    @router.post("/{name}/answers")
    def answer(
        name: str,
        caller: Annotated[Caller, authenticated],
        file: Annotated[UploadFile, File()],
        password: Annotated[str | None, Form()] = None,
    ) -> Document:
        """Hand in what was signed; it is matched to the waiting requests by its private key."""
        content = file.file.read(LARGEST_FILE + 1)
        answered = answer_request(server, name, content, password, caller=caller)
        return {"requests": [_request(one) for one in answered]}

    return router


def requests_router(server: Server, caller_of: CallerOf) -> APIRouter:
    """The requests that wait for people."""
    router = APIRouter(prefix="/authority-requests", tags=["authorities"])
    authenticated = Depends(caller_of)

    @router.get("", dependencies=[authenticated])
    def list_waiting() -> list[Document]:
        """Those that nobody has answered yet, the oldest first."""
        with server.database.connect() as connection:
            return [_request(one) for one in waiting_requests(connection)]

    @router.get("/{identifier}", dependencies=[authenticated])
    def show(identifier: str) -> Document:
        """One request; `signing_request` is what to send to whoever signs."""
        with server.database.connect() as connection:
            return _request(get_request(connection, identifier))

    @router.post("/{identifier}/refusal")
    def refuse(
        identifier: str, wanted: Refusal, caller: Annotated[Caller, authenticated]
    ) -> Document:
        """Put on record that nobody will sign it."""
        return _request(refuse_request(server, identifier, wanted.because, caller=caller))

    return router


def authority_document(server: Server, record: AuthorityRecord) -> Document:
    """An authority; of our own also until when it issues, and its root.

    One that asked to be left alone has `paused_until`, and the sentence that says why.
    """
    document: Document = {
        "name": record.name,
        "kind": record.kind.value,
        "settings": dict(record.settings),
        "secrets": sorted(record.secrets),
    }
    if record.kind is AuthorityKind.INTERNAL and record.name == INTERNAL:
        document |= {
            "root_fingerprint": server.authority.root.fingerprint,
            "issuing_until": rfc3339(server.authority.intermediate.not_after),
        }
    if pause := pause_of(server, record):
        document |= {"paused_until": rfc3339(pause.until), "pause": pause.sentence}
    return document


def _taken_on(server: Server, taken_on: TakenOn) -> Document:
    return authority_document(server, taken_on.record) | {"found": taken_on.found}


def _plain(secrets: _Secrets) -> dict[str, str]:
    return {name: secret.get_secret_value() for name, secret in secrets.items()}


def _request(request: ByHandRequest) -> Document:
    return {
        "id": request.id,
        "authority": request.authority,
        "names": [name.value for name in request.wanted.names],
        "days": request.wanted.days,
        "profile": request.wanted.profile.value,
        "requested_by": request.wanted.actor,
        "created_at": rfc3339(request.created_at),
        "signing_request": request.signing_request_pem,
    }
