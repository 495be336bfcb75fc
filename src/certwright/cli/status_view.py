"""The node at a glance, as people read it."""

from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from certwright.cli.documents import Authority, Endpoint, Status, Telling
from certwright.cli.nodes_view import seen_text
from certwright.cli.renewal_view import outlook_text, renewals_view
from certwright.cli.service_view import look_lines
from certwright.cli.wording import (
    ATTENTION,
    BAD,
    GOOD,
    facts,
    moment,
    table,
    title,
    until,
)
from certwright.designer.dates import ago_text
from certwright.designer.thumbprints import grouped, shortened

_HEALTH_STYLES = {"good": GOOD, "attention": ATTENTION, "broken": BAD}


def status_view(status: Status, now: datetime) -> RenderableType:
    """The node, then each endpoint, then what is to be done."""
    ready = Text("ready", GOOD) if status["ready"] else Text("not ready", BAD)
    rows: list[tuple[str, RenderableType]] = [
        ("server", status["server_name"]),
        ("node", Text.assemble(ready, f", Certwright {status['version']}")),
        ("environment", status["environment"]),
        ("database", f"{status['database']['kind']} {status['database']['version']}"),
    ]
    rows += [
        (f"node {one['name']}", Text.assemble(f"{one['server_name']}, ", seen_text(one, now)))
        for one in status.get("nodes", ())
        if not one["this"]
    ]
    for authority in status["authorities"]:
        rows += _authority(authority, now)
    rows += [_telling(one, now) for one in status.get("telling", ())]
    endpoints = [endpoint for service in status["services"] for endpoint in service["endpoints"]]
    listing = table("Endpoint", "Protocol", "Thumbprint", "Good until", "Renewed", "Proof")
    for endpoint in endpoints:
        listing.add_row(
            title(endpoint["name"]),
            _protocol(endpoint),
            _thumbprint(endpoint),
            _good_until(endpoint, now),
            _renewed(endpoint, now),
            _proof(endpoint, now),
        )
    sentences = [line for endpoint in endpoints for line in _sentences(endpoint)]
    parts: list[RenderableType] = [facts(rows), "", listing]
    if sentences:
        parts += ["", *sentences]
    parts += look_lines(status["services"])
    if "renewal_sentence" in status:
        parts += ["", f"Renewals: {status['renewal_sentence']}"]
    if status.get("unused"):
        parts += ["", *(Text(one["sentence"], ATTENTION) for one in status["unused"])]
    if status.get("renewals"):
        parts += ["", renewals_view(status["renewals"], now)]
    return Group(*parts)


def _authority(authority: Authority, now: datetime) -> list[tuple[str, RenderableType]]:
    if "issuing_until" not in authority or "root_fingerprint" not in authority:
        return [("authority", f"{authority['name']} ({authority['kind']})")]
    issuing = until(authority["issuing_until"], now)
    return [
        ("authority", Text.assemble(f"{authority['name']}, issues until ", issuing)),
        ("root fingerprint", grouped(authority["root_fingerprint"])),
    ]


def _telling(telling: Telling, now: datetime) -> tuple[str, RenderableType]:
    name = f"told by {telling['channel']}"
    if telling["failure"]:
        return name, Text(f"failed {telling['attempts']} times: {telling['failure']}", BAD)
    if telling["sent_at"] is None:
        return name, "nothing yet"
    return name, f"{ago_text(moment(telling['sent_at']), now)}: {telling['answer']}"


def _protocol(endpoint: Endpoint) -> str:
    if "protocol" not in endpoint:
        return ", ".join(f":{address['port']}" for address in endpoint.get("addresses", []))
    protocol = endpoint["active_protocol"] or endpoint["protocol"]
    return f"{protocol} :{endpoint['port']}"


def _thumbprint(endpoint: Endpoint) -> Text:
    proof = endpoint["proof"]
    served = None if proof is None else proof.get("served_thumbprint")
    thumbprint = endpoint.get("active_thumbprint") or served
    return Text(shortened(thumbprint) if thumbprint else "none", no_wrap=True)


def _good_until(endpoint: Endpoint, now: datetime) -> RenderableType:
    chain = endpoint["proof"].get("chain") if endpoint["proof"] else None
    return until(chain[0]["not_after"], now) if chain else ""


def _renewed(endpoint: Endpoint, now: datetime) -> RenderableType:
    planned = endpoint.get("next_renewal")
    return "" if planned is None else outlook_text(planned, now)


def _proof(endpoint: Endpoint, now: datetime) -> Text:
    proof = endpoint["proof"]
    if proof is None:
        return Text("none yet", ATTENTION)
    passed = proof["verdict"] == "pass"
    word = Text("pass", GOOD) if passed else Text("fail", BAD)
    return Text.assemble(word, f", {ago_text(moment(proof['at']), now)}")


def _sentences(endpoint: Endpoint) -> list[Text]:
    name = title(endpoint["name"])
    lines = []
    if "sentence" in endpoint:
        style = _HEALTH_STYLES.get(endpoint.get("health", ""), "")
        lines.append(Text.assemble((name, style), f": {endpoint['sentence']}"))
    saved = (endpoint["saved"], endpoint.get("protocol"))
    differs = saved != (endpoint["active"], endpoint.get("active_protocol"))
    if differs and not endpoint.get("put_back", False):
        command = f"certwright activate {endpoint['name']}"
        lines.append(Text(f"{name}: to use what is saved, run {command}", ATTENTION))
    return lines
