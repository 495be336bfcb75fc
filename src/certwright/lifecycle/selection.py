"""Choosing: saving which certificate an endpoint is to use, and its protocol."""

from dataclasses import dataclass

from certwright.access.rights import Caller, Right, require
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.events import Event, record_event
from certwright.lifecycle.judging import judge, purpose_of
from certwright.lifecycle.server import Server
from certwright.rules.engine import is_right
from certwright.rules.finding import Finding, Severity
from certwright.services.endpoints import (
    Choice,
    Endpoint,
    EndpointName,
    OwnEndpoint,
    WebServerProtocol,
    get_endpoint,
    hold_endpoints,
    save_choice,
)
from certwright.stores.database import find_certificate
from certwright.stores.store import StoredCertificate


@dataclass(frozen=True)
class Selection:
    """A saved choice, and what the rules said of it."""

    endpoint: Endpoint
    stored: StoredCertificate
    findings: tuple[Finding, ...]


class RulesFailed(CertwrightError):  # noqa: N818 - a verdict, told in its own words
    """The certificate is not right for this server; saving it all the same must be confirmed."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        errors = [finding for finding in findings if finding.severity is Severity.ERROR]
        super().__init__(
            ErrorCode.RULES_FAILED,
            "Not selected: " + " ".join(finding.message for finding in errors),
            " ".join(dict.fromkeys(finding.remedy for finding in errors)),
        )
        self.findings = findings


def select_certificate(
    server: Server,
    endpoint: EndpointName,
    identifier: str,
    *,
    read_version: int | None,
    confirmed: bool,
    caller: Caller,
) -> Selection:
    """Save `identifier` as the certificate of `endpoint`; the running service keeps the former.

    Raises `RulesFailed` unless the certificate is right or the choice is `confirmed`,
    CHANGED_MEANWHILE if the endpoint is no longer at `read_version` (None: whatever it is).
    """
    require(caller, Right.MODIFY, "select a certificate")
    with server.database.begin() as connection:
        hold_endpoints(connection)  # so that nobody deletes meanwhile what is chosen
        stored = find_certificate(connection, identifier)
        current = get_endpoint(connection, endpoint)
        findings = judge(server, connection, stored, purpose_of(server, connection, current))
        if not stored.has_private_key:
            raise RulesFailed(findings)  # no confirmation makes a server work without its key
        if not is_right(findings) and not confirmed:
            raise RulesFailed(findings)
        saved = save_choice(
            connection,
            endpoint,
            Choice(current.saved.protocol, stored.certificate.fingerprint),
            current.version if read_version is None else read_version,
        )
        certificate = stored.certificate
        name = certificate.name_on_record
        despite = (
            ""
            if is_right(findings)
            else ", although not right: "
            + " ".join(
                finding.message for finding in findings if finding.severity is Severity.ERROR
            )
        )
        record_event(
            connection,
            Event(
                at=server.now(),
                actor=caller.name,
                kind="certificate-selected",
                subject=endpoint,
                message=f"{name} selected for {endpoint.in_words}{despite}",
                good=is_right(findings),
            ),
        )
    return Selection(saved, stored, findings)


def select_protocol(
    server: Server,
    endpoint: EndpointName,
    protocol: WebServerProtocol,
    *,
    read_version: int | None,
    caller: Caller,
) -> Endpoint:
    """Save the protocol of `endpoint`; raises NOT_AVAILABLE_YET for those still to come."""
    require(caller, Right.MODIFY, "change a protocol")
    _refuse_unavailable(endpoint, protocol)
    with server.database.begin() as connection:
        current = get_endpoint(connection, endpoint)
        saved = save_choice(
            connection,
            endpoint,
            Choice(protocol, current.saved.certificate),
            current.version if read_version is None else read_version,
        )
        record_event(
            connection,
            Event(
                at=server.now(),
                actor=caller.name,
                kind="protocol-selected",
                subject=endpoint,
                message=f"{protocol.label} selected for {endpoint.in_words}",
                good=True,
            ),
        )
    return saved


def _refuse_unavailable(endpoint: EndpointName, protocol: WebServerProtocol) -> None:
    if endpoint is OwnEndpoint.CONFIGURATION_SERVER and protocol is not WebServerProtocol.HTTPS:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            "The Configuration Server speaks HTTPS only: passwords go through it.",
            "Leave it at HTTPS - Unrestricted; users log in there.",
        )
    if not protocol.is_available:
        raise CertwrightError(
            ErrorCode.NOT_AVAILABLE_YET,
            f"{protocol.label} is not available yet.",
            f"Choose {WebServerProtocol.HTTPS.label} or {WebServerProtocol.HTTP.label}.",
        )
