import pytest

from .pki import Authority


@pytest.fixture(scope="session")
def root() -> Authority:
    return Authority.root()


@pytest.fixture(scope="session")
def issuing(root: Authority) -> Authority:
    return root.authority()
