"""What the strict policy forbids must not stand in a template."""

import re
from importlib.resources import files

import pytest
from jinja2 import UndefinedError

from certwright.designer.error_pages import no_such_page
from certwright.designer.templates import render
from certwright.errors import CertwrightError, ErrorCode

FOLDER = files("certwright.designer") / "templates"
NAMES = sorted(item.name for item in FOLDER.iterdir() if item.name.endswith(".html"))


@pytest.mark.parametrize("name", NAMES)
def test_no_inline_script_style_or_handler(name: str) -> None:
    source = (FOLDER / name).read_text(encoding="utf-8")
    assert re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:|hx-on|hx-vals='js:", source) is None
    assert re.search(r"<script(?![^>]*\bsrc=)", source) is None


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_loaded_from_elsewhere(name: str) -> None:
    assert "://" not in (FOLDER / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_every_form_that_changes_something_carries_the_token(name: str) -> None:
    source = (FOLDER / name).read_text(encoding="utf-8")
    forms = re.findall(r'<form method="post".*?</form>', source, re.DOTALL)
    if name != "log_in.html":
        assert all("token(visitor)" in form for form in forms)


@pytest.mark.parametrize("name", NAMES)
def test_labels_of_enumerations_are_not_string_methods(name: str) -> None:
    # `.title` of a StrEnum is str.title and would be shown as "<built-in method ...>".
    source = (FOLDER / name).read_text(encoding="utf-8")
    assert re.search(r"\b(name|protocol|location|store|tab|endpoint)\.title\b", source) is None


def test_values_are_escaped() -> None:
    page = render(
        "log_in.html",
        problem=None,
        name='"><script>',
        then="/",
        server_name="<b>",
        visitor=None,
    )
    assert b"<script>" not in page.body
    assert b"&lt;b&gt;" in page.body


def test_missing_value_is_a_mistake() -> None:
    with pytest.raises(UndefinedError):
        render("error.html", layout="window_page.html", error=no_such_page(), visitor=None)


@pytest.mark.parametrize("name", NAMES)
def test_what_a_template_imports_is_used(name: str) -> None:
    source = (FOLDER / name).read_text(encoding="utf-8")
    for imported in re.findall(r'{% from "[^"]+" import ([^%]+?)(?: with context)? %}', source):
        for macro in imported.split(","):
            assert f"{macro.split()[-1]}(" in source, macro
    for alias in re.findall(r'{% import "[^"]+" as (\w+) %}', source):
        assert f"{alias}." in source, alias


@pytest.mark.parametrize("name", NAMES)
def test_every_page_has_a_title(name: str) -> None:
    source = (FOLDER / name).read_text(encoding="utf-8")
    if "{% extends layout %}" in source or '{% extends "page.html" %}' in source:
        is_layout = name == "window_page.html"
        assert is_layout or re.search(r"{% block title %}.+{% endblock %}", source)


def test_words_in_backquotes_are_code_and_still_escaped() -> None:
    error = CertwrightError(
        ErrorCode.INTERNAL, "Write `ssl = <on>` into it, and `reload`.", "It`s <all>."
    )
    page = render(
        "error.html",
        layout="window_page.html",
        title="So",
        error=error,
        visitor=None,
        server_name=None,
    )
    assert b"Write <code>ssl = &lt;on&gt;</code> into it, and <code>reload</code>.</p>" in page.body
    assert b"<p>It`s &lt;all&gt;.</p>" in page.body
