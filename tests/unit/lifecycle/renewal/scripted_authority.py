"""An authority of which a test says what it does each time it is asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from certwright.authorities.authority import (
    CertificateRequest,
    IssuedCertificate,
    Memory,
    Pending,
    Progress,
)
from certwright.authorities.records import AuthorityKind
from certwright.lifecycle.server import Server

Act = Callable[[CertificateRequest, Progress, datetime], IssuedCertificate | Pending]


@dataclass
class ScriptedAuthority:
    """Does one act after the other, the last of them for ever."""

    acts: Sequence[Act]
    name: str = "internal"
    memories: list[Memory] = field(default_factory=list)
    abandoned: list[Memory] = field(default_factory=list)

    def issue(
        self, request: CertificateRequest, progress: Progress, now: datetime
    ) -> IssuedCertificate | Pending:
        self.memories.append(progress.memory)
        act = self.acts[min(len(self.memories), len(self.acts)) - 1]
        return act(request, progress, now)

    def abandon(self, memory: Memory) -> None:
        self.abandoned.append(memory)


def with_authority(server: Server, authority: ScriptedAuthority) -> Server:
    """`server`, with that one in the place of its own authority."""
    makers = {**server.authorities.makers, AuthorityKind.INTERNAL: lambda _: authority}
    return replace(server, authorities=replace(server.authorities, makers=makers))
