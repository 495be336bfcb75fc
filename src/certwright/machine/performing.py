"""Every task that a machine can be asked for, done by the part that it is for."""

from .services.kinds import perform as perform_on_service
from .services.tasks import ServiceTask
from .stores.windows.performing import perform as perform_on_store
from .tasks import Result, Task


def perform(task: Task) -> Result:
    """Do one task; raises MachineError."""
    if isinstance(task, ServiceTask):
        return perform_on_service(task)
    return perform_on_store(task)
