"""Authorities reached by ACME, from their records.

Apart from the other kinds: what it imports takes a tenth of a second, and most nodes have none.
"""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, Engine

from certwright.authorities.acme.account_keeping import AcmeAccounts
from certwright.authorities.acme.authority import AcmeAuthority
from certwright.authorities.acme.challenges import ChallengeKind, Responder
from certwright.authorities.acme.dns.responder import dns_responder
from certwright.authorities.acme.dns.settings import DnsSettings, HookSettings
from certwright.authorities.acme.settings import AcmeSecrets, AcmeSettings
from certwright.authorities.authority import Authority, IssuedCertificate
from certwright.authorities.command import Command, refuse_forbidden
from certwright.authorities.records import AuthorityRecord
from certwright.database.private_keys import PrivateKeyVault


def open_acme_authority(
    record: AuthorityRecord,
    database: Engine,
    vault: PrivateKeyVault,
    keep: Callable[[Connection, IssuedCertificate, datetime], None],
    allowed_commands: frozenset[Command],
    responders: Callable[[AcmeSettings], Responder],
    now: Callable[[], datetime],
) -> Authority:
    """The authority that `record` describes; of DNS hooks only `allowed_commands` are ever run."""
    settings = AcmeSettings.from_json(record.settings)
    secrets = AcmeSecrets.from_json(record.secrets)
    account = AcmeAccounts(database, vault, now).open(record.name, settings.directory_url)
    if settings.challenge is ChallengeKind.DNS_01 and settings.dns is not None:
        _refuse_forbidden_hook(settings.dns, allowed_commands)
        in_dns = dns_responder(settings.dns, secrets, settings.ca_pem)
        return AcmeAuthority(
            *(record.name, settings, secrets, account, in_dns, database, keep),
            settle=in_dns.settle,
        )
    on_node = responders(settings)
    return AcmeAuthority(record.name, settings, secrets, account, on_node, database, keep)


def _refuse_forbidden_hook(settings: DnsSettings, allowed_commands: frozenset[Command]) -> None:
    if isinstance(settings.records, HookSettings):
        refuse_forbidden((settings.records.program,), allowed_commands)
