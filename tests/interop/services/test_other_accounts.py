"""Root asks a program about a configuration of another account only as that account."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from certwright.machine.services.apache.service import Apache
from certwright.machine.services.nginx.service import Nginx
from certwright.machine.services.service import Option, ServiceReference
from certwright.x509.keys import private_key_to_pem

from ...contract.services import nginx
from ...contract.services.adapter import (
    LOOPBACK,
    NAME,
    pem_chain,
    pem_material,
    served_at,
    wait_until_written,
)
from ..servers import end, free_port, program, wait_until_it_listens
from .conftest import make

THEIRS = 65534

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another account")


def give_away(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        os.lchown(path, THEIRS, THEIRS)


@pytest.fixture
def theirs(folder: Path) -> Iterator[tuple[Nginx, int]]:
    """An nginx that another account configured and started."""
    first, port = make(), free_port()
    for name in ("sites", "tls", "tls/private"):
        (folder / name).mkdir()
    (folder / "tls" / "site.pem").write_text(pem_chain(first))
    (folder / "tls" / "private" / "site.key").write_text(private_key_to_pem(first.key))
    configuration = folder / "nginx.conf"
    configuration.write_text(nginx.MAIN.format(folder=folder))
    site = nginx.SITE.format(address=LOOPBACK, port=port, name=NAME)
    (folder / "sites" / "site.conf").write_text(site)
    give_away(folder)
    path = program("nginx", "nginx-light")
    process = subprocess.Popen(
        [path, "-p", str(folder), "-c", str(configuration)],
        user=THEIRS,
        group=THEIRS,
        extra_groups=[],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_it_listens(process, port)
        wait_until_written(folder / "nginx.pid")
        options = (Option("program", path), Option("prefix", str(folder)))
        yield Nginx(ServiceReference("nginx", str(configuration), options)), port
    finally:
        end([process])


def test_nginx_tests_and_reloads_it_as_its_account(theirs: tuple[Nginx, int], folder: Path) -> None:
    service, port = theirs
    first, second = make(), make()
    log = folder / "error.log"
    log.unlink()
    service.select(NAME, pem_material(second, first))
    assert log.stat().st_uid == THEIRS  # the test of a configuration opens its logs
    service.activate(NAME)
    deadline = time.monotonic() + 30
    while served_at(port)() != second.leaf.thumbprint:
        assert time.monotonic() < deadline, "the former certificate is still served"
    assert (folder / "tls" / "site.pem").stat().st_uid == THEIRS


def test_the_variables_of_apache_are_read_as_their_account(folder: Path) -> None:
    mark = folder / "mark"
    (folder / "envvars").write_text(f"touch {mark}\n")
    (folder / "apache2.conf").write_text("")
    give_away(folder)
    apache = program("apache2", "apache2")
    options = (Option("program", apache),)
    Apache(ServiceReference("apache", str(folder / "apache2.conf"), options)).find()
    assert mark.stat().st_uid == THEIRS
