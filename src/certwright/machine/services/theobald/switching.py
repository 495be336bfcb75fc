"""Settings files changed, confirmed or put back, for one of two endpoints that may share a file.

What is kept beside a file says for each endpoint what was activated last. So an endpoint's switch
is over once the two agree on it, and the kept file goes when they agree on both.
"""

from collections.abc import Sequence
from pathlib import Path

from ...failures import FailureCode, MachineError
from ..service_files.replacing import (
    FORMER,
    exchange_file,
    former_content,
    keep_as_previous,
    keep_instead,
    keep_nothing,
    put_back,
    require_writable,
)
from .settings import Endpoint, SettingsFile, as_it_is


def write_all(changes: Sequence[tuple[SettingsFile, bytes]]) -> tuple[str, ...]:
    """Give each file its new content, or none of them; returns their paths.

    Raises what `require_writable` and `exchange_file` do, CHANGED_MEANWHILE among them.
    """
    for file, _ in changes:
        require_writable(file.path)
    are_kept = {file.path: former_content(file.path) is not None for file, _ in changes}
    done: list[tuple[SettingsFile, bytes]] = []
    try:
        for file, content in changes:
            exchange_file(file.path, content, file.content)
            done.append((file, content))
    except MachineError:
        for file, content in done:
            if are_kept[file.path]:
                exchange_file(file.path, file.content, content)
            else:
                put_back(file.path)
        raise
    return tuple(str(file.path) for file, _ in changes)


def confirm_switch(path: Path, former: SettingsFile, endpoint: Endpoint) -> None:
    """The endpoint's choice in this file is proven: there is no way back from it any more."""
    current = as_it_is(path, former)
    kept = former.with_choice_of(current, endpoint) if current else None
    if current is None or kept is None or _agree(former, kept, current):
        keep_as_previous(path)
    elif kept != former.content:
        keep_instead(path, kept)


def undo_switch(path: Path, former: SettingsFile, endpoint: Endpoint) -> bool:
    """Put the endpoint's former choice back into this file; whether anything was changed."""
    current = as_it_is(path, former)
    if current is None:
        return put_back(path)
    content = current.with_choice_of(former, endpoint)
    if content is None:
        raise MachineError(
            FailureCode.CHANGED_MEANWHILE,
            f"{path} was changed so much meanwhile that its former choice has no place there.",
            f"Select the certificate in the Designer; the former settings are in "
            f".{path.name}{FORMER}.",
        )
    if content == former.content:
        return put_back(path)
    changed = exchange_file(path, content, current.content)
    if _agree(current, content, former):
        keep_nothing(path)
    return changed


def _agree(file: SettingsFile, content: bytes, other: SettingsFile) -> bool:
    """Whether the file, with this content, names the same as its other version, for both."""
    changed = SettingsFile(file.path, file.parts, content)
    return all(changed.thumbprints(one) == other.thumbprints(one) for one in Endpoint)
