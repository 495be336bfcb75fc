"""The page that stands in for a missing upstream."""

import base64
import hashlib
import re

from certwright.front.status_page import content_security_policy, status_page


def test_name_is_escaped() -> None:
    page = status_page("<script>$style&")
    assert "<script>" not in page
    assert "&lt;script&gt;$style&amp;" in page


def test_policy_allows_the_style_that_the_page_has() -> None:
    (style,) = re.findall(r"<style>(.*)</style>", status_page("todd"))
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in content_security_policy()


def test_page_fits_into_what_envoy_takes() -> None:
    # Envoy's max_direct_response_body_size_bytes; names have 253 characters at most.
    assert len(status_page("a" * 253).encode()) < 4096
