"""A node's endpoints, and what is saved and what is active at each.

Every function is about the node that asks, unless it says otherwise.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Engine, Row, select, true, update
from sqlalchemy.dialects.postgresql import insert

from certwright.database.node_views import THIS_NODE, endpoints
from certwright.database.tables import endpoints_of_nodes
from certwright.errors import CertwrightError, ErrorCode
from certwright.machine.services.service import Address
from certwright.x509.text import printable

_SERVICE_ENDPOINT = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}/[a-z0-9][a-z0-9._-]{0,252}")


class OwnEndpoint(StrEnum):
    """The two listening places of a node, as its users know them."""

    CONFIGURATION_SERVER = "configuration-server"
    WEB_SERVER = "web-server"

    @property
    def label(self) -> str:
        """What the Designer calls it."""
        return self.value.replace("-", " ").title()

    @property
    def in_words(self) -> str:
        """What a sentence calls it."""
        return f"the {self.label}"


class ServiceEndpoint(str):
    """A listening place of a service, by the name `SERVICE/ENDPOINT`."""

    __slots__ = ()

    @property
    def service(self) -> str:
        """The service's own name."""
        return self.partition("/")[0]

    @property
    def endpoint(self) -> str:
        """What the service calls it."""
        return self.partition("/")[2]

    @property
    def label(self) -> str:
        """What the Designer calls it."""
        return f"{self.endpoint} of {self.service}"

    @property
    def in_words(self) -> str:
        """What a sentence calls it."""
        return self.label


EndpointName: TypeAlias = OwnEndpoint | ServiceEndpoint


class WebServerProtocol(StrEnum):
    """Who may call the Web Server, and how."""

    HTTP = "http"
    HTTPS = "https"
    HTTPS_AD_USERS = "https-ad-users"
    HTTPS_CUSTOM_USERS = "https-custom-users"
    HTTPS_CLIENT_CERTIFICATES = "https-client-certificates"

    @property
    def label(self) -> str:
        """What the Designer calls it."""
        return _PROTOCOL_TITLES[self]

    @property
    def is_available(self) -> bool:
        """Whether this release can serve it."""
        return self in {WebServerProtocol.HTTP, WebServerProtocol.HTTPS}

    @property
    def is_encrypted(self) -> bool:
        """Whether a certificate is used at all."""
        return self is not WebServerProtocol.HTTP


_PROTOCOL_TITLES = {
    WebServerProtocol.HTTP: "HTTP - Unrestricted",
    WebServerProtocol.HTTPS: "HTTPS - Unrestricted",
    WebServerProtocol.HTTPS_AD_USERS: "HTTPS - Restricted to AD users",
    WebServerProtocol.HTTPS_CUSTOM_USERS: "HTTPS - Restricted to custom users",
    WebServerProtocol.HTTPS_CLIENT_CERTIFICATES: "HTTPS - Restricted to client certificates",
}


@dataclass(frozen=True)
class Choice:
    """What an endpoint serves: a protocol, and a certificate by its fingerprint."""

    protocol: WebServerProtocol
    certificate: str | None


class RenewalKey(StrEnum):
    """Which private key a renewed certificate is for."""

    NEW = "new"
    SAME = "same"


@dataclass(frozen=True)
class RenewalSettings:
    """How the certificate of an endpoint is renewed.

    `authority` is None for the one that issued it; `window` the hours in which a new certificate
    is activated, "" for at once.
    """

    authority: str | None = None
    key: RenewalKey = RenewalKey.NEW
    window: str = ""


@dataclass(frozen=True)
class Endpoint:
    """An endpoint as recorded; `version` grows with every change of what is saved.

    `names` and `addresses` are those of a service's endpoint: the node's own are known elsewhere.
    `node` is the one it belongs to where that is not the one that asks.
    """

    name: EndpointName
    saved: Choice
    active: Choice | None
    proof: dict[str, Any] | None
    version: int
    names: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()
    renewal: RenewalSettings = RenewalSettings()
    node: str | None = None

    @property
    def label(self) -> str:
        """What the Designer calls it, with its node if that is another."""
        return self.name.label if self.node is None else f"{self.name.label} of node {self.node}"

    @property
    def in_words(self) -> str:
        """What a sentence calls it, with its node if that is another."""
        words = self.name.in_words
        return words if self.node is None else f"{words} of node {self.node}"

    @property
    def needs_activation(self) -> bool:
        """Whether the running service still uses something else than what is saved."""
        return self.saved != self.active

    @property
    def is_proven(self) -> bool:
        """Whether the latest handshake from outside showed what it should."""
        return self.proof is not None and self.proof.get("verdict") == "pass"


def add_missing_endpoints(connection: Connection) -> None:
    """Record the node's two endpoints, HTTPS and without a certificate, where not there yet."""
    for name in OwnEndpoint:
        connection.execute(
            insert(endpoints)
            .values(name=name, saved_protocol=WebServerProtocol.HTTPS.value, version=1)
            .on_conflict_do_nothing()
        )


def list_endpoints(connection: Connection) -> tuple[Endpoint, ...]:
    """The node's own two, the Web Server last."""
    own = endpoints.c.service.is_(None)
    rows = connection.execute(select(endpoints).where(own).order_by(endpoints.c.name))
    return tuple(_endpoint(row) for row in rows)


