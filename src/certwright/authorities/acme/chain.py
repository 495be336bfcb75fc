"""What came for an order: read, judged as every answer is, and the preferred chain chosen."""

from collections.abc import Iterable
from datetime import datetime

from certwright.authorities.answers import AnswerRefused, accept_answer
from certwright.authorities.authority import CertificateRequest, IssuanceFailed, IssuedCertificate
from certwright.errors import CertwrightError
from certwright.x509.certificate import Certificate
from certwright.x509.pem import CERTIFICATE_LABELS, all_pem_blocks

_MOST_CERTIFICATES = 20


def read_chain(pem: bytes, request: CertificateRequest, now: datetime) -> IssuedCertificate:
    """The certificate for `request` with its chain, from `pem`; raises IssuanceFailed.

    RFC 8555 7.4.2: application/pem-certificate-chain, certificates and nothing else.
    """
    found = _certificates(pem)
    try:
        return accept_answer(found, request, now)
    except AnswerRefused as refused:
        raise _wrong(refused.message) from None


def leads_to(issued: IssuedCertificate, root_name: str) -> bool:
    """Whether the chain ends at the root of that Common Name, in it or above it."""
    top = (issued.root, *reversed(issued.intermediates), issued.leaf)
    last = next(certificate for certificate in top if certificate is not None)
    return last.issuer_name == root_name


def choose_chain(
    default: IssuedCertificate, others: Iterable[IssuedCertificate], root_name: str
) -> IssuedCertificate:
    """The first that leads to the root of that name; the default one where none does."""
    for issued in (default, *others):
        if leads_to(issued, root_name):
            return issued
    return default


def _certificates(pem: bytes) -> list[Certificate]:
    blocks = list(all_pem_blocks(pem))
    if not 0 < len(blocks) <= _MOST_CERTIFICATES:
        raise _wrong("It is no list of certificates in PEM.")
    if any(block.label not in CERTIFICATE_LABELS for block in blocks):
        raise _wrong("There is something else than certificates in it.")
    try:
        return [Certificate.from_der(block.der) for block in blocks]
    except CertwrightError as error:
        raise _wrong(error.message) from None


def _wrong(why: str) -> IssuanceFailed:
    return IssuanceFailed(
        f"The authority sent something else than was ordered. {why}",
        "It is ordered anew at the next attempt; if it stays so, tell the authority's support.",
        starts_over=True,
    )
