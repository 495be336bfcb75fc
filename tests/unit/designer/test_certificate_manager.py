"""The manager's page for whoever may see it, whole or only its list."""

from collections.abc import Callable

import pytest

from certwright.access.rights import Right
from certwright.lifecycle.server import Server

from ..web_client import TestClient

LogIn = Callable[[Right], TestClient]
FRAGMENT = {"HX-Request": "true"}


def test_stores_and_rows_are_shown(log_in: LogIn) -> None:
    page = log_in(Right.READ).get("/certificates?store=all").text
    assert "Certwright Root CA 1" in page
    assert "Local Machine" in page
    assert "1-2 of 2" in page
    assert "Import" not in page


def test_htmx_gets_the_list_alone(log_in: LogIn) -> None:
    client = log_in(Right.CREATE)
    assert "<html" in client.get("/certificates").text
    fragment = client.get("/certificates?store=Root&search=root", headers=FRAGMENT).text
    assert "<html" not in fragment
    assert "1-1 of 1" in fragment
    assert 'name="store" value="Root"' in fragment
    assert "/delete?" in fragment


@pytest.mark.parametrize(
    "query", ["sort=colour", "store=Moon", "after=bad", "before=e30&sort=added", "expires_from=x"]
)
def test_bad_address_is_told_above_a_list(log_in: LogIn, query: str) -> None:
    answer = log_in(Right.READ).get(f"/certificates?{query}&search=root", headers=FRAGMENT)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert 'id="found"' in answer.text


def test_empty_states_say_what_to_do(log_in: LogIn) -> None:
    creator = log_in(Right.CREATE)
    empty = "/certificates?location=CurrentUser&store=My"
    assert "Import one, or drop its files" in creator.get(empty).text
    no_hits = creator.get("/certificates?search=%3Cb%3Enothing").text
    assert "Look in all stores" in no_hits
    assert "<b>nothing" not in no_hits
    assert "Importing one needs the right Create" in log_in(Right.READ).get(empty).text


def test_page_whose_rows_were_deleted_says_so(log_in: LogIn, server: Server) -> None:
    client = log_in(Right.READ)
    after = "WyJ-fn5-IiwxLDFd"  # ["~~~~",1,1]: behind every name
    page = client.get(f"/certificates?store=Root&after={after}").text
    assert "what lay here was deleted meanwhile" in page
    assert "First page" in page


def test_stranger_is_sent_to_the_log_in_and_back(log_in: LogIn) -> None:
    client = log_in(Right.READ)
    client.cookies.clear()
    address = "/certificates?store=all&status=expired"
    answer = client.get(address, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/log-in?then=%2Fcertificates%3Fstore")
