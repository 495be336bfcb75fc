"""The soak itself: certificates of minutes, renewed for half an hour while the node is killed.

Passes if no call failed but on connections of a front that was killed, no expired certificate was
served, and each renewal's proof is on record.
"""

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from soak.servers import Node, free_port, haproxy, nginx
from soak.traffic import Caller, Failure, Seen

_KILLED = ("worker", "application", "worker", "database", "front", "node")
_CALLERS = 2
_GRACE_SECONDS = 3.0
"""After a front is up again: connections that were waiting for it may fail until then."""


_SETTLE_SECONDS = 90.0


@dataclass
class Outage:
    """While the front could not answer, because it or the whole node was killed."""

    kind: str
    began: float
    ended: float = float("inf")


@dataclass
class Soak:
    """What happened."""

    outages: list[Outage] = field(default_factory=list)
    kills: dict[str, int] = field(default_factory=dict)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--lifetime", default="1m", help="of each certificate")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="certwright-soak-") as root, ExitStack() as stack:
        report = _run(Path(root), stack, options.minutes * 60, options.lifetime, options.seed)
    print(json.dumps(report, indent=2))
    sys.exit(0 if report["passed"] else 1)


def _run(root: Path, stack: ExitStack, seconds: float, lifetime: str, seed: int) -> dict[str, Any]:
    root.chmod(0o755)
    node = _node(root, stack)
    node.command("settings", "set", "internal.lifetime", lifetime)
    targets = {"front": node.ports["https-port"], **_services(root, stack, node)}
    _shorten(node, targets)
    stop, soak = threading.Event(), Soak()
    seen = [Seen(name) for name in targets]
    callers = [
        Caller(one, targets[one.name], Path(node.ready["root_file"]), stop)
        for one in seen
        for _ in range(_CALLERS)
    ]
    for caller in callers:
        caller.start()
    try:
        _kill_again_and_again(node, soak, time.monotonic() + seconds, random.Random(seed))
    finally:
        stop.set()
        for caller in callers:
            caller.join()
    return _report(node, soak, seen)


def _node(root: Path, stack: ExitStack) -> Node:
    names = ("configuration-port", "http-port", "https-port", "publication-port")
    folder = root / "node"
    folder.mkdir()
    node = Node(folder, {name: free_port() for name in names})
    stack.callback(node.stop)
    node.start()
    return node


def _own_thumbprint(node: Node) -> str:
    thumbprint: str = node.ready["endpoints"]["web-server"]["thumbprint"]
    return thumbprint


def _services(root: Path, stack: ExitStack, node: Node) -> dict[str, int]:
    """nginx and HAProxy, with the node's certificate at first, taken on by it."""
    exported = root / "first.pem"
    export = ("certificates", "export", _own_thumbprint(node), "--format", "pem", "--with-key")
    node.command(*export, "--out", str(exported))
    text = exported.read_text()
    begin = text.index("-----BEGIN PRIVATE KEY-----")
    end = text.index("-----END PRIVATE KEY-----") + len("-----END PRIVATE KEY-----\n")
    key, chain = text[begin:end], text[:begin] + text[end:]
    ports = {}
    for name, start in (("nginx", nginx), ("haproxy", haproxy)):
        folder = root / name
        folder.mkdir()
        ports[name] = stack.enter_context(start(folder, chain, key))
        configuration = folder / ("nginx.conf" if name == "nginx" else "haproxy.cfg")
        node.command("services", "add", name, "--config", str(configuration), "--yes")
    return ports


def _shorten(node: Node, targets: dict[str, int]) -> None:
    """A certificate of minutes for each, none shared; what follows comes by itself."""
    for name in targets:
        if name == "front":
            continue
        issued = node.command("request", "localhost")["issued"]
        node.command("select", f"{name}/localhost", issued)
        node.command("activate", f"{name}/localhost")
        node.command("renew", issued)
    node.command("renew", _own_thumbprint(node))


def _kill_again_and_again(node: Node, soak: Soak, until: float, chance: random.Random) -> None:
    while time.monotonic() < until:
        time.sleep(chance.uniform(4, 20))
        kind = chance.choice(_KILLED)
        began = time.monotonic()
        if not node.kill(kind):
            continue
        soak.kills[kind] = soak.kills.get(kind, 0) + 1
        if kind in {"front", "node"}:
            outage = Outage(kind, began)
            soak.outages.append(outage)
            if kind == "node":
                node.start()
            else:
                _wait_for_front(node)
            outage.ended = time.monotonic() + _GRACE_SECONDS


def _wait_for_front(node: Node) -> None:
    deadline = time.monotonic() + 30
    while "front" not in node.children() and time.monotonic() < deadline:
        time.sleep(0.02)


def _report(node: Node, soak: Soak, seen: list[Seen]) -> dict[str, Any]:
    status = _settled_status(node)
    renewals = node.command("renewals", "list", "--limit", "1000")
    endpoints = [one for service in status["services"] for one in service["endpoints"]]
    unexplained = {one.name: _unexplained(one, soak) for one in seen}
    done = sum(1 for one in renewals if one["state"] == "done")
    proofs = {one["name"]: one["proof"]["verdict"] for one in endpoints}
    expired = sum(one.expired for one in seen)
    passed = (
        not any(unexplained.values())
        and expired == 0
        and done > 0
        and set(proofs.values()) == {"pass"}
    )
    return {
        "passed": passed,
        "renewals": dict(Counter(one["state"] for one in renewals)),
        "expired_served": expired,
        "kills": soak.kills,
        "proofs": proofs,
        "traffic": {
            one.name: {
                "calls": one.calls,
                "handshakes": one.handshakes,
                "certificates": len(one.certificates),
                "repeated": one.repeated,
                "failed": len(one.failures),
                "failed_unexplained": [asdict(failure) for failure in unexplained[one.name]][:10],
            }
            for one in seen
        },
    }


def _settled_status(node: Node) -> dict[str, Any]:
    """Once what was killed last is up again, and everything is proven."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while True:
        try:
            status: dict[str, Any] = node.command("status")
        except RuntimeError:
            if time.monotonic() > deadline:
                raise
        else:
            if status["ready"] or time.monotonic() > deadline:
                return status
        time.sleep(1)


def _unexplained(seen: Seen, soak: Soak) -> list[Failure]:
    """Failures but those on connections of a killed front; services have no excuse at all."""
    if seen.name != "front":
        return seen.failures
    return [
        failure
        for failure in seen.failures
        if not any(
            outage.began <= failure.ended and failure.began <= outage.ended
            for outage in soak.outages
        )
    ]


if __name__ == "__main__":
    main()
