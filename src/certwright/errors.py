"""The one hierarchy of errors: what went wrong, in words, and how to mend it."""

from enum import StrEnum


class ErrorCode(StrEnum):
    """Each value is the string that programs see, on HTTP and in `--json`."""

    AMBIGUOUS = "ambiguous"
    AUTHORITY_FAILED = "authority-failed"
    BUSY = "busy"
    CERTIFICATE_IN_USE = "certificate-in-use"
    CHAIN_BROKEN = "chain-broken"
    CHANGED_MEANWHILE = "changed-meanwhile"
    CONFIRMATION_NEEDED = "confirmation-needed"
    DATA_FOLDER_IN_USE = "data-folder-in-use"
    DATA_FOLDER_UNUSABLE = "data-folder-unusable"
    DATABASE_IN_USE = "database-in-use"
    DATABASE_UNREACHABLE = "database-unreachable"
    FETCH_FAILED = "fetch-failed"
    FRONT_FAILED = "front-failed"
    INTERNAL = "internal"
    INVALID_INPUT = "invalid-input"
    KEY_NOT_EXPORTABLE = "key-not-exportable"
    LOCKED_OUT = "locked-out"
    NO_PRIVATE_KEY = "no-private-key"
    NODE_NOT_RUNNING = "node-not-running"
    NODE_NOT_TRUSTED = "node-not-trusted"
    NODE_UNREACHABLE = "node-unreachable"
    NOT_AUTHENTICATED = "not-authenticated"
    NOT_AVAILABLE = "not-available"
    NOT_AVAILABLE_YET = "not-available-yet"
    NOT_FOUND = "not-found"
    NOT_PERMITTED = "not-permitted"
    PORT_IN_USE = "port-in-use"
    PROOF_FAILED = "proof-failed"
    RULES_FAILED = "rules-failed"
    SERVICE_FAILED = "service-failed"
    STORE_FAILED = "store-failed"
    TELLING_FAILED = "telling-failed"
    TOO_LARGE = "too-large"
    UNREADABLE_CERTIFICATE = "unreadable-certificate"
    WRONG_KEY_ENCRYPTION_KEY = "wrong-key-encryption-key"
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 - an error's name, not a secret


class CertwrightError(Exception):
    """Something that could not be done.

    `message` is one plain sentence for the administrator, `remedy` tells her what to do next.
    Neither may contain a secret.
    """

    def __init__(self, code: ErrorCode, message: str, remedy: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy
