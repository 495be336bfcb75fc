"""What was put up is remembered before, and taken away afterwards."""

import pytest

from certwright.authorities.acme.challenges import Challenge, ChallengeKind
from certwright.authorities.acme.proofs import Proofs
from certwright.authorities.authority import IssuanceFailed
from certwright.x509.names import parse_server_name


def challenge(token: str) -> Challenge:
    name = parse_server_name("todd.corp.example")
    return Challenge(ChallengeKind.HTTP_01, name, token, f"{token}.thumbprint")


class Recorder:
    """A responder and a memory that say in which order they were asked."""

    def __init__(self, stuck: str = "") -> None:
        self.said: list[str] = []
        self.stuck = stuck

    def prepare(self) -> None:
        self.said.append("ready")

    def respond(self, challenge: Challenge) -> None:
        self.said.append(f"up {challenge.token}")

    def withdraw(self, challenge: Challenge) -> None:
        if challenge.token == self.stuck:
            raise IssuanceFailed("The DNS server does not answer.", "Try again.")
        self.said.append(f"down {challenge.token}")

    def keep(self, up: tuple[Challenge, ...]) -> None:
        self.said.append("keep " + ",".join(one.token for one in up))


def test_a_proof_is_remembered_before_it_is_put_up() -> None:
    recorder = Recorder()
    proofs = Proofs(recorder, (), recorder.keep)
    proofs.put_up([challenge("a"), challenge("b")])
    proofs.take_away()
    assert recorder.said == ["keep a,b", "up a", "up b", "down a", "down b", "keep "]


def test_what_an_earlier_process_left_is_taken_away_when_others_are_put_up() -> None:
    recorder = Recorder()
    proofs = Proofs(recorder, (challenge("old"), challenge("a")), recorder.keep)
    proofs.put_up([challenge("a")])
    assert recorder.said == ["keep a,old", "up a", "down old"]
    assert proofs.up == (challenge("a"),)


def test_a_proof_that_cannot_be_taken_away_stays_remembered_and_stops_nothing() -> None:
    recorder = Recorder(stuck="a")
    proofs = Proofs(recorder, (challenge("a"), challenge("b")), recorder.keep)
    proofs.take_away()
    assert recorder.said == ["down b", "keep a"]


def test_nothing_is_remembered_anew_where_nothing_was_up() -> None:
    recorder = Recorder()
    Proofs(recorder, (), recorder.keep).take_away()
    assert recorder.said == []


def test_other_errors_than_ours_are_not_hidden() -> None:
    class Broken(Recorder):
        def withdraw(self, challenge: Challenge) -> None:
            raise RuntimeError(challenge.token)

    recorder = Broken()
    with pytest.raises(RuntimeError):
        Proofs(recorder, (challenge("a"),), recorder.keep).take_away()
