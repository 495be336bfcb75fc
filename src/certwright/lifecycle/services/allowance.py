"""Which services may be taken on by whom: a node in wrong hands must not become a shell.

Options of services name programs to run and files to write. So whoever is not the owner of the
node's own data folder may take on only what finds itself by a program's usual configuration, and
what the node's configuration lists by kind and place.
"""

from certwright.access.rights import Caller, Right, require
from certwright.errors import CertwrightError, ErrorCode
from certwright.machine.services.service import ServiceReference

_FIND_THEMSELVES = frozenset({"apache", "haproxy", "nginx", "postgresql"})


def require_allowed(caller: Caller, wanted: ServiceReference, allowed: frozenset[str]) -> None:
    """Raise NOT_PERMITTED unless `caller` may take on that service; needs the right Admin.

    `allowed` are the node's own entries, each KIND or KIND=CONFIGURATION.
    """
    require(caller, Right.ADMIN, "take on a service")
    if caller.is_local or _is_listed(wanted, allowed):
        return
    if wanted.kind in _FIND_THEMSELVES and not wanted.configuration and not wanted.options:
        return
    entry = f"{wanted.kind}={wanted.configuration}" if wanted.configuration else wanted.kind
    raise CertwrightError(
        ErrorCode.NOT_PERMITTED,
        "From afar a service is taken on only where the node's own configuration lists it.",
        f"Run the command on the node's machine with --data, or start the node with "
        f"--allow-service {entry}",
    )


def offered_from_afar(allowed: frozenset[str]) -> tuple[ServiceReference, ...]:
    """What somebody who is not the owner may take on, by kind; `allowed` as above."""
    listed = (entry.partition("=") for entry in allowed)
    found = {ServiceReference(kind, configuration) for kind, _, configuration in listed}
    found |= {ServiceReference(kind) for kind in _FIND_THEMSELVES}
    return tuple(sorted(found, key=lambda one: (one.kind, one.configuration)))


def _is_listed(wanted: ServiceReference, allowed: frozenset[str]) -> bool:
    # Options are never taken from afar: a reload command is a command.
    return not wanted.options and (
        f"{wanted.kind}={wanted.configuration}" in allowed
        or (not wanted.configuration and wanted.kind in allowed)
    )
