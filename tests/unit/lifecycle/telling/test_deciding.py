"""What is told and when: one digest for a flood, once a day for a sentence, at once if urgent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from certwright.lifecycle.events import Event
from certwright.lifecycle.telling.deciding import Decision, Numbered, Outlook, Standing, decide

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OUTLOOK = Outlook("mail", "todd.corp.example", START, gather=MINUTE, upto=0)
UNPROVEN = Standing(unproven=frozenset({"web-server"}))


def event(number: int, at: datetime = START, **changes: object) -> Numbered:
    bad = Event(at, "node", "proof-changed", "web-server", "Web Server not proven: gone.", False)
    return Numbered(number, replace(bad, **changes))  # type: ignore[arg-type]


def after(decision: Decision, now: datetime, standing: Standing = UNPROVEN) -> Outlook:
    """The outlook once `decision` was carried out."""
    return replace(
        OUTLOOK,
        now=now,
        upto=decision.upto,
        told=decision.told,
        standing=standing,
        sent_at=decision.message.at if decision.message else None,
    )


def told(*events: Numbered) -> Decision:
    """The events told in one message, a minute after the start."""
    decision = decide(replace(OUTLOOK, now=START + MINUTE), events)
    assert decision.message is not None
    return decision


def test_troubles_are_gathered_for_a_minute_and_told_as_one() -> None:
    events = [event(1), event(2, START + 30 * timedelta(seconds=1), subject="nginx/a")]
    waiting = decide(replace(OUTLOOK, now=START + MINUTE - timedelta(seconds=1)), events)
    assert (waiting.message, waiting.upto) == (None, 0)
    decision = told(*events)
    assert decision.message is not None
    assert decision.message.headline == (
        "todd.corp.example: the Web Server is not proven: gone (and 1 more)"
    )
    assert decision.upto == 2


def test_the_subject_of_what_is_down_names_the_cause_and_the_text_the_next_step() -> None:
    cause = "Nothing listens on 127.0.0.1:18443. See whether nginx (shop) runs, and start it."
    name = "shop.corp.example of shop"
    down = event(1, subject="shop/shop.corp.example", message=f"{name} not proven: {cause}")
    assert (message := told(down).message) is not None
    assert message.headline == (
        f"todd.corp.example: {name} is not proven: Nothing listens on 127.0.0.1:18443"
    )
    assert cause in message.text


def test_a_subject_that_is_too_long_ends_at_a_word() -> None:
    failed = event(1, kind="renewal-failed", message="Renewal 7 failed, " + "as was said " * 20)
    assert (message := told(failed).message) is not None
    assert message.headline.endswith(("as …", "was …", "said …"))


def test_the_subject_names_the_most_urgent_first_and_fits_a_telephone() -> None:
    reason = "The policy of the company forbids todd. " * 9
    events = [
        event(1, kind="renewal-failed", subject="ab" * 32, message=f"Renewal 7 failed. {reason}"),
        event(2, kind="expiry-alarm", message="What the Web Server serves runs out on 3 May 2026."),
        event(
            3,
            kind="certificate-expired",
            subject="nginx/a",
            message="What a of nginx serves ran out on 3 May 2026. It was declined.",
        ),
        event(4, kind="unused-expiry", subject="cd" * 32, message="The certificate runs out."),
    ]
    message = told(*events).message
    assert message is not None
    assert message.headline == (
        "todd.corp.example: What a of nginx serves ran out on 3 May 2026 (and 3 more)"
    )
    assert [one.kind for one in message.entries] == [
        *("certificate-expired", "expiry-alarm", "renewal-failed", "unused-expiry")
    ]
    long = told(event(1, kind="renewal-failed", message="x" * 500)).message
    assert long is not None
    assert len(long.headline) == len("todd.corp.example: ") + len("x" * 80 + " …")


def test_a_flood_of_five_hundred_is_one_message_of_bounded_length() -> None:
    flood = [
        event(n, kind="renewal-failed", subject=f"{n:064x}", message=f"Renewal {n}. " + "x" * 5000)
        for n in range(1, 501)
    ]
    message = told(*flood).message
    assert message is not None
    assert (len(message.entries), message.left_out) == (50, 450)
    assert "(and 499 more)" in message.headline
    assert len(message.text) < 64 * 1024
    assert "And 450 more: certwright events" in message.text


def test_what_is_alike_is_told_once_with_its_number() -> None:
    message = told(*(event(n) for n in range(1, 501))).message
    assert message is not None
    assert [entry.count for entry in message.entries] == [500]
    assert "500 times from 2026-11-24 09:00:00 UTC" in message.text


def test_what_is_urgent_is_told_at_once_but_once_a_minute_at_most() -> None:
    alarm = event(1, kind="expiry-alarm", message="It runs out today.")
    first = decide(OUTLOOK, [alarm])
    assert first.message is not None
    again = event(2, START + timedelta(seconds=2), kind="expiry-alarm", message="It ran out.")
    soon = replace(after(first, START + timedelta(seconds=2)), gather=HOUR)
    assert decide(soon, [again]).message is None
    assert decide(replace(soon, now=START + MINUTE), [again]).message is not None


def test_what_is_good_or_of_no_concern_is_passed_over() -> None:
    others = [
        event(1, kind="renewed", good=True),
        event(2, good=True),
        event(3, kind="log-in-refused"),
        event(4, kind="telling-failed", subject="mail"),
    ]
    decision = decide(replace(OUTLOOK, now=START + HOUR), others)
    assert (decision.message, decision.upto) == (None, 4)


def test_the_failure_of_another_channel_is_told_once_whatever_its_words() -> None:
    first = told(event(1, kind="telling-failed", subject="webhook", message="451 x1"))
    assert first.message is not None
    again = event(2, START + HOUR, kind="telling-failed", subject="webhook", message="451 x2")
    assert decide(after(first, START + 2 * HOUR), [again]).message is None


def test_the_same_sentence_within_a_day_is_told_once_and_then_as_still_so() -> None:
    first = told(event(1))
    repeated = decide(after(first, START + 2 * HOUR), [event(2, START + HOUR)])
    assert (repeated.message, repeated.upto) == (None, 2)
    still = decide(after(first, START + MINUTE + DAY), [])
    assert still.message is not None
    assert still.message.headline == "todd.corp.example: the Web Server is still not proven: gone"
    assert "still so, since 2026-11-24 09:00:00 UTC" in still.message.text
    assert decide(after(still, START + MINUTE + DAY + HOUR), []).message is None


def test_of_what_ran_out_it_is_not_told_again_that_it_will() -> None:
    soon = event(1, kind="expiry-alarm", message="It runs out today.")
    over = event(2, kind="certificate-expired", message="It ran out.")
    standing = Standing(expiring=frozenset({"web-server"}))
    still = decide(after(told(soon, over), START + MINUTE + DAY, standing), [])
    assert still.message is not None
    assert [one.sentence for one in still.message.entries] == ["It ran out."]


def test_what_is_no_longer_so_is_not_told_again() -> None:
    decision = decide(after(told(event(1)), START + 2 * DAY, Standing()), [])
    assert (decision.message, decision.told) == (None, {})


def test_that_it_is_mended_is_told_to_whoever_was_told_that_it_was_not() -> None:
    good = event(2, START + HOUR, good=True, message="Web Server proven again")
    decision = decide(after(told(event(1)), START + HOUR + MINUTE, Standing()), [good])
    assert decision.message is not None
    assert decision.message.headline == "todd.corp.example: the Web Server is proven again"
    # Also long after: it was on the minds of people for days.
    late = decide(after(told(event(1)), START + 3 * DAY, Standing()), [good])
    assert late.message is not None
    assert late.message.entries[0].good


def outage(number: int, before: Decision, start: datetime) -> tuple[Decision, Decision]:
    """What is told when the endpoint is gone at `start`, and when it is back two minutes later."""
    gone = decide(after(before, start + MINUTE), [event(number, start)])
    back = event(number + 1, start + 2 * MINUTE, good=True)
    return gone, decide(after(gone, start + 3 * MINUTE, Standing()), [back])


def test_one_that_fails_again_after_it_was_proven_again_is_told_again() -> None:
    nothing = decide(OUTLOOK, [])
    _, back = outage(1, nothing, START)
    gone, again = outage(3, back, START + 10 * MINUTE)
    assert gone.message is not None
    assert gone.message.headline == "todd.corp.example: the Web Server is not proven: gone"
    assert again.message is not None
    assert again.message.headline == "todd.corp.example: the Web Server is proven again"
    # Long after, nothing is left of it.
    assert decide(after(again, START + 2 * HOUR, Standing()), []).told == {}


def test_one_that_comes_and_goes_is_told_three_times_an_hour_and_then_if_it_stays_gone() -> None:
    back = decide(OUTLOOK, [])
    heard = []
    for number in range(5):
        gone, back = outage(1 + 2 * number, back, START + number * 5 * MINUTE)
        heard += [gone.message is not None, back.message is not None]
    assert heard == [True] * 6 + [False] * 4
    silent = decide(after(back, START + 30 * MINUTE), [event(20, START + 29 * MINUTE)])
    assert silent.message is None
    spoken = decide(after(silent, START + MINUTE + HOUR), [])
    assert spoken.message is not None
    assert spoken.message.headline == "todd.corp.example: the Web Server is not proven: gone"
    assert "2026-11-24 09:29:00 UTC" in spoken.message.text


def test_a_clock_that_was_set_back_holds_nothing_up() -> None:
    decision = decide(replace(OUTLOOK, now=START - DAY), [event(1)])
    assert decision.message is not None


def test_the_same_message_again_bears_the_same_identifier() -> None:
    decisions = [
        decide(replace(OUTLOOK, now=START + minutes * MINUTE), [event(1)]) for minutes in (1, 9)
    ]
    assert len({one.message.identifier for one in decisions if one.message}) == 1
