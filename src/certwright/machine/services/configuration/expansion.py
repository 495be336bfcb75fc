"""Variables in a configuration, whose values may be made of each other, so far and no further."""

from ...failures import FailureCode, MachineError

_LONGEST = 64 * 1024
_MOST = 16 * 1024 * 1024


class Expansion:
    """Counts what the variables of one configuration became, in characters."""

    def __init__(self) -> None:
        self._in_all = 0
        self._of_line = 0

    def begin_line(self) -> None:
        """What follows stands in another line."""
        self._of_line = 0

    def add(self, value: str) -> str:
        """`value` itself; raises TOO_LARGE where a line or all of them become too long by it."""
        self._of_line += len(value)
        self._in_all += len(value)
        if self._of_line > _LONGEST or self._in_all > _MOST:
            raise MachineError(
                FailureCode.TOO_LARGE,
                "The variables of the configuration become longer than 64 KiB in a line, or than "
                "16 MiB in all.",
                "Look which variable is made of which, and make them shorter.",
            )
        return value
