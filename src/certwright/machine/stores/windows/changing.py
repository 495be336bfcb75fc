"""Changing what lies in a store: its friendly name, its archived flag, whether it is there."""

from collections.abc import Callable

from ...failures import FailureCode, MachineError
from ...tasks import DeleteCertificate, Deleted, Done, SetArchived, SetFriendlyName
from ...windows_libraries import SystemCallError
from . import private_keys
from .properties import friendly_name, is_archived, key_place, set_archived, set_friendly_name
from .system_store import Context, fingerprints, found, opened, opened_for_change, remove
from .turns import turn


def rename(task: SetFriendlyName) -> Done:
    """Change the friendly name, and read it back."""
    _change(task, lambda context: set_friendly_name(context, task.friendly_name))
    with opened(task.location, task.store) as store, found(store, task.fingerprint) as context:
        if friendly_name(context) != task.friendly_name:
            raise _not_taken("friendly name")
    return Done()


def archive(task: SetArchived) -> Done:
    """Change the archived flag, and read it back."""

    def change(context: Context) -> None:
        try:
            set_archived(context, task.archived)
        except SystemCallError:
            raise _not_taken("archived flag") from None

    _change(task, change)
    with opened(task.location, task.store) as store, found(store, task.fingerprint) as context:
        if is_archived(context) != task.archived:
            raise _not_taken("archived flag")
    return Done()


def delete(task: DeleteCertificate) -> Deleted:
    """Remove a certificate; its key goes too, unless another certificate says it is its own."""
    with turn(task.location):
        with (
            opened_for_change(task.location, task.store) as store,
            found(store, task.fingerprint) as context,
        ):
            place = key_place(context)
            remove(context)
        if task.fingerprint in fingerprints(task.location, task.store):
            raise _not_taken("removal")
        # The certificate first: killed in between, there is a key too many, and not one too few.
        is_orphan = place is not None and not private_keys.is_used(place, task.location)
        return Deleted(place is not None and is_orphan and private_keys.delete(place))


def _change(task: SetFriendlyName | SetArchived, change: Callable[[Context], None]) -> None:
    with (
        turn(task.location),
        opened_for_change(task.location, task.store) as store,
        found(store, task.fingerprint) as context,
    ):
        change(context)


def _not_taken(what: str) -> MachineError:
    return MachineError(
        FailureCode.STORE_FAILED,
        f"Windows did not keep the {what} of this certificate.",
        "Look whether a group policy put the certificate there: such ones change only there.",
    )
