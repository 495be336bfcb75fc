"""Each kind of authority, from its record to what issues."""

import os
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
from certwright.authorities.by_hand import ByHandAuthority
from certwright.authorities.command import (
    Command,
    CommandAuthority,
    CommandSettings,
    refuse_forbidden,
)
from certwright.authorities.internal import InternalAuthority
from certwright.authorities.records import AuthorityKind, AuthorityRecord, AuthorityRecords
from certwright.authorities.registry import Authorities, without_secrets, without_settings
from certwright.authorities.self_signed import SelfSignedAuthority
from certwright.database.private_keys import PrivateKeyVault


def build_authorities(
    internal: InternalAuthority,
    database: Engine,
    vault: PrivateKeyVault,
    keep: Callable[[Connection, IssuedCertificate, datetime], None],
    allowed_commands: frozenset[Command],
    responders: Callable[[AcmeSettings], Responder],
    now: Callable[[], datetime],
) -> Authorities:
    """All authorities of a node; of commands only `allowed_commands` are ever run.

    `responders` makes who puts up the proofs that a directory asks for, but for dns-01, which each
    authority is told about by itself.
    """
    accounts = AcmeAccounts(database, vault, now)

    def by_hand(record: AuthorityRecord) -> Authority:
        return ByHandAuthority(without_settings(record).name, database, os.urandom, keep)

    def self_signed(record: AuthorityRecord) -> Authority:
        name = without_settings(record).name
        return SelfSignedAuthority(name, database, vault, os.urandom, keep)

    def command(record: AuthorityRecord) -> Authority:
        settings = CommandSettings.from_json(without_secrets(record).settings)
        return CommandAuthority(record.name, settings, allowed_commands, database, os.urandom, keep)

    def acme(record: AuthorityRecord) -> Authority:
        settings = AcmeSettings.from_json(record.settings)
        secrets = AcmeSecrets.from_json(record.secrets)
        account = accounts.open(record.name, settings.directory_url)
        if settings.challenge is ChallengeKind.DNS_01 and settings.dns is not None:
            _refuse_forbidden_hook(settings.dns, allowed_commands)
            in_dns = dns_responder(settings.dns, secrets, settings.ca_pem)
            return AcmeAuthority(
                *(record.name, settings, secrets, account, in_dns, database, keep),
                settle=in_dns.settle,
            )
        on_node = responders(settings)
        return AcmeAuthority(record.name, settings, secrets, account, on_node, database, keep)

    return Authorities(
        database,
        AuthorityRecords(vault.key),
        {
            AuthorityKind.INTERNAL: lambda _: internal,
            AuthorityKind.ACME: acme,
            AuthorityKind.BY_HAND: by_hand,
            AuthorityKind.COMMAND: command,
            AuthorityKind.SELF_SIGNED: self_signed,
        },
    )


def _refuse_forbidden_hook(settings: DnsSettings, allowed_commands: frozenset[Command]) -> None:
    if isinstance(settings.records, HookSettings):
        refuse_forbidden((settings.records.program,), allowed_commands)
