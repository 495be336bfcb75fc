"""Steps in chapters."""

from dataclasses import replace
from datetime import timedelta

from certwright.designer.story_steps import chapters_of
from certwright.services.endpoints import OwnEndpoint, ServiceEndpoint

from .renewal_records import NOW, renewal, story

WEB, CONFIGURATION = OwnEndpoint.WEB_SERVER, OwnEndpoint.CONFIGURATION_SERVER
SHOP = ServiceEndpoint("nginx/shop.corp.example")


def test_what_is_done_at_an_endpoint_in_a_row_is_one_chapter() -> None:
    told = story(
        renewal(),
        [
            ("select", True, None),
            ("switch", True, CONFIGURATION),
            ("prove", True, CONFIGURATION),
            ("switch", True, WEB),
            ("prove", False, WEB),
            ("activate", False, None),
            ("attempt", False, None),
        ],
    )
    chapters = chapters_of(told.steps)
    assert [(one.place, len(one.steps)) for one in chapters] == [
        ("", 1),
        ("the Configuration Server", 2),
        ("the Web Server", 2),
        ("", 1),
    ]
    titles = [one.title for one in chapters if one.place]
    assert titles == [
        "Activated and proven at the Configuration Server",
        "Not proven at the Web Server",
    ]
    assert [one.health for one in chapters] == ["good", "good", "broken", "broken"]


def test_an_outcome_is_told_once_with_its_steps_and_alone_where_there_are_none() -> None:
    at_shop = story(renewal(), [("switch", True, SHOP), ("activate", True, None)])
    assert len(chapters_of(at_shop.steps)) == 1
    alone = story(renewal(), [("key", True, None), ("activate", True, None)])
    assert len(chapters_of(alone.steps)) == 2


def test_endpoint_of_a_service_has_no_article() -> None:
    (chapter,) = chapters_of(story(renewal(), [("switch", True, SHOP)]).steps)
    assert chapter.title == "Activated and proven at shop.corp.example of nginx"


def test_what_is_under_way_and_what_waits_for_an_answer_are_told_apart() -> None:
    under_way = story(renewal(), [("switch", None, WEB)])
    assert chapters_of(under_way.steps)[0].health == "running"
    asking = story(renewal(), [("compare", False, None)])
    assert chapters_of(asking.steps)[0].health == "attention"


def test_another_day_is_named_once() -> None:
    first, second, third = story(renewal(), [("key", True, None)] * 3).steps
    days = [replace(third, at=NOW + timedelta(days=1)), replace(third, at=NOW + timedelta(days=1))]
    chapters = chapters_of([first, second, *days])
    assert [one.day for one in chapters] == [
        NOW.date(),
        None,
        NOW.date() + timedelta(days=1),
        None,
    ]


def test_no_steps_are_no_chapters() -> None:
    assert chapters_of(()) == ()
