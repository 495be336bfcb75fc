"""Setting up a public authority: which directory, its terms, and only then yes."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Response
from pydantic import SecretStr

from certwright.access.rights import Right, require
from certwright.authorities.acme.directories import DIRECTORIES, Directory
from certwright.authorities.records import AuthorityKind, AuthorityRecord
from certwright.designer.certificate_location import request_address
from certwright.designer.error_pages import status_of
from certwright.designer.pages import Pages, go_on_to, leave_for
from certwright.designer.route import DesignerRoute
from certwright.designer.visitor import Door, Visitor
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.authorities import create_authority, look_at_directory
from certwright.lifecycle.server import Server
from certwright.services.endpoints import parse_endpoint_name

_LONGEST = 2000
_LONGEST_PEM = 64 * 1024
_OTHER = "other"
_TITLES = {
    "letsencrypt": "Let's Encrypt",
    "letsencrypt-staging": "Let's Encrypt, staging: to try it, trusted by nobody",
    "zerossl": "ZeroSSL",
    "google": "Google Trust Services",
    "google-staging": "Google Trust Services, staging: to try it, trusted by nobody",
    "sectigo": "Sectigo",
}
_CHALLENGES = (
    ("http-01", "The authority calls port 80 of each name, which has to reach this node"),
    ("tls-alpn-01", "The authority calls port 443 of each name, which has to reach this node"),
)
_NO_KEY = SecretStr("")
_Text = Annotated[str, Form(max_length=_LONGEST)]


@dataclass(frozen=True)
class AskedDirectory:
    """The first half of the form; `endpoint` is where it was begun from, "" for nowhere."""

    choice: str
    other: str
    ca_pem: str
    endpoint: str

    @property
    def directory(self) -> str:
        """A known name, or an address."""
        return self.other if self.choice == _OTHER else self.choice

    @property
    def proposed_name(self) -> str:
        """What the authority might be called."""
        return self.choice if self.choice in DIRECTORIES else "public"


@dataclass(frozen=True)
class AskedAuthority:
    """The second half."""

    name: str
    contact: str
    challenge: str
    agreed: bool
    eab_identifier: str
    eab_key: SecretStr = field(repr=False)

    def record(self, asked: AskedDirectory) -> AuthorityRecord:
        """What is to be kept; raises INVALID_INPUT where the terms are not agreed to."""
        if not self.agreed:
            raise CertwrightError(
                ErrorCode.INVALID_INPUT,
                "The authority issues to nobody who does not agree to its terms.",
                "Read them, and tick the box if you agree.",
            )
        settings: dict[str, Any] = {
            "directory": asked.directory,
            "challenge": self.challenge,
            "contact": self.contact.replace(",", " ").split(),
            "ca_pem": asked.ca_pem,
            "eab_identifier": self.eab_identifier.strip(),
        }
        key = self.eab_key.get_secret_value().strip()
        secrets = {"eab_hmac_key": key} if key else {}
        return AuthorityRecord(self.name.strip(), AuthorityKind.ACME, settings, secrets)


def asked_directory(
    directory: _Text = "",
    other: _Text = "",
    ca_pem: Annotated[str, Form(max_length=_LONGEST_PEM)] = "",
    endpoint: _Text = "",
) -> AskedDirectory:
    """Out of the form; raises NOT_FOUND for an endpoint that is none."""
    if endpoint:
        parse_endpoint_name(endpoint)
    return AskedDirectory(directory, other.strip(), ca_pem.strip(), endpoint)


def asked_authority(
    name: _Text = "",
    contact: _Text = "",
    challenge: _Text = "",
    agreed: Annotated[bool, Form()] = False,
    eab_identifier: _Text = "",
    eab_key: Annotated[SecretStr, Form(max_length=_LONGEST)] = _NO_KEY,
) -> AskedAuthority:
    """Out of the form."""
    return AskedAuthority(name, contact, challenge, agreed, eab_identifier, eab_key)


_Directory = Annotated[AskedDirectory, Depends(asked_directory)]


def authority_adding_router(server: Server) -> APIRouter:
    """`/add-authority`, the terms of the one that was chosen, and yes."""
    router = APIRouter(route_class=DesignerRoute)
    door = Door(server)
    pages = Pages(server)

    def choose(
        visitor: Visitor, asked: AskedDirectory, problem: CertwrightError | None = None
    ) -> Response:
        require(visitor.caller, Right.ADMIN, "set up an authority")
        return pages.show(
            "authority_add.html",
            visitor,
            status=status_of(problem) if problem else 200,
            problem=problem,
            asked=asked,
            directories=[(name, _TITLES.get(name, name)) for name in DIRECTORIES],
            example="https://acme.example/directory",
            back=_back(asked),
        )

    def settle(
        visitor: Visitor,
        asked: AskedDirectory,
        found: Directory,
        given: AskedAuthority,
        problem: CertwrightError | None = None,
    ) -> Response:
        return pages.show(
            "authority_terms.html",
            visitor,
            status=status_of(problem) if problem else 200,
            problem=problem,
            asked=asked,
            given=given,
            found=found,
            terms_can_be_opened=found.terms_of_service.startswith(("https://", "http://")),
            title=_TITLES.get(asked.choice, "a public authority").partition(",")[0],
            challenges=_CHALLENGES,
            back=_back(asked),
        )

    @router.get("/add-authority")
    def show_form(
        visitor: Annotated[Visitor, Depends(door.visitor)],
        endpoint: Annotated[str, Query(alias="for", max_length=_LONGEST)] = "",
    ) -> Response:
        return choose(visitor, asked_directory(next(iter(DIRECTORIES)), "", "", endpoint))

    @router.post("/add-authority/terms")
    def show_terms(
        visitor: Annotated[Visitor, Depends(door.sender)], asked: _Directory
    ) -> Response:
        try:
            found = look_at_directory(asked.directory, asked.ca_pem, caller=visitor.caller)
        except CertwrightError as problem:
            return choose(visitor, asked, problem)
        given = AskedAuthority(asked.proposed_name, "", _CHALLENGES[0][0], False, "", _NO_KEY)
        return settle(visitor, asked, found, given)

    @router.post("/add-authority/yes")
    def create(
        visitor: Annotated[Visitor, Depends(door.sender)],
        asked: _Directory,
        given: Annotated[AskedAuthority, Depends(asked_authority)],
    ) -> Response:
        try:
            create_authority(server, given.record(asked), caller=visitor.caller)
        except CertwrightError as problem:
            try:
                found = look_at_directory(asked.directory, asked.ca_pem, caller=visitor.caller)
            except CertwrightError as other:
                return choose(visitor, asked, other)
            return settle(visitor, asked, found, given, problem)
        if not asked.endpoint:
            return leave_for(visitor, "/")
        return go_on_to(request_address(parse_endpoint_name(asked.endpoint)))

    return router


def _back(asked: AskedDirectory) -> str:
    return request_address(parse_endpoint_name(asked.endpoint)) if asked.endpoint else "/"
