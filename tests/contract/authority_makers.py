"""Each authority, ready to issue: with the people or programs behind it."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from certwright.authorities.authority import (
    Authority,
    CertificateRequest,
    IssuedCertificate,
    Memory,
    Pending,
    Progress,
)
from certwright.authorities.by_hand import answer_requests
from certwright.authorities.records import AuthorityKind, AuthorityRecord
from certwright.lifecycle.server import Server
from certwright.x509.keys import private_key_to_pem

from ..unit.composed_server import Clock, compose_server, root_key_folder
from ..unit.foreign_authority import ForeignAuthority
from ..unit.tls_front import TlsFront

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PROGRAM = Path(__file__).with_name("signing_program.py")


@dataclass(frozen=True)
class AnsweredByHand:
    """The authority by hand, together with a team that signs each request as soon as it comes."""

    authority: Authority
    team: ForeignAuthority
    database: Engine

    @property
    def name(self) -> str:
        return self.authority.name

    def issue(
        self, request: CertificateRequest, progress: Progress, now: datetime
    ) -> IssuedCertificate | Pending:
        kept: list[Memory] = [progress.memory]

        def remember(memory: Memory) -> None:
            progress.remember(memory)
            kept.append(memory)

        first = self.authority.issue(request, Progress(progress.memory, remember), now)
        if isinstance(first, IssuedCertificate):
            return first
        assert first.again_at is None
        names = [name.value for name in request.names]
        leaf = self.team.sign(request.public_key, names, not_after=now + request.lifetime)
        brought = (leaf, self.team.intermediate, self.team.root)
        with self.database.begin() as connection:
            answer_requests(connection, self.name, brought, now)
        return self.authority.issue(request, Progress(kept[-1], remember), now)


def _server(database: Engine, folder: Path, *commands: tuple[str, ...]) -> Server:
    front = TlsFront()
    return compose_server(
        database,
        front,
        front.ports,
        Clock(NOW),
        root_key_folder(folder),
        allowed_commands=frozenset(commands),
    )


def _added(server: Server, record: AuthorityRecord) -> Authority:
    with server.database.begin() as connection:
        server.authorities.records.add(connection, record, NOW)
    return server.authorities.get(record.name)


def _internal(database: Engine, folder: Path) -> Authority:
    return _server(database, folder).authorities.get()


def _self_signed(database: Engine, folder: Path) -> Authority:
    record = AuthorityRecord("alone", AuthorityKind.SELF_SIGNED)
    return _added(_server(database, folder), record)


def _by_hand(database: Engine, folder: Path) -> Authority:
    record = AuthorityRecord("team", AuthorityKind.BY_HAND)
    authority = _added(_server(database, folder), record)
    return AnsweredByHand(authority, ForeignAuthority(NOW, "Team"), database)


def _command(database: Engine, folder: Path) -> Authority:
    company = ForeignAuthority(NOW, "Company")
    (folder / "key.pem").write_text(private_key_to_pem(company.key))
    (folder / "chain.pem").write_text(company.intermediate.pem + company.root.pem)
    command = (sys.executable, str(PROGRAM), str(folder))
    record = AuthorityRecord("program", AuthorityKind.COMMAND, {"command": list(command)})
    return _added(_server(database, folder, command), record)


MAKERS: dict[str, Callable[[Engine, Path], Authority]] = {
    "internal": _internal,
    "self-signed": _self_signed,
    "by-hand": _by_hand,
    "command": _command,
}
"""One entry for each module of `authorities`; all of them keep the promises of the suite."""
