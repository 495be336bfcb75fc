"""Has an authority taken back a certificate of this chain? Asked where the certificates say.

The list first, the responder only where the list gave no answer: since ballot SC-063v4 every
public authority has to publish a list and need not run a responder, companies' authorities
mostly have a list alone, and whoever serves a list does not learn which server is looked at.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from certwright.rules.revocation import Revocation
from certwright.x509.certificate import Certificate
from certwright.x509.ocsp import (
    NONCE_OCTETS,
    REQUEST_TYPE,
    build_ocsp_request,
    judge_ocsp_response,
)
from certwright.x509.revocation_answer import (
    RevocationAnswer,
    RevocationState,
    UnusableAnswer,
    ocsp_addresses,
    revocation_list_addresses,
)
from certwright.x509.revocation_by_list import judge_revocation_list

_LARGEST_LIST = 32 * 1024 * 1024
"""Bytes; the largest lists of public authorities have some ten million."""
_LARGEST_RESPONSE = 64 * 1024
_FETCH_SECONDS = 10.0
_ALL_SECONDS = 30.0
_SHORT_LIVED = timedelta(days=7)
"""Ballot SC-063v4: so short-lived a certificate needs no way to be taken back."""

Source = Literal["OCSP", "CRL"]


@dataclass(frozen=True)
class AskedRevocation:
    """What is known of one certificate; `asked` is the address that answered, or ""."""

    certificate: Certificate
    revocation: Revocation
    asked: str
    note: str


@dataclass(frozen=True)
class RevocationDesk:
    """How to ask: `allow_private` lets addresses inside the own network be asked too.

    `entropy` gives that many random bytes.
    """

    allow_private: bool
    entropy: Callable[[int], bytes]

    def ask(self, path: Sequence[Certificate], at: datetime) -> tuple[AskedRevocation, ...]:
        """Ask for each certificate of `path` (leaf first) but a root, half a minute in all.

        A short-lived one that names no place to ask is left out, as that is how it is meant.
        """
        errand = _Errand(self, at, time.monotonic() + _ALL_SECONDS)
        issuers = dict(pairwise(path))
        return tuple(
            errand.ask(certificate, issuers.get(certificate))
            for certificate in path
            if not certificate.is_self_issued and not _needs_none(certificate)
        )


def _needs_none(certificate: Certificate) -> bool:
    lifetime = certificate.not_after - certificate.not_before
    return lifetime <= _SHORT_LIVED and not _ways(certificate)


def _ways(certificate: Certificate) -> tuple[tuple[Source, str], ...]:
    lists: list[tuple[Source, str]] = [("CRL", u) for u in revocation_list_addresses(certificate)]
    return (*lists, *(("OCSP", url) for url in ocsp_addresses(certificate)))


@dataclass(frozen=True)
class _Errand:
    desk: RevocationDesk
    at: datetime
    deadline: float

    def ask(self, certificate: Certificate, issuer: Certificate | None) -> AskedRevocation:
        # Imported here, as it takes a while and most checks ask nobody.
        from certwright.machine.fetching import FetchFailed

        if issuer is None:
            failure = f"The certificate of {certificate.issuer_name} is missing, so nothing that "
            return _unknown(certificate, "CRL", failure + "it says can be believed.")
        failures: list[str] = []
        unknown: AskedRevocation | None = None
        for source, url in _ways(certificate):
            try:
                answer = self._answer(source, url, certificate, issuer)
            except (FetchFailed, UnusableAnswer) as failure:
                failures.append(failure.message)
                continue
            found = _asked(certificate, source, url, answer)
            if found.revocation.state is not RevocationState.UNKNOWN:
                return found
            unknown = unknown or found
        if unknown is not None:
            return unknown
        told = " ".join(dict.fromkeys(failures)) or (
            "It names neither a revocation list nor an OCSP responder that can be asked over http."
        )
        last: Source = "OCSP" if ocsp_addresses(certificate) else "CRL"
        return _unknown(certificate, last, told)

    def _answer(
        self, source: Source, url: str, certificate: Certificate, issuer: Certificate
    ) -> RevocationAnswer:
        from certwright.machine.fetching import FetchFailed, fetch

        seconds = min(_FETCH_SECONDS, self.deadline - time.monotonic())
        if seconds <= 0:
            raise FetchFailed("There was no time left to ask.")
        if source == "CRL":
            data = fetch(
                url,
                most_bytes=_LARGEST_LIST,
                timeout_seconds=seconds,
                allow_private=self.desk.allow_private,
            )
            return judge_revocation_list(data, certificate, issuer, self.at)
        nonce = self.desk.entropy(NONCE_OCTETS)
        data = fetch(
            url,
            most_bytes=_LARGEST_RESPONSE,
            timeout_seconds=seconds,
            allow_private=self.desk.allow_private,
            body=build_ocsp_request(certificate, issuer, nonce),
            content_type=REQUEST_TYPE,
        )
        return judge_ocsp_response(data, certificate, issuer, nonce, self.at)


def _asked(
    certificate: Certificate, source: Source, url: str, answer: RevocationAnswer
) -> AskedRevocation:
    revocation = Revocation(
        state=answer.state,
        source=source,
        reason=answer.reason,
        revoked_at=answer.revoked_at,
        failure=None,
    )
    return AskedRevocation(certificate, revocation, url, answer.note)


def _unknown(certificate: Certificate, source: Source, failure: str) -> AskedRevocation:
    revocation = Revocation(RevocationState.UNKNOWN, source, None, None, failure)
    return AskedRevocation(certificate, revocation, "", "")
