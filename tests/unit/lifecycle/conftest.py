"""A node that serves and is proven, and ways to give it certificates right and wrong."""

from collections.abc import Callable

import pytest

from certwright.access.rights import Caller
from certwright.lifecycle import activation
from certwright.lifecycle.first_start import provide_certificate
from certwright.lifecycle.importing import import_certificate
from certwright.lifecycle.selection import select_certificate
from certwright.lifecycle.server import Server
from certwright.machine.handshake import shake_hands
from certwright.services.endpoints import EndpointName, OwnEndpoint, WebServerProtocol
from certwright.x509.certificate import Certificate

from ..foreign_authority import Issued

Selector = Callable[[Issued, EndpointName], None]


@pytest.fixture
def serving(server: Server, admin: Caller) -> Server:
    """Both endpoints activated and proven with the internal authority's certificate."""
    provide_certificate(server, None)
    for endpoint in OwnEndpoint:
        assert activation.activate(server, endpoint, admin).state == "proven"
    return server


@pytest.fixture
def select_confirmed(server: Server, admin: Caller) -> Selector:
    """Imports a certificate and selects it, whatever the rules say."""

    def select(issued: Issued, endpoint: EndpointName) -> None:
        import_certificate(server, issued.pem, None, friendly_name="", caller=admin)
        select_certificate(
            server,
            endpoint,
            issued.leaf.fingerprint,
            read_version=None,
            confirmed=True,
            caller=admin,
        )

    return select


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits for a switch to show for a third of a second instead of five."""
    monkeypatch.setattr(activation, "_PROOF_PATIENCE", 0.3)


def served_at(server: Server, endpoint: EndpointName) -> Certificate:
    """The certificate that a client gets at this moment."""
    port = server.port_of(endpoint, WebServerProtocol.HTTPS)
    return Certificate.from_der(shake_hands("127.0.0.1", port, server.name).chain[0])
