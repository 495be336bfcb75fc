"""When an authority wants a certificate of its own renewed (RFC 9773)."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from certwright.authorities.acme.documents import NotUnderstood, a_text, an_object
from certwright.authorities.acme.retry_after import again_at
from certwright.authorities.authority import RenewalWindow
from certwright.x509.certificate import Certificate

_SOONEST = timedelta(minutes=1)
_LATEST = timedelta(days=1)
_CUSTOMARY = timedelta(hours=6)
"""RFC 9773 4.3.3: how soon to look again where the server does not say."""
_LONGEST_MOMENT = 40
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)")
"""RFC 3339 5.6."""
_YEARS = range(2000, 9000)
"""Beyond the year 9999, as of some zone, the database gives back what Python has no word for."""
_PAGE = re.compile(r"https?://[\x21-\x7e]{1,490}")


def certificate_identifier(certificate: Certificate) -> str | None:
    """RFC 9773 4.1: the issuer's key identifier, a dot, the serial; None if it has no former."""
    key_identifier = certificate.authority_key_identifier
    if key_identifier is None:
        return None
    serial = certificate.cryptography.serial_number
    octets = serial.to_bytes(serial.bit_length() // 8 + 1, "big", signed=True)
    return f"{_base64url(bytes.fromhex(key_identifier))}.{_base64url(octets)}"


def read_renewal_window(
    document: Mapping[str, Any], retry_after: str | None, now: datetime
) -> RenewalWindow:
    """Read a RenewalInfo object fetched at `now`; raises `NotUnderstood`.

    RFC 9773 4.2: one whose end does not come after its start counts as no answer at all.
    """
    window = an_object(document.get("suggestedWindow"), "suggestedWindow")
    start, end = _moment(window, "start"), _moment(window, "end")
    if end <= start:
        raise NotUnderstood("suggestedWindow")
    page = a_text(document, "explanationURL")
    return RenewalWindow(
        start,
        end,
        again_at(retry_after, now, least=_SOONEST, most=_LATEST, otherwise=_CUSTOMARY),
        page if _PAGE.fullmatch(page) else "",
    )


def _moment(window: Mapping[str, Any], member: str) -> datetime:
    text = window.get(member)
    if not isinstance(text, str) or len(text) > _LONGEST_MOMENT or not _MOMENT.fullmatch(text):
        raise NotUnderstood(member)
    try:
        moment = datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise NotUnderstood(member) from None
    if moment.year not in _YEARS:
        raise NotUnderstood(member)
    return moment


def _base64url(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode("ascii").rstrip("=")
