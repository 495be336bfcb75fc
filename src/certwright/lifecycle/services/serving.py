"""What a service serves before it is taken on, seen by a handshake.

The store in which its certificate lies may not be ours, and its clients get intermediates that no
store of ours has yet.
"""

from certwright.errors import CertwrightError
from certwright.machine.handshake import HandshakeFailed, shake_hands
from certwright.machine.services.pem.certificates import thumbprint_of
from certwright.machine.services.service import FoundEndpoint
from certwright.machine.starttls import StartTls
from certwright.x509.certificate import Certificate
from certwright.x509.chains import complete_chain

_LONGEST_CHAIN = 10


def served_chain(found: FoundEndpoint) -> tuple[Certificate, ...]:
    """The certificate that its settings name and the intermediates sent with it.

    () where nothing answers, where another is served, or what is served cannot be read.
    """
    for address in found.addresses if found.thumbprint else ():
        name = next(iter(found.names), address.host)
        starttls = StartTls(address.starttls) if address.starttls else None
        try:
            sent = shake_hands(address.host, address.port, name, starttls=starttls).chain
            if thumbprint_of(sent[0]) == found.thumbprint:
                return _in_order([Certificate.from_der(one) for one in sent[:_LONGEST_CHAIN]])
        except (HandshakeFailed, CertwrightError):
            continue
    return ()


def _in_order(sent: list[Certificate]) -> tuple[Certificate, ...]:
    leaf, *others = sent
    above = complete_chain(leaf, others)[1:]
    return (leaf, *(one for one in above if not one.is_self_signed))
