import pytest
from hypothesis import settings

from .pki import Authority

# No time limit for a single example: on a busy machine it fails for no reason. What has to be
# fast says so in a test of its own.
settings.register_profile("certwright", deadline=None)
settings.load_profile("certwright")


@pytest.fixture(scope="session")
def root() -> Authority:
    return Authority.root()


@pytest.fixture(scope="session")
def issuing(root: Authority) -> Authority:
    return root.authority()
