"""A server that is added to a real nginx later is found by a look, and cared for after a yes."""

import subprocess
from pathlib import Path

from certwright.lifecycle.renewal.advancing import advance
from certwright.lifecycle.renewal.record import RenewalState
from certwright.lifecycle.server import Server
from certwright.lifecycle.services.looking import look_again, take_on_look
from certwright.services.endpoints import ServiceEndpoint, get_endpoint
from certwright.x509.keys import private_key_to_pem

from ...contract.services import nginx
from ...contract.services.adapter import LOOPBACK, NAME, ServiceAdapter, pem_chain
from ...unit.foreign_authority import ForeignAuthority
from ..servers import free_port, wait_until_open
from .renewals import OWNER, SURROUNDINGS, agree, begin, take_on

SHOP = "shop.corp.example"


def test_a_server_that_is_added_later_is_cared_for_and_what_was_there_is_renewed_on(
    server: Server, company: ForeignAuthority, tmp_path: Path
) -> None:
    folder = tmp_path / "service"
    folder.mkdir(mode=0o755)
    with nginx.running(folder, company.issue([NAME])) as adapter:
        name = take_on(server, adapter, "nginx")
        with server.database.connect() as connection:
            before = get_endpoint(connection, name)
        add_shop(folder, company, adapter)
        seen = look_again(server, "nginx", OWNER)
        assert [one.found.name for one in seen.new] == [SHOP]
        take_on_look(server, "nginx", seen.mark, OWNER)
        with server.database.connect() as connection:
            after = get_endpoint(connection, name)
            shop = get_endpoint(connection, ServiceEndpoint(f"nginx/{SHOP}"))
        assert (after.renewal, after.active, after.version) == (
            before.renewal,
            before.active,
            before.version,
        )
        assert shop.proof is not None
        assert shop.active is not None
        assert shop.proof["served_fingerprint"] == shop.active.certificate
        assert after.active is not None
        renewal = begin(server, after.active.certificate)
        advance(server, renewal, SURROUNDINGS)
        agree(server, renewal)
        done = advance(server, renewal, SURROUNDINGS)
        assert done.state is RenewalState.DONE, done.sentence


def add_shop(folder: Path, company: ForeignAuthority, adapter: ServiceAdapter) -> None:
    """As an administrator does: another file of nginx's configuration, then a reload."""
    port = free_port()
    issued = company.issue([SHOP])
    (folder / "tls" / "shop.pem").write_text(pem_chain(issued))
    (folder / "tls" / "shop.key").write_text(private_key_to_pem(issued.key))
    site = nginx.SITE.format(address=LOOPBACK, port=port, name=SHOP)
    text = site.replace("tls/site.pem", "tls/shop.pem").replace(
        "tls/private/site.key", "tls/shop.key"
    )
    (folder / "sites" / "shop.conf").write_text(text)
    assert adapter.reference is not None
    program = adapter.reference.option("program")
    nginx_conf = adapter.reference.configuration
    subprocess.run([program, "-p", str(folder), "-c", nginx_conf, "-s", "reload"], check=True)
    wait_until_open(port)  # it reloads behind the back of who asked for it
