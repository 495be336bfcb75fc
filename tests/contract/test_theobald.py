"""The way back for whoever an expired certificate has locked out of Xtract Universal's Designer."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.services.service_files.replacing import PREVIOUS
from certwright.machine.services.theobald.service import TheobaldService

from ..unit.foreign_authority import ForeignAuthority, Issued
from ..unit.machine.services.theobald.installation import OTHER, both
from .services import theobald
from .services.adapter import NAME, ServiceAdapter

NOW = datetime.now(UTC)


@pytest.fixture
def expired() -> Issued:
    return ForeignAuthority(NOW).issue(
        [NAME], not_before=NOW - timedelta(days=200), not_after=NOW - timedelta(days=1)
    )


@pytest.fixture
def locked_out(expired: Issued) -> Iterator[ServiceAdapter]:
    with (
        tempfile.TemporaryDirectory(prefix="certwright-service-", dir="/tmp") as name,
        theobald.running(Path(name), expired) as adapter,
    ):
        yield adapter


def test_selecting_a_right_one_lets_in_again_and_loses_no_setting(
    locked_out: ServiceAdapter, expired: Issued
) -> None:
    assert locked_out.served() == expired.leaf.thumbprint
    right = ForeignAuthority(NOW).issue([NAME])
    (tls,) = locked_out.files
    material = locked_out.material(right, expired)
    assert locked_out.service.select(locked_out.endpoint, material) == (str(tls),)
    locked_out.service.activate(locked_out.endpoint)
    assert locked_out.served() == right.leaf.thumbprint
    locked_out.service.confirm(locked_out.endpoint)
    assert tls.read_bytes() == both(right.leaf.thumbprint, OTHER)


def test_the_vendors_reset_keeps_the_file_and_tells_when_it_does_not_come_back(
    locked_out: ServiceAdapter, expired: Issued
) -> None:
    service = locked_out.service
    assert isinstance(service, TheobaldService)
    (tls,) = locked_out.files
    content = tls.read_bytes()
    assert service.reset() == (str(tls),)
    assert not tls.exists()
    version = tls.parent.parent / "version.txt"
    version.rename(version.with_suffix(".away"))  # without which the stand-in does not start
    with pytest.raises(MachineError, match="exit code 1") as failed:
        service.activate(locked_out.endpoint)
    assert failed.value.code is FailureCode.SERVICE_FAILED
    assert service.undo(locked_out.endpoint) == (str(tls),)
    assert tls.read_bytes() == content
    assert not tls.with_name(f".{tls.name}{PREVIOUS}").exists()
    version.with_suffix(".away").rename(version)
    service.activate(locked_out.endpoint)
    assert locked_out.served() == expired.leaf.thumbprint
