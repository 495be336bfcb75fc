"""Each filter and order leads to its list, from the first page on."""

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from certwright.designer.manager_address import read_query
from certwright.designer.manager_choices import Choice, columns, other_choices, status_choices
from certwright.stores.listing_query import ListingQuery, Sort, Status

QUERY = replace(read_query({}), search="todd", after="WyJhIiwxLDFd")


def led_to(address: str) -> ListingQuery:
    return read_query(dict(parse_qsl(urlsplit(address).query)))


def labelled(choices: tuple[Choice, ...], label: str) -> Choice:
    return next(choice for choice in choices if choice.label == label)


def test_status_keeps_the_search_and_leaves_the_page() -> None:
    expired = labelled(status_choices(QUERY), "Expired")
    assert not expired.is_chosen
    assert led_to(expired.address) == replace(QUERY, status=Status.EXPIRED, after="")
    chosen = status_choices(replace(QUERY, status=Status.EXPIRED))
    assert [choice.label for choice in chosen if choice.is_chosen] == ["Expired"]


def test_filters_are_put_on_and_taken_off() -> None:
    for label, change in (("With private key", "has_private_key"), ("Archived", "archived")):
        on = led_to(labelled(other_choices(QUERY), label).address)
        assert getattr(on, change) is True
        taken_off = labelled(other_choices(on), label)
        assert taken_off.is_chosen
        assert led_to(taken_off.address) == replace(QUERY, after="")


def test_filters_of_an_address_are_told_and_can_be_taken_off() -> None:
    december = replace(
        read_query({}),
        expires_from=datetime(2026, 12, 1, tzinfo=UTC),
        expires_before=datetime(2027, 1, 1, tzinfo=UTC),
        archived=None,
        has_private_key=False,
    )
    period = labelled(other_choices(december), "Expires 1 Dec 2026 to 31 Dec 2026")
    assert led_to(period.address) == replace(read_query({}), has_private_key=False)
    key = labelled(other_choices(december), "Without private key")
    assert led_to(key.address).has_private_key is None


def test_open_periods_are_told() -> None:
    moment = datetime(2026, 12, 1, tzinfo=UTC)
    for query, label in (
        (replace(QUERY, expires_before=moment), "Expired before 1 Dec 2026"),
        (replace(QUERY, expires_from=moment), "Expires on 1 Dec 2026 or later"),
        (replace(QUERY, archived=None), "Archived ones too"),
    ):
        assert labelled(other_choices(query), label).is_chosen


def test_period_at_either_end_of_time_is_told() -> None:
    for day in ("0001-01-01", "9999-12-31"):
        query = read_query({"expires_from": day, "expires_before": day})
        (period,) = (one for one in other_choices(query) if one.key == "period")
        assert period.is_chosen


def test_head_sorts_and_then_turns_round() -> None:
    name, *_, added = columns(QUERY)
    assert (name.order, added.order) == ("ascending", None)
    assert led_to(name.address) == replace(QUERY, descending=True, after="")
    assert led_to(added.address) == replace(QUERY, sort=Sort.ADDED, after="")
    turned = columns(replace(QUERY, descending=True))[0]
    assert turned.order == "descending"
    assert not led_to(turned.address).descending
