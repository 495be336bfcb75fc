"""What keeps a webhook from being told, said when it is set and not only once it fails."""

from collections.abc import Mapping
from ipaddress import ip_address

from certwright.lifecycle.telling.webhook import read_url
from certwright.machine.addresses import is_public

_THIS_MACHINE = "localhost"


def webhook_hindrances(shown: Mapping[str, str], *, allow_private: bool) -> tuple[str, ...]:
    """A sentence each, from the settings as people see them; no name is looked up in the DNS.

    `allow_private` says whether the node tells addresses inside the network too.
    """
    if not shown["webhook.url"]:
        return ()
    found = []
    host = read_url(shown["webhook.url"]).hostname or ""
    if not allow_private and _is_inside(host):
        found.append(
            f"Nothing is delivered to {host}, which is not an address of the Internet. If it is "
            "meant, start the node with --allow-private-addresses."
        )
    if not shown["webhook.secret"]:
        found.append(
            "Nothing is delivered before there is a secret to sign it with: certwright settings "
            "set webhook.secret --value-file FILE"
        )
    return tuple(found)


def _is_inside(host: str) -> bool:
    try:
        return not is_public(ip_address(host))
    except ValueError:
        return host.casefold() == _THIS_MACHINE
