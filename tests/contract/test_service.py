"""What every kind of `Service` promises, each with its real program."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.services.service import FoundEndpoint
from certwright.machine.services.service_files.replacing import FORMER, PREVIOUS, replace_file

from ..unit.foreign_authority import ForeignAuthority, Issued
from .services import (
    apache,
    command,
    files,
    haproxy,
    java_keystore,
    kubernetes,
    nginx,
    postgresql,
    theobald,
)
from .services.adapter import NAME, Feature, Kind, ServiceAdapter, unwritable

KINDS: Mapping[str, Kind] = {
    "apache": Kind(apache.running),
    "apache with a chain's file": Kind(apache.running_with_chain_file),
    "command": Kind(command.running, lacks=frozenset({Feature.FILES})),
    "files": Kind(files.running),
    "haproxy": Kind(haproxy.running),
    "haproxy, reloaded": Kind(haproxy.running_without_socket),
    "java-keystore": Kind(java_keystore.running),
    "kubernetes": Kind(kubernetes.running, lacks=frozenset({Feature.FILES})),
    "nginx": Kind(nginx.running),
    "postgresql": Kind(postgresql.running),
    "xtract-universal": Kind(theobald.running, frozenset({Feature.PAIRS})),
}
"""For each kind of `machine/services` at least one entry; see `services/adapter.py`."""
NOW = datetime.now(UTC)


def make() -> Issued:
    """Another certificate for the service, of another authority."""
    return ForeignAuthority(NOW).issue([NAME])


def start(kind: str) -> Iterator[ServiceAdapter]:
    with tempfile.TemporaryDirectory(prefix="certwright-service-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with KINDS[kind].running(folder, make()) as made:
            yield made


def having(*features: Feature) -> list[str]:
    return [name for name, kind in KINDS.items() if not kind.lacks & set(features)]


@pytest.fixture(params=KINDS)
def adapter(request: pytest.FixtureRequest) -> Iterator[ServiceAdapter]:
    yield from start(request.param)


@pytest.fixture(params=having(Feature.FILES))
def in_files(request: pytest.FixtureRequest) -> Iterator[ServiceAdapter]:
    yield from start(request.param)


@pytest.fixture(params=having(Feature.PAIRS))
def in_pairs(request: pytest.FixtureRequest) -> Iterator[ServiceAdapter]:
    yield from start(request.param)


def found_endpoint(adapter: ServiceAdapter) -> FoundEndpoint:
    (endpoint,) = [one for one in adapter.service.find().endpoints if one.name == adapter.endpoint]
    return endpoint


def select(adapter: ServiceAdapter, issued: Issued) -> tuple[str, ...]:
    material = adapter.material(issued, adapter.current)
    return adapter.service.select(adapter.endpoint, material)


def activate(adapter: ServiceAdapter) -> str:
    return adapter.service.activate(adapter.endpoint)


def assert_serves(adapter: ServiceAdapter, issued: Issued) -> None:
    """Soon: programs take a new configuration on behind the back of who asked for it."""
    deadline = time.monotonic() + 20
    while (served := adapter.served()) != issued.leaf.thumbprint:
        assert time.monotonic() < deadline, served
        time.sleep(0.02)


def beside(file: Path, ending: str) -> Path:
    """Where `service_files` keeps what was there."""
    return file.with_name(f".{file.name}{ending}")


def refused(call: Callable[[], object], *codes: FailureCode) -> MachineError:
    with pytest.raises(MachineError) as raised:
        call()
    assert raised.value.code in codes
    assert raised.value.message.endswith(".")
    assert raised.value.remedy.endswith(".")
    assert "PRIVATE KEY" not in raised.value.message + raised.value.remedy
    return raised.value


def test_find_sees_what_is_served(adapter: ServiceAdapter) -> None:
    found = adapter.service.find()
    endpoint = found_endpoint(adapter)
    assert endpoint.thumbprint == adapter.current.leaf.thumbprint == adapter.served()
    assert endpoint.certificate in (adapter.current.leaf.der, b"")
    assert endpoint.place
    assert found.activation
    assert all(note.endswith(".") for note in (*found.notes, *endpoint.notes))


def test_finding_twice_is_the_same_and_changes_nothing(adapter: ServiceAdapter) -> None:
    before = adapter.state()
    assert adapter.service.find() == adapter.service.find()
    assert adapter.state() == before


def test_what_is_selected_and_activated_is_served(adapter: ServiceAdapter) -> None:
    for issued in (make(), make()):
        assert select(adapter, issued)
        assert activate(adapter)
        assert_serves(adapter, issued)
        adapter.service.confirm(adapter.endpoint)
        endpoint = found_endpoint(adapter)
        assert endpoint.thumbprint == issued.leaf.thumbprint


def test_selecting_the_same_again_changes_nothing(adapter: ServiceAdapter) -> None:
    issued = make()
    select(adapter, issued)
    before = adapter.state()
    assert select(adapter, issued) == ()
    assert adapter.state() == before


def test_undone_and_activated_the_former_is_served_again(adapter: ServiceAdapter) -> None:
    before, issued = adapter.state(), make()
    select(adapter, issued)
    activate(adapter)
    assert_serves(adapter, issued)
    assert adapter.service.undo(adapter.endpoint)
    activate(adapter)
    assert_serves(adapter, adapter.current)
    assert adapter.state() == before
    assert adapter.service.undo(adapter.endpoint) == ()


def test_undo_goes_back_to_what_was_activated_last(adapter: ServiceAdapter) -> None:
    before = adapter.state()
    for _ in range(2):
        select(adapter, make())
    adapter.service.undo(adapter.endpoint)
    assert adapter.state() == before
    endpoint = found_endpoint(adapter)
    assert endpoint.thumbprint == adapter.current.leaf.thumbprint


def test_once_confirmed_nothing_is_undone(adapter: ServiceAdapter) -> None:
    issued = make()
    select(adapter, issued)
    activate(adapter)
    for _ in range(2):
        adapter.service.confirm(adapter.endpoint)
    assert adapter.service.undo(adapter.endpoint) == ()
    assert_serves(adapter, issued)


def test_unknown_endpoint_is_not_found_and_those_there_are_are_named(
    adapter: ServiceAdapter,
) -> None:
    material = adapter.material(make(), adapter.current)
    service = adapter.service
    calls: list[Callable[[], object]] = [
        lambda: service.select("unknown", material),
        lambda: service.activate("unknown"),
        lambda: service.confirm("unknown"),
        lambda: service.undo("unknown"),
    ]
    before = adapter.state()
    for call in calls:
        error = refused(call, FailureCode.NOT_FOUND)
        assert "unknown" in error.message
        assert adapter.endpoint in error.remedy
    assert adapter.state() == before


def test_key_of_another_certificate_is_refused_and_nothing_changes(
    in_pairs: ServiceAdapter,
) -> None:
    one, other = make(), make()
    mixed = Issued(one.leaf, other.key, one.chain)
    before = in_pairs.state()
    refused(lambda: select(in_pairs, mixed), FailureCode.SERVICE_FAILED, FailureCode.INVALID_INPUT)
    assert in_pairs.state() == before
    select(in_pairs, one)  # a refusal after a selection leaves that one in place
    before = in_pairs.state()
    refused(lambda: select(in_pairs, mixed), FailureCode.SERVICE_FAILED, FailureCode.INVALID_INPUT)
    assert in_pairs.state() == before
    activate(in_pairs)
    assert_serves(in_pairs, one)


def test_confirming_keeps_what_was_there_as_the_previous(in_files: ServiceAdapter) -> None:
    contents = {file: file.read_bytes() for file in in_files.files}
    select(in_files, make())
    in_files.service.confirm(in_files.endpoint)
    for file, content in contents.items():
        assert beside(file, PREVIOUS).read_bytes() == content
        assert not beside(file, FORMER).exists()


def test_owner_and_mode_stay_as_they_were(in_files: ServiceAdapter) -> None:
    before = in_files.state()
    select(in_files, make())
    after = in_files.state()
    for file in in_files.files:
        assert after[file][0] != before[file][0]
        assert after[file][1:] == before[file][1:]
        assert after[beside(file, FORMER)] == before[file]


def test_folder_that_cannot_be_written_leaves_all_as_it_was(in_files: ServiceAdapter) -> None:
    before = in_files.state()
    for folder in {file.parent for file in in_files.files}:
        with unwritable(folder):
            refused(
                lambda: select(in_files, make()),
                FailureCode.NOT_PERMITTED,
                FailureCode.STORE_FAILED,
            )
        assert in_files.state() == before
    activate(in_files)
    assert_serves(in_files, in_files.current)


def test_selection_cut_off_between_two_files_comes_out_whole(in_files: ServiceAdapter) -> None:
    before, issued = in_files.state(), make()
    select(in_files, issued)
    wanted = {file: file.read_bytes() for file in in_files.files}
    in_files.service.undo(in_files.endpoint)
    for file in in_files.files:
        replace_file(file, wanted[file])  # and there the power went
        select(in_files, issued)
        assert {one: one.read_bytes() for one in in_files.files} == wanted
        in_files.service.undo(in_files.endpoint)
        assert in_files.state() == before
    replace_file(in_files.files[0], wanted[in_files.files[0]])
    in_files.service.undo(in_files.endpoint)
    assert in_files.state() == before
