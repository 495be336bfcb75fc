"""Every task that a machine can be asked for, done by the part that it is for."""

from .services import kinds
from .services.tasks import ServiceTask
from .stores import windows
from .tasks import Result, Task


def perform(task: Task) -> Result:
    """Do one task; raises MachineError."""
    if isinstance(task, ServiceTask):
        return kinds.perform(task)
    return windows.perform(task)
