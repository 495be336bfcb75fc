"""The key by which a node seals the services it took on; in its data folder, never elsewhere."""

import base64
import binascii
import secrets
from pathlib import Path

from sqlalchemy import Engine

from certwright.errors import CertwrightError, ErrorCode
from certwright.machine.whole_files import write_whole
from certwright.services.seals import ServiceSeals, seal_former_services

_FILE = "service-seal.key"
_KEY_LENGTH = 32


def provide_service_seals(data: Path, node: str, database: Engine) -> ServiceSeals:
    """The seals of `node`; its key is made (0600) at the first start that finds none.

    That start also seals what is recorded without a seal: it was taken on before there were any.
    Raises INVALID_INPUT for a file that holds no key.
    """
    file = data / _FILE
    if file.exists():
        return ServiceSeals(node, _read(file))
    seals = ServiceSeals(node, secrets.token_bytes(_KEY_LENGTH))
    with database.begin() as connection:
        seal_former_services(connection, seals)
        write_whole(file, base64.b64encode(seals.key))
    return seals


def _read(file: Path) -> bytes:
    try:
        key = base64.b64decode(file.read_bytes().strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != _KEY_LENGTH:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"The file {file} does not hold {_KEY_LENGTH} bytes in base64.",
            "Restore it from your backup. Or move it away, start again, then remove each service "
            "and take it on anew.",
        )
    return key
