"""Random secrets that a caller shows to be known again; only their hash is kept."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable

_BYTES = 32


def new_secret(entropy: Callable[[int], bytes], prefix: str = "") -> str:
    """256 random bits as text for cookies and headers; `entropy` gives n random bytes."""
    return prefix + urlsafe_b64encode(entropy(_BYTES)).rstrip(b"=").decode("ascii")


def hash_of_secret(secret: str) -> str:
    """SHA-256, hex. A plain hash is enough for a secret that cannot be guessed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
