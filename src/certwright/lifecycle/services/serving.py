"""What a service serves that is known by its thumbprint alone: the store it lies in is not ours."""

from dataclasses import replace

from certwright.machine.handshake import HandshakeFailed, shake_hands
from certwright.machine.services.pem.certificates import thumbprint_of
from certwright.machine.services.service import FoundEndpoint
from certwright.machine.starttls import StartTls


def with_served(found: FoundEndpoint) -> FoundEndpoint:
    """With the certificate that a handshake shows, if it is the one that the settings name."""
    if found.certificate or not found.thumbprint:
        return found
    for address in found.addresses:
        name = next(iter(found.names), address.host)
        starttls = StartTls(address.starttls) if address.starttls else None
        try:
            served = shake_hands(address.host, address.port, name, starttls=starttls).chain[0]
        except HandshakeFailed:
            continue
        if thumbprint_of(served) == found.thumbprint:
            return replace(found, certificate=served)
    return found
