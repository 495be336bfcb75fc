"""What a task answers when it could not be done: a code, a sentence and a remedy."""

from enum import StrEnum


class FailureCode(StrEnum):
    """The same strings as the node's error codes, which this folder may not import."""

    BUSY = "busy"
    CHANGED_MEANWHILE = "changed-meanwhile"
    INTERNAL = "internal"
    INVALID_INPUT = "invalid-input"
    KEY_NOT_EXPORTABLE = "key-not-exportable"
    NO_PRIVATE_KEY = "no-private-key"
    NOT_AVAILABLE = "not-available"
    NOT_FOUND = "not-found"
    NOT_PERMITTED = "not-permitted"
    SERVICE_FAILED = "service-failed"
    STORE_FAILED = "store-failed"
    TOO_LARGE = "too-large"
    UNREADABLE_CERTIFICATE = "unreadable-certificate"
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 - a failure's name, not a secret


class MachineError(Exception):
    """A task that was not done. Neither sentence may hold a secret."""

    def __init__(self, code: FailureCode, message: str, remedy: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy
