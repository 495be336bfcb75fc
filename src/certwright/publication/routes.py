"""What anybody may download in the clear; the front lets only these through its plain port."""

from fastapi import APIRouter, Response

from certwright.authorities.acme.challenge_answers import find_answer
from certwright.authorities.root_keys import RootKeyFolder
from certwright.database.engine import reading
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.revocation import current_revocation_list
from certwright.lifecycle.server import Server
from certwright.x509.certificate import Certificate

# RFC 2585 4: media types of certificates and revocation lists.
_CERTIFICATE = "application/pkix-cert"
_REVOCATION_LIST = "application/pkix-crl"
_PEM = "application/x-pem-file"
_ANSWER = "application/octet-stream"  # RFC 8555 8.3
_CACHE = {"Cache-Control": "public, max-age=300"}
_NO_CACHE = {"Cache-Control": "no-store"}


def publication_router(server: Server, root_keys: RootKeyFolder) -> APIRouter:
    """Root, intermediate, their revocation lists, and answers to authorities that look here."""
    router = APIRouter(prefix="/publication", include_in_schema=False)
    published = {
        certificate.fingerprint: certificate
        for certificate in (server.authority.root, server.authority.intermediate)
    }

    @router.get("/root.pem")
    @router.head("/root.pem")
    def root() -> Response:
        return Response(server.authority.root.pem, media_type=_PEM, headers=_CACHE)

    @router.get("/ca/{fingerprint}.cer")
    @router.head("/ca/{fingerprint}.cer")
    def authority_certificate(fingerprint: str) -> Response:
        certificate = _find(published, fingerprint)
        return Response(certificate.der, media_type=_CERTIFICATE, headers=_CACHE)

    @router.get("/crl/{fingerprint}.crl")
    @router.head("/crl/{fingerprint}.crl")
    def revocation_list(fingerprint: str) -> Response:
        der = current_revocation_list(server, root_keys, _find(published, fingerprint))
        return Response(der, media_type=_REVOCATION_LIST, headers=_CACHE)

    @router.get("/acme-challenge/{token}")
    @router.head("/acme-challenge/{token}")
    def challenge_answer(token: str) -> Response:
        with reading(server.database) as connection:
            answer = find_answer(connection, server.vault.key, token)
        if answer is None:
            raise CertwrightError(
                ErrorCode.NOT_FOUND,
                "No authority is waiting for an answer to this token.",
                "It may have looked already; certwright events tells what came of it.",
            )
        return Response(answer, media_type=_ANSWER, headers=_NO_CACHE)

    return router


def _find(published: dict[str, Certificate], fingerprint: str) -> Certificate:
    try:
        return published[fingerprint]
    except KeyError:
        raise CertwrightError(
            ErrorCode.NOT_FOUND,
            "There is no authority with this fingerprint.",
            "The certificates that are here stand in the leaf's authority information access.",
        ) from None
