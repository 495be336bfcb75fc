"""What a configuration has that is not on record, and the sentence that tells of it."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from certwright.machine.services.service import Address, FoundEndpoint
from certwright.services.endpoints import Choice, Endpoint, ServiceEndpoint, WebServerProtocol
from certwright.services.latest_look import LatestLook, compare, read_look

AT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
HERE = (Address("127.0.0.1", 443),)
NOTHING = Choice(WebServerProtocol.HTTPS, None)


def recorded(name: str, *names: str, addresses: tuple[Address, ...] = HERE) -> Endpoint:
    endpoint = ServiceEndpoint(f"nginx/{name}")
    return Endpoint(endpoint, NOTHING, None, None, 1, names=names, addresses=addresses)


def found(name: str, *names: str, addresses: tuple[Address, ...] = HERE) -> FoundEndpoint:
    return FoundEndpoint(name, names, addresses, "site.pem", "", b"")


def test_a_configuration_as_it_was_has_nothing_to_tell() -> None:
    look = compare([recorded("www", "www.corp.example")], [found("www", "www.corp.example")], AT)
    assert look == LatestLook(AT)
    assert not look.differs
    assert look.sentence == ""


def test_what_is_new_and_what_is_gone_is_named() -> None:
    look = compare([recorded("old"), recorded("www")], [found("www"), found("shop")], AT)
    assert (look.new, look.gone, look.changed) == (("shop",), ("old",), ())
    assert look.sentence == (
        "Its configuration has a server that is not cared for yet: shop. No longer in it is: old."
    )


def test_another_name_or_another_address_is_a_change() -> None:
    elsewhere = (Address("127.0.0.1", 8443),)
    look = compare(
        [recorded("a", "a.example"), recorded("b", "b.example"), recorded("c", "c.example")],
        [
            found("a", "a.example", "www.a.example"),
            found("b", "b.example", addresses=elsewhere),
            found("c", "c.example"),
        ],
        AT,
    )
    assert look.changed == ("a", "b")
    assert look.sentence == "a, b have other names or addresses there now."


def test_a_configuration_that_tells_no_names_leaves_those_of_the_certificate() -> None:
    assert not compare([recorded("site", "www.corp.example")], [found("site")], AT).differs


def test_many_are_counted_and_not_listed_all() -> None:
    look = LatestLook(AT, new=tuple(f"{number}.example" for number in range(12)))
    assert "12 servers that are not cared for yet" in look.sentence
    assert "and 7 more" in look.sentence


def test_why_it_could_not_be_looked_at_is_told() -> None:
    look = LatestLook(AT, failure="/etc/nginx/nginx.conf is not there.")
    assert not look.differs
    assert look.sentence.endswith("could not be looked at. /etc/nginx/nginx.conf is not there.")


NAMES = st.lists(st.text(max_size=20), max_size=4).map(tuple)


@given(st.none() | st.just(AT), NAMES, NAMES, NAMES, st.text(max_size=40))
def test_what_is_kept_is_read_back(
    at: datetime | None,
    new: tuple[str, ...],
    gone: tuple[str, ...],
    changed: tuple[str, ...],
    failure: str,
) -> None:
    look = LatestLook(at, new, gone, changed, failure)
    assert read_look(look.document) == look


def test_a_service_of_an_earlier_release_was_not_looked_at_yet() -> None:
    assert read_look(None) == LatestLook()
