"""How each process of a node begins: told what it has to know, it builds what it works with."""

import sys
from dataclasses import dataclass

from certwright.database.engine import open_engine
from certwright.lifecycle.server import Server
from certwright.node.briefing import Briefing
from certwright.node.composition import Parts, build_front, build_server, provide_authority, utc_now
from certwright.node.logs import configure_log
from certwright.node.runtime_folder import RuntimeFolder


@dataclass(frozen=True)
class Briefed:
    """What a process of a node works with."""

    briefing: Briefing
    runtime_folder: RuntimeFolder
    parts: Parts
    server: Server


def be_briefed() -> Briefed:
    """Read the briefing from the standard input, to its end, and put the server together."""
    configure_log()
    briefing = Briefing.from_bytes(sys.stdin.buffer.read())
    runtime_folder = RuntimeFolder(briefing.runtime_folder)
    parts = Parts(
        settings=briefing.settings,
        node=briefing.node,
        runtime_folder=runtime_folder,
        key=briefing.key,
        database=open_engine(briefing.database, briefing.node),
        now=utc_now,
    )
    front = build_front(briefing.settings, runtime_folder)
    server = build_server(parts, provide_authority(parts), front)
    return Briefed(briefing, runtime_folder, parts, server)
