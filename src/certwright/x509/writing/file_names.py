"""What a certificate's files are called: by its name, whatever its maker wrote there."""

import re

from certwright.x509.certificate import Certificate

_LONGEST = 80
_UNSAFE = re.compile(r"[^a-z0-9.-]+")


def file_stem(certificate: Certificate) -> str:
    """A file name without suffix: lower-case letters, digits, dots, hyphens and underscores.

    Never hidden, never empty, and safe in a shell, a configuration file and an HTTP header.
    """
    for name in (certificate.common_name, *certificate.names):
        wildcard = re.sub(r"^\*\.", "wildcard.", name.lower())
        stem = _UNSAFE.sub("_", wildcard)[:_LONGEST].strip("._-")
        if stem:
            return stem
    return "certificate"
