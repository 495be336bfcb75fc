"""Where this machine keeps the roots that its TLS clients trust."""

import ssl
from pathlib import Path

_PLACES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/cert.pem")
"""Debian's (update-ca-certificates) and Red Hat's (update-ca-trust). A Python that was built
elsewhere looks for OpenSSL's file in a place that this system may not have."""


def trusted_roots_file() -> Path | None:
    """The roots as one PEM file: SSL_CERT_FILE, OpenSSL's own, or the system's; None without."""
    for place in (ssl.get_default_verify_paths().cafile, *_PLACES):
        if place and Path(place).is_file():
            return Path(place)
    return None