def list_all_endpoints(connection: Connection) -> tuple[Endpoint, ...]:
    """The node's own two, then those of services by name."""
    order = (endpoints.c.service.is_not(None), endpoints.c.name)
    return tuple(_endpoint(row) for row in connection.execute(select(endpoints).order_by(*order)))


def list_endpoints_of_nodes(connection: Connection) -> tuple[Endpoint, ...]:
    """Those of every node that shares the database, this node's first."""
    return _of_nodes(connection, true())


def endpoints_using(connection: Connection, *certificates: str | None) -> tuple[Endpoint, ...]:
    """Those of every node that have one of these saved or active, this node's first."""
    table, wanted = endpoints_of_nodes, [one for one in certificates if one is not None]
    uses = table.c.saved_certificate.in_(wanted) | table.c.active_certificate.in_(wanted)
    return _of_nodes(connection, uses)


def _of_nodes(connection: Connection, condition: ColumnElement[bool]) -> tuple[Endpoint, ...]:
    table = endpoints_of_nodes
    is_here = table.c.node == THIS_NODE
    order = (is_here.desc(), table.c.node, table.c.service.is_not(None), table.c.name)
    chosen = select(table, is_here.label("is_here")).where(condition).order_by(*order)
    return tuple(
        replace(_endpoint(row), node=None if row.is_here else row.node)
        for row in connection.execute(chosen)
    )


def list_service_endpoints(connection: Connection, service: str) -> tuple[Endpoint, ...]:
    """Those of one service, by name."""
    of_service = select(endpoints).where(endpoints.c.service == service)
    return tuple(map(_endpoint, connection.execute(of_service.order_by(endpoints.c.name))))


def save_renewal_settings(
    connection: Connection, name: EndpointName, settings: RenewalSettings
) -> None:
    """Keep how the certificate of an endpoint is to be renewed."""
    connection.execute(
        update(endpoints)
        .where(endpoints.c.name == name)
        .values(
            authority=settings.authority,
            renewal_key=settings.key.value,
            window=settings.window,
        )
    )


def parse_endpoint_name(text: str) -> EndpointName:
    """The endpoint that goes by `text`; raises NOT_FOUND."""
    if text in set(OwnEndpoint):
        return OwnEndpoint(text)
    if _SERVICE_ENDPOINT.fullmatch(text):
        return ServiceEndpoint(text)
    raise _unknown(text)


def _unknown(text: str) -> CertwrightError:
    return CertwrightError(
        ErrorCode.NOT_FOUND,
        f"There is no endpoint {printable(text, 80)!r}.",
        f"Name one of {', '.join(OwnEndpoint)}, or one of a service, as SERVICE/ENDPOINT: "
        "certwright services list shows them.",
    )


def has_selection(database: Engine) -> bool:
    """Whether a certificate was ever selected: no longer a first start."""
    with database.connect() as connection:
        return any(one.saved.certificate is not None for one in list_endpoints(connection))


def get_endpoint(connection: Connection, name: EndpointName) -> Endpoint:
    """One endpoint as recorded; raises NOT_FOUND."""
    row = connection.execute(select(endpoints).where(endpoints.c.name == name)).one_or_none()
    if row is None:
        raise _unknown(name)
    return _endpoint(row)


def hold_endpoints(connection: Connection) -> None:
    """Let nobody else change any endpoint of any node until the end of the transaction."""
    table = endpoints_of_nodes
    connection.execute(select(table.c.name).order_by(table.c.node, table.c.name).with_for_update())


def save_choice(
    connection: Connection, name: EndpointName, choice: Choice, read_version: int
) -> Endpoint:
    """Save what the endpoint is to serve.

    Raises CHANGED_MEANWHILE if it was changed since `read_version` was read.
    """
    row = connection.execute(
        update(endpoints)
        .where(endpoints.c.name == name, endpoints.c.version == read_version)
        .values(
            saved_protocol=choice.protocol.value,
            saved_certificate=choice.certificate,
            version=endpoints.c.version + 1,
        )
        .returning(endpoints)
    ).one_or_none()
    if row is None:
        raise CertwrightError(
            ErrorCode.CHANGED_MEANWHILE,
            f"The settings of {name.in_words} were changed by somebody else meanwhile.",
            "Look at what is saved now, then choose again.",
        )
    return _endpoint(row)


def record_active(
    connection: Connection, name: EndpointName, choice: Choice, proof: dict[str, Any]
) -> None:
    """Record what was activated and proven: the place to go back to from now on."""
    connection.execute(
        update(endpoints)
        .where(endpoints.c.name == name)
        .values(
            active_protocol=choice.protocol.value,
            active_certificate=choice.certificate,
            proof=proof,
        )
    )


def record_proof(connection: Connection, name: EndpointName, proof: dict[str, Any]) -> None:
    """Record what the latest handshake from outside showed."""
    connection.execute(update(endpoints).where(endpoints.c.name == name).values(proof=proof))


def _endpoint(row: Row[Any]) -> Endpoint:
    active = None
    if row.active_protocol is not None:
        active = Choice(WebServerProtocol(row.active_protocol), row.active_certificate)
    return Endpoint(
        name=parse_endpoint_name(row.name),
        saved=Choice(WebServerProtocol(row.saved_protocol), row.saved_certificate),
        active=active,
        proof=row.proof,
        version=row.version,
        names=tuple(row.names),
        addresses=tuple(Address(**address) for address in row.addresses),
        renewal=RenewalSettings(row.authority, RenewalKey(row.renewal_key), row.window),
    )
