"""Certificates as the node hands them to a service."""

from datetime import UTC, datetime

from tests.unit.foreign_authority import ForeignAuthority

from certwright.machine.services.service import Material
from certwright.x509.keys import private_key_to_pem

PFX_PASSWORD = "one time alone"
_AUTHORITY = ForeignAuthority(datetime.now(UTC), "Company")


def material(name: str = "todd.corp.example") -> Material:
    """A new certificate with a key of its own, in every form."""
    issued = _AUTHORITY.issue([name], with_root=False)
    return Material(
        thumbprint=issued.leaf.thumbprint,
        chain=issued.leaf.pem + "".join(one.pem for one in issued.chain),
        private_key=private_key_to_pem(issued.key),
        pfx=issued.pfx(PFX_PASSWORD),
        pfx_password=PFX_PASSWORD,
    )
