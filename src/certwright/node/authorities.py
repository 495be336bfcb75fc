"""Each kind of authority, from its record to what issues."""

import os
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine

from certwright.authorities.authority import Authority, IssuedCertificate
from certwright.authorities.by_hand import ByHandAuthority
from certwright.authorities.command import (
    Command,
    CommandAuthority,
    CommandSettings,
)
from certwright.authorities.internal import InternalAuthority
from certwright.authorities.records import AuthorityKind, AuthorityRecord, AuthorityRecords
from certwright.authorities.registry import Authorities, without_secrets, without_settings
from certwright.authorities.self_signed import SelfSignedAuthority
from certwright.database.private_keys import PrivateKeyVault

if TYPE_CHECKING:
    from certwright.authorities.acme.challenges import Responder
    from certwright.authorities.acme.settings import AcmeSettings


def build_authorities(
    internal: InternalAuthority,
    database: Engine,
    vault: PrivateKeyVault,
    keep: Callable[[Connection, IssuedCertificate, datetime], None],
    allowed_commands: frozenset[Command],
    responders: "Callable[[AcmeSettings], Responder]",
    now: Callable[[], datetime],
) -> Authorities:
    """All authorities of a node; of commands only `allowed_commands` are ever run.

    `responders` makes who puts up the proofs that a directory asks for, but for dns-01, which each
    authority is told about by itself.
    """

    def by_hand(record: AuthorityRecord) -> Authority:
        return ByHandAuthority(without_settings(record).name, database, os.urandom, keep)

    def self_signed(record: AuthorityRecord) -> Authority:
        name = without_settings(record).name
        return SelfSignedAuthority(name, database, vault, os.urandom, keep)

    def command(record: AuthorityRecord) -> Authority:
        settings = CommandSettings.from_json(without_secrets(record).settings)
        return CommandAuthority(record.name, settings, allowed_commands, database, os.urandom, keep)

    def acme(record: AuthorityRecord) -> Authority:
        from certwright.node.acme_authorities import open_acme_authority

        return open_acme_authority(record, database, vault, keep, allowed_commands, responders, now)

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
