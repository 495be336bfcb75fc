"""What anybody may download in the clear; the front lets only these through its plain port."""

from fastapi import APIRouter, Response

from certwright.authorities.root_keys import RootKeyFolder
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.revocation import current_revocation_list
from certwright.lifecycle.server import Server
from certwright.x509.certificate import Certificate

# RFC 2585 4: media types of certificates and revocation lists.
_CERTIFICATE = "application/pkix-cert"
_REVOCATION_LIST = "application/pkix-crl"
_PEM = "application/x-pem-file"
_CACHE = {"Cache-Control": "public, max-age=300"}


def publication_router(server: Server, root_keys: RootKeyFolder) -> APIRouter:
    """Root, intermediate, and their revocation lists."""
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
