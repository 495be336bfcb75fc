"""Which node is meant: command line before environment before default."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.cli.target import (
    LocalTarget,
    RemoteTarget,
    TargetOptions,
    WrongUsageError,
    choose_target,
    node_url,
)
from certwright.errors import CertwrightError, ErrorCode

DEFAULT = Path("/default")
URL = "https://todd.corp.example:8064"
REMOTE = {"CERTWRIGHT_SERVER": URL, "CERTWRIGHT_TOKEN_FILE": "/token"}


def choose(options: TargetOptions, environment: dict[str, str]) -> LocalTarget | RemoteTarget:
    return choose_target(options, environment, lambda: DEFAULT)


@pytest.mark.parametrize(
    ("options", "environment", "chosen"),
    [
        (TargetOptions(), {}, LocalTarget(DEFAULT)),
        (TargetOptions(), {"CERTWRIGHT_DATA": "/d"}, LocalTarget(Path("/d"))),
        (TargetOptions(data=Path("/o")), {"CERTWRIGHT_DATA": "/d"}, LocalTarget(Path("/o"))),
        (TargetOptions(data=Path("/o")), REMOTE, LocalTarget(Path("/o"))),
        (TargetOptions(), REMOTE, RemoteTarget(URL, Path("/token"), None)),
        (
            TargetOptions(server="https://other", token_file=Path("/t"), ca_file=Path("/ca")),
            REMOTE | {"CERTWRIGHT_CA_FILE": "/unused"},
            RemoteTarget("https://other", Path("/t"), Path("/ca")),
        ),
        (
            TargetOptions(server=f"{URL}/"),
            {"CERTWRIGHT_TOKEN_FILE": "/t", "CERTWRIGHT_CA_FILE": "/ca", "CERTWRIGHT_DATA": "/d"},
            RemoteTarget(URL, Path("/t"), Path("/ca")),
        ),
    ],
)
def test_order_of_what_counts(
    options: TargetOptions, environment: dict[str, str], chosen: LocalTarget | RemoteTarget
) -> None:
    assert choose(options, environment) == chosen


@pytest.mark.parametrize(
    "options",
    [
        TargetOptions(data=Path("/d"), server=URL),
        TargetOptions(server=URL),
        TargetOptions(token_file=Path("/t")),
        TargetOptions(data=Path("/d"), ca_file=Path("/ca")),
    ],
)
def test_options_that_do_not_go_together(options: TargetOptions) -> None:
    with pytest.raises(WrongUsageError, match="--"):
        choose(options, {})


@pytest.mark.parametrize(
    "text",
    [
        "http://todd.corp.example:8064",
        "todd.corp.example:8064",
        "https://",
        "https://todd.corp.example:port",
        "https://todd.corp.example:99999",
        "https://name:secret@todd.corp.example",
        "https://todd.corp.example/api",
        "https://todd.corp.example?x=1",
        "https://[::1",
    ],
)
def test_what_is_no_address_of_a_node(text: str) -> None:
    with pytest.raises(CertwrightError) as refused:
        node_url(text)
    assert refused.value.code is ErrorCode.INVALID_INPUT
    assert "secret" not in refused.value.message + refused.value.remedy


@given(st.text())
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        url = node_url(text)
    except CertwrightError as refused:
        assert refused.code is ErrorCode.INVALID_INPUT  # noqa: PT017 - either way is right
    else:
        assert url.startswith("https://")
