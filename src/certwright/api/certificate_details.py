"""REST: what the certificate window shows of a stored certificate, tab by tab."""

from certwright.api.documents import Document, certificate_document
from certwright.lifecycle.certification_path import CertificationPath, Link, certification_path
from certwright.lifecycle.checking_document import finding_document
from certwright.lifecycle.endpoint_verdicts import EndpointVerdict, endpoint_verdicts
from certwright.lifecycle.server import Server
from certwright.stores.database import find_certificate
from certwright.stores.place import Place
from certwright.x509.asn1_tree import Asn1Node, asn1_tree
from certwright.x509.details import DetailField, DetailSection, details
from certwright.x509.text import rfc3339


def details_document(server: Server, identifier: str, place: Place | None) -> Document:
    """One certificate as listed, with its fields, extensions, chain, endpoints and ASN.1 tree."""
    with server.database.connect() as connection:
        stored = find_certificate(connection, identifier, place)
        path = certification_path(server, connection, stored)
        endpoints = endpoint_verdicts(server, connection, stored)
    sections = details(stored.certificate)
    return certificate_document(stored, server.now()) | {
        "is_issuer_only": stored.is_issuer_only,
        "fields": [
            {"section": section.title} | _field(field)
            for section in sections
            if not section.is_extension
            for field in section.fields
        ],
        "extensions": [_extension(section) for section in sections if section.is_extension],
        "path": _path(path),
        "endpoints": [_endpoint(verdict) for verdict in endpoints],
        "asn1": _element(asn1_tree(stored.certificate.der)),
    }


def _field(field: DetailField) -> Document:
    """`value` is an array of lines, `octets` hexadecimal where the value does not say them all."""
    return {
        "name": field.label,
        "value": field.value.split("\n"),
        "octets": field.raw_hex,
    }


def _extension(section: DetailSection) -> Document:
    return {
        "name": section.title,
        "object_identifier": section.object_identifier or None,
        "critical": section.is_critical,
        "note": section.note or None,
        "value": [_field(field) for field in section.fields],
    }


def _path(path: CertificationPath) -> Document:
    return {
        "ok": path.verdict.ok,
        "reason": path.verdict.reason or None,
        "links": [_link(link) for link in path.links],
    }


def _link(link: Link) -> Document:
    """An issuer that is missing has a name, and null for what is not known of it."""
    certificate = link.certificate
    return {
        "name": link.name,
        "role": link.role,
        "state": link.health,
        "thumbprint": certificate and certificate.thumbprint,
        "fingerprint": certificate and certificate.fingerprint,
        "not_after": certificate and rfc3339(certificate.not_after),
        "location": link.place and link.place.location,
        "store": link.place and link.place.store,
        "faults": [
            {"cause": one.cause.value, "reason": one.sentence, "remedy": one.remedy}
            for one in link.refusals
        ],
    }


def _endpoint(verdict: EndpointVerdict) -> Document:
    return {
        "endpoint": verdict.name,
        "use": verdict.use.value,
        "right": verdict.is_right,
        "findings": [finding_document(finding) for finding in verdict.findings],
    }


def _element(node: Asn1Node) -> Document:
    """`offset` and `length` in octets, as `asn1_tree` counts them, which also bounds the tree."""
    return {
        "name": node.name,
        "offset": node.offset,
        "length": node.length,
        "value": node.value or None,
        "problem": node.problem or None,
        "children": [_element(child) for child in node.children],
    }
