"""The page for what could not be done: what went wrong, and what to do next."""

from fastapi import Request, Response

from certwright.designer.templates import render
from certwright.designer.visitor import is_for_window
from certwright.errors import CertwrightError, ErrorCode

_STATUS = {
    ErrorCode.BUSY: 503,
    ErrorCode.CHANGED_MEANWHILE: 409,
    ErrorCode.DATABASE_UNREACHABLE: 503,
    ErrorCode.INTERNAL: 500,
    ErrorCode.LOCKED_OUT: 429,
    ErrorCode.NOT_AUTHENTICATED: 403,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.NOT_PERMITTED: 403,
    ErrorCode.RULES_FAILED: 409,
    ErrorCode.TOO_LARGE: 413,
}
_TITLES = {
    403: "Not permitted",
    404: "Not found",
    409: "Changed meanwhile",
    413: "Too large",
    429: "Wait a little",
    500: "Something went wrong",
    503: "Not possible at this moment",
}


def status_of(error: CertwrightError) -> int:
    """The HTTP status for a page that tells of `error`."""
    return _STATUS.get(error.code, 400)


def error_page(request: Request, error: CertwrightError) -> Response:
    """A page in the Designer's look; needs neither a session nor the database."""
    status = status_of(error)
    return render(
        "error.html",
        status=status,
        layout="window_dialog.html" if is_for_window(request) else "window_page.html",
        title=_TITLES.get(status, "That did not work"),
        error=error,
        visitor=None,
        server_name=None,
    )


def no_such_page() -> CertwrightError:
    """For an address that leads nowhere."""
    return CertwrightError(
        ErrorCode.NOT_FOUND,
        "There is no page at this address.",
        "Start again from the main window.",
    )


def unknown_error() -> CertwrightError:
    """For whatever nobody foresaw; what it was stands in the log only."""
    return CertwrightError(
        ErrorCode.INTERNAL,
        "Certwright could not do this because of a mistake of its own; nothing was half done.",
        "Try again. If it stays, the node's log tells what happened.",
    )
