"""Debian's HAProxy: with a socket for its runtime API, and without one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from certwright.machine.services.haproxy.service import HAProxy
from certwright.x509.keys import private_key_to_pem

from ...interop.servers import free_port
from ...interop.services.haproxy_servers import running_haproxy, write_configuration
from ...unit.foreign_authority import Issued
from .adapter import ServiceAdapter, pem_chain, pem_material, served_at


@contextmanager
def running(folder: Path, issued: Issued, *, hot: bool = True) -> Iterator[ServiceAdapter]:
    """One TLS socket on a folder of certificates."""
    port = free_port()
    certificate = folder / "certificates" / "site.pem"
    certificate.parent.mkdir()
    certificate.write_text(pem_chain(issued) + private_key_to_pem(issued.key))
    certificate.chmod(0o640)
    write_configuration(folder, port, crt=f"crt {certificate.parent}", hot=hot)
    with running_haproxy(folder, port) as server:
        yield ServiceAdapter(
            service=HAProxy(server.reference),
            reference=server.reference,
            endpoint="site",
            current=issued,
            served=served_at(port),
            material=pem_material,
            files=(certificate,),
        )


@contextmanager
def running_without_socket(folder: Path, issued: Issued) -> Iterator[ServiceAdapter]:
    """As `running`, switched by a reload."""
    with running(folder, issued, hot=False) as adapter:
        yield adapter
