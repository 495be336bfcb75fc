"""What the front shows to an authority that looks whether a name is ours, and how it is kept."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True)
class ClearValidation:
    """http-01 (RFC 8555 8.3): at `port` the app is asked for the answer to `token`."""

    port: int
    token: str

    @property
    def is_encrypted(self) -> bool:
        return False


@dataclass(frozen=True)
class TlsValidation:
    """tls-alpn-01 (RFC 8737 3): at `port` whoever asks for `server_name` by the protocol
    "acme-tls/1" is shown this certificate, and everybody else what is shown always."""

    port: int
    token: str
    server_name: str
    certificate_pem: str
    private_key_pem: str = field(repr=False)

    @property
    def is_encrypted(self) -> bool:
        return True


Validation: TypeAlias = ClearValidation | TlsValidation


def begun(validations: tuple[Validation, ...], new: Validation) -> tuple[Validation, ...]:
    """With `new`; one of its port and token that is there stays as it is, with its certificate."""
    if any((one.port, one.token) == (new.port, new.token) for one in validations):
        return validations
    return (*validations, new)


def ended(validations: tuple[Validation, ...], token: str) -> tuple[Validation, ...]:
    """Without that of `token`, at whichever port."""
    return tuple(one for one in validations if one.token != token)


def to_json(validation: Validation) -> dict[str, Any]:
    """As it is kept."""
    return asdict(validation)


def from_json(document: Mapping[str, Any]) -> Validation:
    """Read what `to_json` wrote."""
    if "server_name" in document:
        return TlsValidation(**document)
    return ClearValidation(**document)
