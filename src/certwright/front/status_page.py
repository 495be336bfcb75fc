"""What the Web Server shows as long as it has no upstream."""

import base64
import hashlib
from html import escape
from importlib.resources import files
from string import Template

# Kept apart from the markup so that the page's policy can name it by its hash.
STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:10vh auto;padding:0 1rem}"
    "code{overflow-wrap:anywhere}"
)


def status_page(server_name: str) -> str:
    """The page as HTML."""
    template = files("certwright.front").joinpath("status_page.html").read_text(encoding="utf-8")
    return Template(template).substitute(server_name=escape(server_name), style=STYLE)


def content_security_policy() -> str:
    """Allows the page its own style and nothing else (CSP Level 3, 2.3.1: source by hash)."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"
