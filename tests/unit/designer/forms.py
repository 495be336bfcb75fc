"""Pages and their forms, as a browser without JavaScript reads and sends them."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from httpx import Response

from certwright.front.session_cookie import COOKIE

from ..web_client import TestClient

_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Forms:
    """Somebody who is logged in, at her browser."""

    client: TestClient

    def page(self, address: str) -> str:
        """The page, as it is written."""
        response = self.client.get(address)
        assert response.status_code == 200, (address, response.text)
        text: str = response.text
        return text

    def text(self, address: str) -> str:
        """What can be read on the page."""
        return readable(self.page(address))

    def send(self, address: str, **fields: Any) -> Response:
        """Send a form as the session's own pages do; follows nothing."""
        (token,) = set(_TOKEN.findall(self.page("/password")))
        assert self.client.cookies.get(COOKIE)
        answer: Response = self.client.post(
            address, data={"form_token": token, **fields}, follow_redirects=False
        )
        return answer


def readable(page: str) -> str:
    """The text of a page without its markup, each space once."""
    return " ".join(unescape(_TAG.sub(" ", page)).split())
