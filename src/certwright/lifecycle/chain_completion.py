"""The issuers that nobody brought, fetched from where the certificates say they are.

RFC 5280 4.2.2.1: "the id-ad-caIssuers OID is used when the additional information lists
certificates that were issued to the CA that issued the certificate containing this extension."
Certificate authorities often leave them to the client; many clients do not fetch any.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from certwright.errors import CertwrightError
from certwright.machine.fetching import FetchFailed, fetch
from certwright.x509.certificate import Certificate, is_signed_by
from certwright.x509.chains import complete_chain
from certwright.x509.derivation import Budget
from certwright.x509.reading import read_bundle

_MOST_ISSUERS = 5
_MOST_ADDRESSES = 3
_MOST_BYTES = 64 * 1024
_ALL_SECONDS = 10.0
_ONE_SECONDS = 5.0

Fetch = Callable[[str, float], bytes]
"""Address and seconds to the content; raises `FetchFailed`."""


@dataclass(frozen=True)
class Completion:
    """The issuers found, each with its address, and what the administrator should know."""

    found: dict[Certificate, str]
    notes: tuple[str, ...]


def fetcher(*, allow_private: bool) -> Fetch:
    """Fetches issuers over HTTP, from inside the network too if `allow_private`."""
    return lambda url, seconds: fetch(
        url, most_bytes=_MOST_BYTES, timeout_seconds=seconds, allow_private=allow_private
    )


def fetch_issuers(
    heads: Sequence[Certificate],
    pool: Sequence[Certificate],
    roots: Sequence[Certificate],
    fetch_one: Fetch,
) -> Completion:
    """What lacks between `heads` and a root, as far as it can be had within ten seconds.

    Only what really signed is taken, and no root: whom to trust is not for the network to say.
    """
    search = _Search(time.monotonic() + _ALL_SECONDS, fetch_one)
    known = (*pool, *roots)
    for head in heads:
        for _ in range(_MOST_ISSUERS):
            top = complete_chain(head, (*known, *search.found))[-1]
            if top.is_self_issued or top in search.asked:
                break
            search.look_above(top)
    return Completion(search.found, tuple(dict.fromkeys(search.notes)))


class _Search:
    def __init__(self, deadline: float, fetch_one: Fetch) -> None:
        self.found: dict[Certificate, str] = {}
        self.asked: set[Certificate] = set()
        self.notes: list[str] = []
        self._deadline = deadline
        self._fetch = fetch_one
        self._budget = Budget()

    def look_above(self, certificate: Certificate) -> None:
        """Add the issuer of `certificate`, or a note that says why not."""
        self.asked.add(certificate)
        addresses = certificate.issuer_addresses[:_MOST_ADDRESSES]
        if not addresses:
            self.notes.append(
                f"{certificate.short_name} does not say where its issuer can be fetched."
            )
        for address in addresses:
            if len(self.found) >= _MOST_ISSUERS or self._add_from(address, certificate):
                return

    def _add_from(self, address: str, certificate: Certificate) -> bool:
        seconds = min(_ONE_SECONDS, self._deadline - time.monotonic())
        if seconds <= 0:
            self.notes.append(f"Fetching was given up after {_ALL_SECONDS:g} seconds.")
            return False
        try:
            content = self._fetch(address, seconds)
            candidates = read_bundle(content, None, self._budget).certificates
        except FetchFailed as failure:
            self.notes.append(failure.message)
            return False
        except CertwrightError:
            candidates = ()
        issuers = [one for one in candidates if is_signed_by(certificate, one)]
        if not issuers:
            self.notes.append(
                f"What lies at {address} is not the issuer of {certificate.short_name}."
            )
            return False
        issuer = max(issuers, key=lambda one: (one.is_authority, one.not_after))
        if issuer.is_self_issued:
            self.notes.append(
                f"The root {issuer.short_name} was found at {address}, but roots are not taken "
                "from the network: import it from somebody you trust."
            )
            return True
        self.found[issuer] = address
        return True
