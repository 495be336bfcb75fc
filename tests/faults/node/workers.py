"""The worker of a node, found among the processes that the node started."""

from pathlib import Path

from tests.conftest import RunningNode


def worker_of(node: RunningNode) -> int:
    """The process of the node's worker."""
    tasks = Path(f"/proc/{node.process.pid}/task")
    children = " ".join((task / "children").read_text() for task in tasks.iterdir()).split()
    (worker,) = (
        int(child)
        for child in children
        if "certwright.node.worker" in Path(f"/proc/{child}/cmdline").read_text()
    )
    return worker
