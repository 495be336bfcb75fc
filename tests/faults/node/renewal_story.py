"""How a renewal goes on after a kill, by its story."""

import time
from typing import Any

from tests.conftest import RunningNode

_SECONDS = 60.0
"""Within which a worker that was killed, or another node, has to go on."""


def wait_for_state(node: RunningNode, renewal: int, state: str, words: str = "") -> Any:
    """Its story, once it stands so and its sentence has these words."""
    begun = time.monotonic()
    with node.client() as client:
        while True:
            story = client.get(f"renewals/{renewal}")
            if story["state"] == state and words in story["sentence"]:
                return story
            assert time.monotonic() - begun < _SECONDS, story
            time.sleep(0.1)
