"""Errors on HTTP: RFC 9457 problem documents, made in one table at the edge."""

from collections.abc import Mapping
from typing import Any

from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.checking_document import finding_document
from certwright.lifecycle.selection import RulesFailed
from certwright.x509.reading import LARGEST_FILE

MEDIA_TYPE = "application/problem+json"

STATUS: Mapping[ErrorCode, int] = {
    ErrorCode.AMBIGUOUS: 409,
    ErrorCode.AUTHORITY_FAILED: 502,
    ErrorCode.BUSY: 503,
    ErrorCode.CERTIFICATE_IN_USE: 409,
    ErrorCode.CHAIN_BROKEN: 422,
    ErrorCode.CHANGED_MEANWHILE: 409,
    ErrorCode.CONFIRMATION_NEEDED: 409,
    ErrorCode.DATA_FOLDER_IN_USE: 500,
    ErrorCode.DATA_FOLDER_UNUSABLE: 500,
    ErrorCode.DATABASE_IN_USE: 503,
    ErrorCode.DATABASE_UNREACHABLE: 503,
    ErrorCode.FETCH_FAILED: 502,
    ErrorCode.FRONT_FAILED: 503,
    ErrorCode.INTERNAL: 500,
    ErrorCode.INVALID_INPUT: 422,
    ErrorCode.KEY_NOT_EXPORTABLE: 422,
    ErrorCode.LOCKED_OUT: 429,
    ErrorCode.NO_PRIVATE_KEY: 422,
    ErrorCode.NODE_NOT_RUNNING: 503,
    ErrorCode.NODE_NOT_TRUSTED: 502,
    ErrorCode.NODE_UNREACHABLE: 502,
    ErrorCode.NOT_AUTHENTICATED: 401,
    ErrorCode.NOT_AVAILABLE: 422,
    ErrorCode.NOT_AVAILABLE_YET: 422,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.NOT_PERMITTED: 403,
    ErrorCode.PORT_IN_USE: 500,
    ErrorCode.PROOF_FAILED: 409,
    ErrorCode.RULES_FAILED: 409,
    ErrorCode.SERVICE_FAILED: 502,
    ErrorCode.STORE_FAILED: 502,
    ErrorCode.TELLING_FAILED: 502,
    ErrorCode.TOO_LARGE: 413,
    ErrorCode.UNREADABLE_CERTIFICATE: 422,
    ErrorCode.WRONG_KEY_ENCRYPTION_KEY: 500,
    ErrorCode.WRONG_PASSWORD: 422,
}


def problem(error: CertwrightError) -> JSONResponse:
    """The problem document of an error."""
    status = STATUS[error.code]
    document: dict[str, Any] = {
        "type": f"urn:certwright:error:{error.code}",
        "title": error.code.value.replace("-", " ").capitalize(),
        "status": status,
        "detail": error.message,
        "code": error.code.value,
        "remedy": error.remedy,
    }
    if isinstance(error, RulesFailed):
        document["findings"] = [finding_document(finding) for finding in error.findings]
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(document, status, headers, MEDIA_TYPE)


def http_problem(error: HTTPException) -> JSONResponse:
    """For what the web framework refuses by itself, before a route sees it."""
    match error.status_code:
        case 404 | 405:
            return problem(nothing_here())
        case 413:
            return problem(
                CertwrightError(
                    ErrorCode.TOO_LARGE,
                    "What was sent is larger than any certificate file.",
                    f"Send at most {LARGEST_FILE // 1024} KiB.",
                )
            )
        case _:
            return problem(
                CertwrightError(
                    ErrorCode.INVALID_INPUT,
                    "The body of the request cannot be read.",
                    "Send JSON, or multipart/form-data for a file, and all of it.",
                )
            )


def nothing_here() -> CertwrightError:
    """For an address, or a method at it, that REST does not have."""
    return CertwrightError(
        ErrorCode.NOT_FOUND,
        "REST has nothing at this address, or not with this method.",
        "What there is stands at /api/v1/openapi.json.",
    )


def internal_problem() -> JSONResponse:
    """For what nobody foresaw: the text stays in the log, it may hold anything."""
    return problem(
        CertwrightError(
            ErrorCode.INTERNAL,
            "Something went wrong inside the node.",
            "The node's log, log/application.log in its data folder, says what.",
        )
    )
