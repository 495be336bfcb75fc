"""What protects the pages in a browser: headers on every answer, and who may send a form."""

from collections.abc import Mapping

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: under that one browsers send "Origin: null" with our own forms (Fetch,
    # "append a request Origin header"), and is_own_page could not tell them from foreign ones.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

_OWN_SITES = frozenset({"same-origin", "none"})


def is_own_page(headers: Mapping[str, str]) -> bool:
    """Whether a form was sent by a page of this very server, as far as the browser tells.

    A browser sends at least one of the two headers with a form and lets no page forge them;
    a program that sends neither carries no one's cookie by accident. Names in lower case.
    """
    site = headers.get("sec-fetch-site")
    if site is not None and site not in _OWN_SITES:
        return False
    origin = headers.get("origin")
    return origin is None or origin == f"https://{headers.get('host', '')}"


def client_address(headers: Mapping[str, str]) -> str:
    """The address the front saw: the last in X-Forwarded-For, all before it is the client's say."""
    return headers.get("x-forwarded-for", "").rpartition(",")[2].strip() or "unknown"


def is_own_path(path: str) -> bool:
    """Whether `path` leads to a page of this server, not to `//elsewhere` or a scheme."""
    return path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
