"""Plain files, of a program that the kind knows nothing of: nginx, and what reloads it."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from certwright.machine.services.files import FilesService
from certwright.machine.services.service import Option, ServiceReference

from ...interop.servers import program
from ...unit.foreign_authority import Issued
from . import nginx
from .adapter import ServiceAdapter


@contextmanager
def running(folder: Path, issued: Issued) -> Iterator[ServiceAdapter]:
    """Certificate and key in two files."""
    reload = f"{program('nginx', 'nginx-light')} -p {folder} -c {folder}/nginx.conf -s reload"
    with nginx.running(folder, issued) as served:
        key, certificate = served.files
        options = (
            Option("certificate", str(certificate.relative_to(folder))),
            Option("key", str(key)),
            Option("reload", reload),
        )
        service = FilesService(ServiceReference("files", str(folder), options))
        yield dataclasses.replace(served, service=service, endpoint="files")
