"""As which account a program is asked about a configuration that is not root's.

A configuration names what its program loads and opens: libraries (nginx's `load_module`, Apache's
`LoadModule`), scripts (HAProxy's `lua-load`, Apache's `envvars`), logs. That holds for a mere test
of it as well, so where root asked, whoever wrote it would be root.
"""

from collections.abc import Set as AbstractSet

from ...failures import FailureCode, MachineError
from ..service_files.finding import called, is_root


def asking_account(authors: AbstractSet[int]) -> int | None:
    """That of the one author; None for this process's own.

    `authors` are the accounts that could have written the main file, root apart: what root's own
    file includes, root's program obeys already. Raises NOT_PERMITTED where there are several.
    """
    if not is_root() or not authors:
        return None
    if len(authors) > 1:
        raise MachineError(
            FailureCode.NOT_PERMITTED,
            "The configuration is left alone: it belongs to several accounts, "
            f"{' and '.join(sorted(map(called, authors)))}.",
            "Let root or one account own it and the links to it, then try again.",
        )
    return next(iter(authors))
