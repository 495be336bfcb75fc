"""What an authority says of one certificate, and where a certificate says it can be asked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from certwright.x509.certificate import Certificate
from certwright.x509.text import day, printable

CLOCK_SKEW = timedelta(minutes=5)
"""How far the clocks of an authority and of this machine may differ."""
_MOST_ADDRESSES = 4
_Kind = TypeVar("_Kind", bound=x509.ExtensionType)


class RevocationState(StrEnum):
    """RFC 6960 2.2; a revocation list knows the first two only."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class RevocationAnswer:
    """A signed and fresh answer; `reason` is RFC 5280's name, None if none was given.

    `revoked_at` and `next_update` are UTC; `note` is what else a person should know, or "".
    """

    state: RevocationState
    reason: str | None = None
    revoked_at: datetime | None = None
    next_update: datetime | None = None
    note: str = ""


class UnusableAnswer(Exception):  # noqa: N818 - an outcome, and named as people say it
    """What came is no answer to be believed; `message` is one plain sentence that says why."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def require_fresh(what: str, this_update: datetime, next_update: datetime, at: datetime) -> None:
    """Raise `UnusableAnswer` unless `at` lies within what the answer says it is good for."""
    if at + CLOCK_SKEW < this_update:
        raise UnusableAnswer(f"{what} is of {day(this_update)}, later than the moment judged at.")
    if at - CLOCK_SKEW > next_update:
        raise UnusableAnswer(f"{what} was good until {day(next_update)} only.")


def revocation_list_addresses(certificate: Certificate) -> tuple[str, ...]:
    """The http addresses of the distribution points that cover every reason, in order.

    RFC 5280 4.2.1.13: a point with `reasons` covers those only, and one with a cRLIssuer is
    another authority's list (an indirect one).
    """
    return _only_http(_distribution_addresses(certificate))


def ocsp_addresses(certificate: Certificate) -> tuple[str, ...]:
    """The http addresses of the responders in the authority information access, in order."""
    access = _extension(certificate, x509.AuthorityInformationAccess)
    if access is None:
        return ()
    return _only_http(
        [
            description.access_location.value
            for description in access
            if description.access_method == AuthorityInformationAccessOID.OCSP
            and isinstance(description.access_location, x509.UniformResourceIdentifier)
        ]
    )


def distribution_point_names(certificate: Certificate) -> frozenset[str]:
    """Every address of a distribution point, of whatever scheme, for comparing."""
    return frozenset(_distribution_addresses(certificate))


def _distribution_addresses(certificate: Certificate) -> list[str]:
    points = _extension(certificate, x509.CRLDistributionPoints)
    return [
        name.value
        for point in points or ()
        if not point.reasons and not point.crl_issuer
        for name in point.full_name or ()
        if isinstance(name, x509.UniformResourceIdentifier)
    ]


def _only_http(addresses: list[str]) -> tuple[str, ...]:
    usable = (address for address in addresses if address.lower().startswith("http://"))
    return tuple(dict.fromkeys(usable))[:_MOST_ADDRESSES]


def _extension(certificate: Certificate, kind: type[_Kind]) -> _Kind | None:
    if not certificate.extensions_are_readable:
        return None
    try:
        return certificate.cryptography.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def reason_name(flag: x509.ReasonFlags | None) -> str | None:
    """RFC 5280 5.3.1's name of a reason; None for "unspecified", which says nothing."""
    if flag is None or flag is x509.ReasonFlags.unspecified:
        return None
    return printable(flag.value)
