"""The directories that are known by name, and what a directory says of itself (RFC 8555 7.1.1)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from certwright.authorities.acme.documents import a_flag, a_list, a_text, a_url, an_object
from certwright.errors import CertwrightError, ErrorCode
from certwright.x509.text import printable

DIRECTORIES: Mapping[str, str] = MappingProxyType(
    {
        "letsencrypt": "https://acme-v02.api.letsencrypt.org/directory",
        "letsencrypt-staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
        "zerossl": "https://acme.zerossl.com/v2/DV90",
        "google": "https://dv.acme-v02.api.pki.goog/directory",
        "google-staging": "https://dv.acme-v02.test-api.pki.goog/directory",
        "sectigo": "https://acme.sectigo.com/v2/DV",
    }
)
"""Each as its authority's own documentation names it."""
_LONGEST_URL = 2000
_MOST_PROFILES = 50
_MOST_CAA_IDENTITIES = 50


def directory_url(text: str) -> str:
    """The address of a directory given by name or as https URL; raises INVALID_INPUT."""
    wanted = text.strip()
    if known := DIRECTORIES.get(wanted.lower()):
        return known
    try:
        parts = urlsplit(wanted)
        is_address = bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        parts, is_address = None, False
    plain = wanted.isascii() and wanted.isprintable() and " " not in wanted
    if parts is None or not is_address or not plain or len(wanted) > _LONGEST_URL:
        raise _no_directory(wanted, "it is neither a known name nor an address")
    if parts.scheme.lower() != "https":
        raise _no_directory(wanted, "a directory is reached by https only (RFC 8555 6.1)")
    return wanted


@dataclass(frozen=True)
class Directory:
    """Where a server's resources are, and what a person ought to know before using it."""

    url: str
    new_nonce: str
    new_account: str
    new_order: str
    renewal_info: str | None
    """RFC 9773 4.1; None where the authority suggests no time for renewal."""
    terms_of_service: str = ""
    website: str = ""
    external_account_required: bool = False
    caa_identities: tuple[str, ...] = ()
    """What CAA records call this authority (RFC 8555 7.1.1)."""
    profiles: Mapping[str, str] = field(default_factory=dict)
    """Name and description of each profile that can be ordered; empty where there are none."""


def read_directory(url: str, document: Mapping[str, Any]) -> Directory:
    """Read the directory fetched from `url`; raises `NotUnderstood`."""
    meta = an_object(document.get("meta", {}), "meta")
    profiles = an_object(meta.get("profiles", {}), "profiles")
    return Directory(
        url=url,
        new_nonce=a_url(document, "newNonce"),
        new_account=a_url(document, "newAccount"),
        new_order=a_url(document, "newOrder"),
        renewal_info=a_url(document, "renewalInfo") if "renewalInfo" in document else None,
        terms_of_service=a_text(meta, "termsOfService"),
        website=a_text(meta, "website"),
        external_account_required=a_flag(meta, "externalAccountRequired"),
        caa_identities=tuple(
            printable(one, 253)
            for one in a_list(meta, "caaIdentities", _MOST_CAA_IDENTITIES)
            if isinstance(one, str)
        ),
        profiles=MappingProxyType(
            {
                printable(name, 100): printable(str(description), 500)
                for name, description in list(profiles.items())[:_MOST_PROFILES]
            }
        ),
    )


def _no_directory(text: str, why: str) -> CertwrightError:
    return CertwrightError(
        ErrorCode.INVALID_INPUT,
        f'"{printable(text, 100)}" is no ACME directory: {why}.',
        f"Give one of {', '.join(DIRECTORIES)}, or an https URL.",
    )
