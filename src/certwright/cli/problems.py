"""RFC 9457 problem documents, turned back into the errors they were made from."""

from collections.abc import Mapping, Sequence
from typing import Any

from certwright.errors import CertwrightError, ErrorCode


class RulesFailedError(CertwrightError):
    """A refusal by the rules; `findings` are theirs."""

    def __init__(
        self, code: ErrorCode, message: str, remedy: str, findings: Sequence[Mapping[str, Any]]
    ) -> None:
        super().__init__(code, message, remedy)
        self.findings = findings


def error_from_answer(status: int, document: object) -> CertwrightError:
    """The error in an answer with an HTTP `status` of 400 or more and a JSON `document`.

    RFC 9457 section 3.1: members of another type than described are to be ignored, so nothing is
    taken for granted.
    """
    members = document if isinstance(document, dict) else {}
    code = _code(members.get("code"), status)
    message = _text(members.get("detail")) or _text(members.get("title"))
    remedy = _text(members.get("remedy")) or "The log of the node says more."
    message = message or f"The node refused with the HTTP status {status}."
    findings = members.get("findings")
    if isinstance(findings, list):
        usable = [finding for finding in findings if isinstance(finding, dict)]
        return RulesFailedError(code, message, remedy, usable)
    return CertwrightError(code, message, remedy)


def _code(value: object, status: int) -> ErrorCode:
    try:
        return ErrorCode(str(value))
    except ValueError:
        by_status = {
            401: ErrorCode.NOT_AUTHENTICATED,
            403: ErrorCode.NOT_PERMITTED,
            404: ErrorCode.NOT_FOUND,
            413: ErrorCode.TOO_LARGE,
        }
        invalid = ErrorCode.INVALID_INPUT if status < 500 else ErrorCode.INTERNAL
        return by_status.get(status, invalid)


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
