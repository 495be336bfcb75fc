"""Thumbprints as people paste them."""

import pytest

from certwright.cli.identifiers import tidy_identifier
from certwright.errors import CertwrightError


@pytest.mark.parametrize(
    "pasted",
    ["720e95b9", "720E95B9", "720e 95b9", "72:0E:95:B9", "72-0e-95-b9", "\u200e72 0e 95 b9 "],
)
def test_all_ways_to_write_a_thumbprint(pasted: str) -> None:
    assert tidy_identifier(pasted) == "720e95b9"


@pytest.mark.parametrize("pasted", ["", " ", "::"])
def test_nothing_names_no_certificate(pasted: str) -> None:
    with pytest.raises(CertwrightError, match="not named"):
        tidy_identifier(pasted)
