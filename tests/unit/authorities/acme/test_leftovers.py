"""What could not be taken away is tried again, one at a time where it still cannot be."""

from certwright.authorities.acme.account_keeping import AcmeAccount
from certwright.authorities.acme.challenges import Challenge
from certwright.authorities.acme.leftovers import Leftovers
from certwright.authorities.acme.proofs import Proofs
from certwright.x509.keys import KeyType, generate_private_key

from .test_proofs import Recorder, challenge


def leftovers(recorder: Recorder, *tokens: str) -> tuple[Leftovers, list[tuple[Challenge, ...]]]:
    kept = [tuple(map(challenge, tokens))]
    account = AcmeAccount(
        *(generate_private_key(KeyType.EC_P256), lambda _: None, lambda *_: None),
        *(lambda _: None, lambda _: None),
        *(lambda: kept[-1], kept.append),
        *(lambda: None, lambda _: None),
    )
    return Leftovers(account, recorder), kept


def test_all_go_and_none_is_remembered() -> None:
    recorder = Recorder()
    left, kept = leftovers(recorder, "a", "b")
    left.take_away()
    assert recorder.said == ["down a", "down b"]
    assert kept[-1] == ()


def test_the_first_that_cannot_go_is_the_last_to_be_tried_the_next_time() -> None:
    recorder = Recorder(stuck="a")
    left, kept = leftovers(recorder, "a", "b", "c")
    left.take_away()
    assert recorder.said == []
    assert [one.token for one in kept[-1]] == ["b", "c", "a"]
    left.take_away()
    assert recorder.said == ["down b", "down c"]
    assert [one.token for one in kept[-1]] == ["a"]


def test_what_is_up_no_more_is_not_remembered() -> None:
    recorder = Recorder()
    left, kept = leftovers(recorder, "a")
    left.add(Proofs(recorder, (), recorder.keep))
    assert len(kept) == 1
    left.add(Proofs(recorder, (challenge("b"),), recorder.keep))
    assert [one.token for one in kept[-1]] == ["a", "b"]
