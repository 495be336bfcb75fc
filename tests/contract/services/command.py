"""A program of the administrator's own, which cares for nginx here."""

import dataclasses
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from certwright.machine.services.command import Command
from certwright.machine.services.service import Option, ServiceReference

from ...interop.servers import program
from ...unit.foreign_authority import Issued
from . import command_program, nginx
from .adapter import ServiceAdapter


@contextmanager
def running(folder: Path, issued: Issued) -> Iterator[ServiceAdapter]:
    """One program for every step."""
    reload = [program("nginx", "nginx-light"), "-p", folder, "-c", folder / "nginx.conf"]
    with nginx.running(folder, issued) as served:
        key, certificate = served.files
        line = [sys.executable, command_program.__file__, certificate, key, *reload, "-s", "reload"]
        steps = ("command", "activate", "confirm", "undo", "current")
        options = tuple(Option(step, shlex.join(map(str, line))) for step in steps)
        service = Command(ServiceReference("command", "", options))
        yield dataclasses.replace(served, service=service, endpoint="command")
