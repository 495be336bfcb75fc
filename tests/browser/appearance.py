"""How a page looks: to those who see it in light or dark, to screen readers, on narrow screens."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

on_narrow_screens = pytest.mark.parametrize(
    "screen",
    [
        pytest.param({"viewport": {"width": 360, "height": 740}}, id="phone"),
        pytest.param(
            {"viewport": {"width": 640, "height": 400}, "device_scale_factor": 2}, id="zoom-200"
        ),
    ],
)
_ALL = {"resultTypes": ["violations"]}
_COLOURS = {**_ALL, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def scrolls_sideways(page: Page) -> bool:
    """Whether anything is wider than the window."""
    return bool(page.evaluate("() => document.documentElement.scrollWidth > innerWidth"))


def violations(page: Page) -> list[str]:
    """What axe finds, one line each; in the dark nothing but the colours is another."""
    found = _found(page, _ALL)
    page.emulate_media(color_scheme="dark")
    found += [f"in the dark, {line}" for line in _found(page, _COLOURS)]
    page.emulate_media(color_scheme="light")
    return found


def _found(page: Page, options: dict[str, Any]) -> list[str]:
    return [
        f"{found['id']}: {node['html'][:160]}"
        for found in Axe().run(page, options=options).response["violations"]
        for node in found["nodes"]
    ]
