"""The certificate window opens for whatever certificate, and for whoever may see it."""

from collections.abc import Callable

import pytest

from certwright.access.rights import Right
from certwright.lifecycle.server import Server
from certwright.stores.database import add_certificate
from certwright.stores.place import PERSONAL
from certwright.x509.certificate import Certificate

from ..web_client import TestClient
from ..x509.certificate_vectors import certificate_vectors, vector

TABS = ("", "/details", "/path", "/right-for", "/delete")
ODD = (
    "custom/malformed-san.pem",
    "custom/two_basic_constraints.pem",
    "custom/negative_serial.pem",
    "custom/unsupported_extension_critical.pem",
    "custom/all_supported_names.pem",
    "scottishpower-bitstring-dn.pem",
    "v1_cert.pem",
)
EVERY_SO_MANY = 25


def odd_certificates() -> list[Certificate]:
    sampled = [Certificate.from_der(der) for der in certificate_vectors()[::EVERY_SO_MANY]]
    return [vector(name) for name in ODD] + sampled


def test_every_tab_opens_for_every_certificate(
    server: Server, log_in: Callable[[Right], TestClient]
) -> None:
    client = log_in(Right.ADMIN)
    certificates = odd_certificates()
    with server.database.begin() as connection:
        for certificate in certificates:
            add_certificate(connection, certificate, PERSONAL, server.now())
    opened = {
        (certificate.fingerprint, tab): client.get(f"/certificates/{certificate.fingerprint}{tab}")
        for certificate in certificates
        for tab in TABS
    }
    assert {answer.status_code for answer in opened.values()} == {200}
    assert all("window-body" in answer.text for answer in opened.values())


@pytest.mark.parametrize("tab", TABS)
def test_stranger_is_sent_to_the_log_in(
    server: Server, log_in: Callable[[Right], TestClient], tab: str
) -> None:
    client = log_in(Right.READ)
    client.cookies.clear()
    address = f"/certificates/{server.authority.root.fingerprint}{tab}"
    answer = client.get(address, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"][:7]) == (303, "/log-in")


@pytest.mark.parametrize("action", ["friendly-name", "archived", "delete"])
def test_form_without_token_changes_nothing(
    server: Server, log_in: Callable[[Right], TestClient], action: str
) -> None:
    client = log_in(Right.ADMIN)
    address = f"/certificates/{server.authority.root.fingerprint}/{action}"
    answer = client.post(address, data={"archived": "true"})
    assert answer.status_code == 403
    assert "nothing was changed" in answer.text


def test_store_that_does_not_hold_it_says_so(
    server: Server, log_in: Callable[[Right], TestClient]
) -> None:
    client = log_in(Right.READ)
    address = f"/certificates/{server.authority.root.fingerprint}"
    assert client.get(f"{address}?location=LocalMachine&store=Root").status_code == 200
    assert client.get(f"{address}?location=CurrentUser&store=My").status_code == 404
    assert client.get(f"{address}?location=Moon&store=My").status_code == 400
