"""REST: renewals, what is due, and requests for a first certificate."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, Field

from certwright.access.rights import Caller
from certwright.api.authentication import CallerOf
from certwright.api.documents import Document
from certwright.api.renewal_documents import plan_document, renewal_document, story_document
from certwright.authorities.records import INTERNAL
from certwright.lifecycle.first_start import LEAF_LIFETIME
from certwright.lifecycle.renewal.asking import (
    activations_of,
    postpone_planned,
    renew,
    renew_due,
    what_would_happen,
)
from certwright.lifecycle.renewal.deciding import agree, decline, go_on_now, postpone
from certwright.lifecycle.renewal.record import RenewalState, get_renewal, latest_renewals
from certwright.lifecycle.renewal.rehearsing import begin_rehearsing
from certwright.lifecycle.renewal.requesting import Ordered, request_certificate
from certwright.lifecycle.renewal.story import story_of
from certwright.lifecycle.server import Server
from certwright.services.endpoints import RenewalKey, parse_endpoint_name
from certwright.x509.keys import KeyType
from certwright.x509.profile import Profile
from certwright.x509.signing_requests import LARGEST_REQUEST

_MOST = 1000
_LARGEST_NUMBER = 2**63 - 1
_LONGEST_SECONDS = 10**9
_Number = Annotated[int, Field(ge=1, le=_LARGEST_NUMBER)]
_Name = Annotated[str, Field(max_length=300)]
_Certificate = Annotated[str, Field(max_length=200)]
"""By thumbprint, fingerprint, or a beginning of either."""


class WantedRenewal(BaseModel):
    """Which certificate is to be renewed; `key` and `authority` are null for what is set."""

    certificate: _Certificate
    key: RenewalKey | None = None
    authority: str | None = Field(default=None, max_length=200)


class DueRenewals(BaseModel):
    """With `dry_run` nothing is begun."""

    dry_run: bool = False


class Postponement(BaseModel):
    """Until when a renewal waits (RFC 3339, with its offset)."""

    until: AwareDatetime


class WantedCertificate(BaseModel):
    """A first certificate; with `signing_request` (PKCS#10, PEM) the private key is elsewhere."""

    names: list[_Name] = Field(default_factory=list, max_length=1000)
    authority: str = Field(default=INTERNAL, max_length=200)
    key_type: KeyType = KeyType.EC_P256
    common_name: _Name | None = None
    lifetime_seconds: int = Field(
        default=round(LEAF_LIFETIME.total_seconds()), ge=1, le=_LONGEST_SECONDS
    )
    signing_request: str | None = Field(default=None, max_length=LARGEST_REQUEST)
    profile: Profile = Profile.SERVER


class WantedRehearsal(BaseModel):
    """Who is to issue for a rehearsal; null for the staging authority of who would issue."""

    authority: str | None = Field(default=None, max_length=200)


def rehearsals_router(server: Server, caller_of: CallerOf) -> APIRouter:
    """Begin a rehearsal; what becomes of it is a renewal's story."""
    router = APIRouter(tags=["renewals"])
    authenticated = Depends(caller_of)

    @router.post("/endpoints/{name:path}/rehearsal", status_code=201)
    def rehearse(
        name: str, wanted: WantedRehearsal, caller: Annotated[Caller, authenticated]
    ) -> Document:
        """Go the whole way of a renewal at an endpoint, and undo the switch at the end."""
        endpoint = parse_endpoint_name(name)
        number = begin_rehearsing(server, endpoint, caller, wanted.authority)
        with server.database.connect() as connection:
            return renewal_document(get_renewal(connection, number))

    return router


def renewals_router(server: Server, caller_of: CallerOf) -> APIRouter:
    """List, show, begin, and decide about those at work."""
    router = APIRouter(prefix="/renewals", tags=["renewals"])
    authenticated = Depends(caller_of)

    @router.get("", dependencies=[authenticated])
    def list_latest(
        state: RenewalState | None = None, limit: Annotated[int, Query(ge=1, le=_MOST)] = 100
    ) -> list[Document]:
        """The latest renewals, or the latest in one state."""
        with server.database.connect() as connection:
            return list(map(renewal_document, latest_renewals(connection, limit, state)))

    @router.post("", status_code=201)
    def begin(wanted: WantedRenewal, caller: Annotated[Caller, authenticated]) -> Document:
        """Begin the renewal of a certificate, due or not; one at work is gone on with now."""
        return renewal_document(
            renew(
                server,
                wanted.certificate,
                key=wanted.key,
                authority=wanted.authority,
                caller=caller,
            )
        )

    @router.get("/plans", dependencies=[authenticated])
    def list_plans() -> list[Document]:
        """What is to happen to each certificate in use, the next to happen first."""
        return [
            plan_document(one, activations_of(server, one)) for one in what_would_happen(server)
        ]

    @router.post("/due")
    def begin_due(wanted: DueRenewals, caller: Annotated[Caller, authenticated]) -> Document:
        """Begin all that are due; the plans are those from before."""
        plans = list_plans()
        begun = () if wanted.dry_run else renew_due(server, caller=caller)
        return {"plans": plans, "renewals": list(map(renewal_document, begun))}

    @router.post("/of/{certificate}/postpone")
    def put_off_planned(
        certificate: _Certificate, wanted: Postponement, caller: Annotated[Caller, authenticated]
    ) -> Document:
        """Let the renewal of a certificate wait, begun or only planned."""
        return renewal_document(postpone_planned(server, certificate, wanted.until, caller=caller))

    @router.get("/{number}", dependencies=[authenticated])
    def show(number: _Number) -> Document:
        """The story of a renewal, the steps of its activations among its own."""
        with server.database.connect() as connection:
            return story_document(story_of(connection, number))

    @router.post("/{number}/agree")
    def agree_to(number: _Number, caller: Annotated[Caller, authenticated]) -> Document:
        """Take on the new certificate with what it lacks."""
        return renewal_document(agree(server, number, caller=caller))

    @router.post("/{number}/decline")
    def end(number: _Number, caller: Annotated[Caller, authenticated]) -> Document:
        """End it; the certificate is not renewed by itself any more."""
        return renewal_document(decline(server, number, caller=caller))

    @router.post("/{number}/postpone")
    def put_off(
        number: _Number, wanted: Postponement, caller: Annotated[Caller, authenticated]
    ) -> Document:
        """Let it wait, as long as a tenth of the certificate's lifetime is left."""
        return renewal_document(postpone(server, number, wanted.until, caller=caller))

    @router.post("/{number}/now")
    def hurry(number: _Number, caller: Annotated[Caller, authenticated]) -> Document:
        """Go on with it now, if it waits."""
        return renewal_document(go_on_now(server, number, caller=caller))

    return router


def certificate_requests_router(server: Server, caller_of: CallerOf) -> APIRouter:
    """Requests for a first certificate."""
    router = APIRouter(prefix="/requests", tags=["renewals"])

    @router.post("", status_code=201)
    def request(
        wanted: WantedCertificate, caller: Annotated[Caller, Depends(caller_of)]
    ) -> Document:
        """Begin to get a certificate; how it stands is told by the renewal of that number."""
        signing_request = wanted.signing_request
        return renewal_document(
            request_certificate(
                server,
                Ordered(
                    names=tuple(wanted.names),
                    authority=wanted.authority,
                    key_type=wanted.key_type,
                    common_name=wanted.common_name,
                    lifetime=timedelta(seconds=wanted.lifetime_seconds),
                    signing_request=signing_request.encode() if signing_request else None,
                    profile=wanted.profile,
                ),
                caller=caller,
            )
        )

    return router
