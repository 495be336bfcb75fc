"""What a rule has to say of a certificate."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is."""

    ERROR = "error"
    """It will not work, or is not allowed here: the certificate is not right."""

    WARNING = "warning"
    """It works for most clients, or for now."""

    NOTICE = "notice"
    """Worth knowing."""

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return tuple(Severity).index(self)


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be, in words, and what to do about it."""

    code: str
    severity: Severity
    message: str
    remedy: str
    reference: str
