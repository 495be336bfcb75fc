"""The roots that others keep: the public ones, and this machine's."""

from functools import cache
from pathlib import Path

import certifi

from certwright.machine.trusted_roots import trusted_roots_file
from certwright.x509.certificate import Certificate
from certwright.x509.pem import read_pem_certificates


@cache
def public_roots() -> tuple[Certificate, ...]:
    """Mozilla's list, as the package certifi brings it."""
    return read_pem_certificates(Path(certifi.where()).read_bytes())


@cache
def machine_roots() -> tuple[Certificate, ...]:
    """What TLS clients on this machine trust; empty where that is not in one file."""
    file = trusted_roots_file()
    if file is None:
        return ()
    # Most of them are public ones, and to read a hundred takes a while.
    return read_pem_certificates(file.read_bytes(), public_roots())
