"""The JSON documents a node answers with, as far as they are shown to people."""

from typing import Any, NotRequired, TypedDict


class ProofCheck(TypedDict):
    """One thing that was looked at in a handshake."""

    name: str
    ok: bool
    sentence: str


class ChainLink(TypedDict):
    """A certificate as served; times are RFC 3339."""

    fingerprint: str
    subject: str
    issuer: str
    not_after: str


class Proof(TypedDict):
    """What a handshake from outside showed; without one, only why there was none."""

    verdict: str
    at: str
    address: str
    port: int
    name: str
    checks: list[ProofCheck]
    tls_version: NotRequired[str | None]
    cipher: NotRequired[str | None]
    group: NotRequired[str | None]
    served_fingerprint: NotRequired[str | None]
    served_thumbprint: NotRequired[str | None]
    chain: NotRequired[list[ChainLink]]
    judged_by: NotRequired[str]
    """By whose trust, if not the node's."""
    remedy: NotRequired[str]
    """What to do, where nothing listens and that is known."""


class Endpoint(TypedDict):
    """A listening place of a service; `saved` and `active` are fingerprints."""

    name: str
    environment: str
    protocol: NotRequired[str]
    """Of the node's own endpoints alone, as are the two that follow."""
    active_protocol: NotRequired[str | None]
    port: NotRequired[int]
    addresses: NotRequired[list[dict[str, Any]]]
    """Where that of a service listens."""
    saved: str | None
    active: str | None
    proof: Proof | None
    active_thumbprint: NotRequired[str | None]
    """Only within a status, as are the two that follow."""
    sentence: NotRequired[str]
    put_back: NotRequired[bool]
    """How it stands, in words."""
    health: NotRequired[str]
    next_renewal: NotRequired["Outlook | None"]


class Database(TypedDict):
    """Where the node keeps what it knows."""

    kind: str
    version: str


class ServiceLook(TypedDict):
    """What the latest look at a configuration showed that is not on record; `at` is RFC 3339."""

    at: str | None
    new: list[str]
    gone: list[str]
    changed: list[str]
    failure: str
    sentence: str


class Service(TypedDict):
    """Who uses certificates."""

    name: str
    kind: str
    machine: str
    look: NotRequired[ServiceLook]
    """Not of the node itself."""
    endpoints: list[Endpoint]


class Authority(TypedDict):
    """Who issues certificates."""

    name: str
    kind: str
    settings: dict[str, Any]
    secrets: list[str]
    """The names of its secrets."""
    root_fingerprint: NotRequired[str]
    issuing_until: NotRequired[str]
    paused_until: NotRequired[str]
    pause: NotRequired[str]
    """Why it is asked nothing until then."""


class AuthorityRequest(TypedDict):
    """What waits for people to sign it; `signing_request` is PKCS#10 in PEM."""

    id: str
    authority: str
    names: list[str]
    days: int
    profile: str
    requested_by: str
    created_at: str
    signing_request: str


class Telling(TypedDict):
    """How the sending over a channel went last; times are RFC 3339."""

    channel: str
    sent_at: str | None
    answer: str
    attempts: int
    failure: str
    again_at: str | None


class Node(TypedDict):
    """One of the nodes that share the database; `this` is the one that answers."""

    name: str
    server_name: str
    version: str
    seen_at: str
    silent: bool
    this: bool


class Unused(TypedDict):
    """A certificate that no endpoint uses and that runs out soon, in a sentence."""

    fingerprint: str
    not_after: str
    sentence: str


class Status(TypedDict):
    """The node at a glance."""

    ready: bool
    version: str
    server_name: str
    environment: str
    database: Database
    nodes: NotRequired[list[Node]]
    authorities: list[Authority]
    services: list[Service]
    renewal_sentence: NotRequired[str]
    """Not told by a node of the first release, as is the next."""
    renewals: NotRequired[list["Renewal"]]
    unused: NotRequired[list[Unused]]
    telling: NotRequired[list[Telling]]


class Event(TypedDict):
    """One thing that happened."""

    at: str
    actor: str
    kind: str
    message: str
    good: bool


class ActivationStep(TypedDict):
    """One step of an activation."""

    name: str
    ok: bool | None
    sentence: str
    at: str


class Activation(TypedDict):
    """An activation and how it ended: `proven`, `put-back` or `failed`."""

    id: int
    endpoint: str
    state: str
    steps: list[ActivationStep]
    proof: Proof | None


class NameWithRight(TypedDict):
    """A user or a token."""

    name: str
    right: str
    created_at: str


class Next(TypedDict):
    """What happens next; `at` is null for at once, for never, or for people."""

    at: str | None
    sentence: str


class RenewalStep(ActivationStep):
    """One step of a renewal; `endpoint` is where an activation took it."""

    endpoint: str | None


class Renewal(TypedDict):
    """The way of a certificate, its first one or its renewal."""

    id: int
    state: str
    failed: bool
    sentence: str
    next: Next
    certificate: str | None
    issued: str | None
    issued_thumbprint: NotRequired[str | None]
    """With its steps alone."""
    names: list[str]
    authority: str
    rehearsed_at: NotRequired[str | None]
    key: str
    key_elsewhere: bool
    requested_by: str
    reason: str
    started_at: str
    steps: NotRequired[list[RenewalStep]]
    """Only where it stands alone."""
    file: NotRequired[str]
    """Where this program wrote the certificate."""


class Outlook(TypedDict):
    """When a certificate is renewed, why then, and by whom."""

    outlook: str
    at: str
    reason: str
    authority: str | None
    renewal: int | None
    waits_for: NotRequired[str | None]
    """What the renewal waits for: time, retry, agreement, answer or nodes."""


class Plan(Outlook):
    """What is to happen to a certificate in use."""

    common_name: str
    names: list[str]
    not_after: str
    endpoints: list[dict[str, str]]


class Due(TypedDict):
    """What is planned, and what was begun of it."""

    plans: list[Plan]
    renewals: list[Renewal]
