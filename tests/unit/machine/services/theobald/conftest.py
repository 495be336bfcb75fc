"""An installation whose two tabs have chosen a certificate each."""

from pathlib import Path

import pytest

from certwright.machine.services.theobald.service import (
    XTRACT_UNIVERSAL,
    TheobaldService,
)

from .installation import OLD, OTHER, both, make_installation, service


@pytest.fixture
def tls(tmp_path: Path) -> Path:
    return make_installation(tmp_path, both(OLD, OTHER))


@pytest.fixture
def installed(tls: Path, tmp_path: Path) -> TheobaldService:
    return service(XTRACT_UNIVERSAL, tmp_path)
