"""TXT records by the HTTP API of acme-dns, to whose account `_acme-challenge` is a CNAME.

Source: https://github.com/joohoi/acme-dns#update-endpoint. It keeps the two values that came last,
as a name and its wildcard need, and never removes one.
"""

from dataclasses import dataclass, field

from requests import RequestException

from certwright.authorities.acme.dns.settings import AcmeDnsSettings
from certwright.authorities.acme.transport import bounded_session, trust
from certwright.authorities.authority import IssuanceFailed

_EXCHANGE_SECONDS = 20.0
_OK = 200
_WRONG_ACCOUNT = frozenset({401, 403})


@dataclass(frozen=True)
class AcmeDnsRecords:
    """An account of an acme-dns server."""

    settings: AcmeDnsSettings
    password: str = field(repr=False)
    ca_pem: str = ""
    seconds: float = _EXCHANGE_SECONDS

    def add(self, name: str, value: str) -> None:
        """Set the account's newer value, to which `name` is a CNAME; raises IssuanceFailed."""
        session = bounded_session(trust(self.ca_pem), self.seconds)
        headers = {"X-Api-User": self.settings.username, "X-Api-Key": self.password}
        update = {"subdomain": self.settings.subdomain, "txt": value}
        url = f"{self.settings.url.rstrip('/')}/update"
        try:
            status = session.post(url, json=update, headers=headers).status_code
        except RequestException:
            raise IssuanceFailed(
                f"The acme-dns server at {self.settings.url} cannot be asked.",
                "Look at its address.",
            ) from None
        if status == _OK:
            return
        remedy = (
            "Give the user name, password and subdomain of one and the same account."
            if status in _WRONG_ACCOUNT
            else "Look into the log of the acme-dns server."
        )
        raise IssuanceFailed(
            f"The acme-dns server did not take the record for {name} (HTTP status {status}).",
            remedy,
        )

    def remove(self, name: str, value: str) -> None:
        """Nothing: a later value takes its place."""
