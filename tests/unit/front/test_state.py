"""What is kept of the front while it runs."""

import stat
from pathlib import Path

from certwright.front.state import FrontState, read_state, write_state
from certwright.front.validation import ClearValidation, TlsValidation, begun, ended
from certwright.services.endpoints import WebServerProtocol

CLEAR = ClearValidation(80, "clear")
SHOWN = TlsValidation(443, "shown", "todd.corp.example", "certificate", "the secret key")


def test_the_state_is_read_as_it_was_written_and_by_the_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    for protocol in WebServerProtocol:
        for validations in ((), (CLEAR, SHOWN)):
            state = FrontState(protocol, validations)
            write_state(file, state)
            assert read_state(file) == state
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_begun_twice_a_validation_stays_as_it_was() -> None:
    again = TlsValidation(443, "shown", "todd.corp.example", "another", "another key")
    assert begun((SHOWN,), again) == (SHOWN,)
    assert begun((SHOWN,), CLEAR) == (SHOWN, CLEAR)
    assert begun((CLEAR,), ClearValidation(8080, "clear")) == (
        CLEAR,
        ClearValidation(8080, "clear"),
    )


def test_ended_it_is_gone_from_every_port_and_others_stay() -> None:
    both = (CLEAR, SHOWN, ClearValidation(8080, "clear"))
    assert ended(both, "clear") == (SHOWN,)
    assert ended((SHOWN,), "clear") == (SHOWN,)


def test_a_private_key_is_in_no_representation() -> None:
    assert "secret" not in repr(SHOWN)
    assert "secret" not in repr(FrontState(WebServerProtocol.HTTPS, (SHOWN,)))
