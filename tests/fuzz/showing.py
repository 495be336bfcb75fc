"""Everything that the program does with a certificate once it is there, in one call."""

from datetime import UTC, datetime

from certwright.api.documents import certificate_document
from certwright.database.search_words import certificate_words, sort_key
from certwright.lifecycle.checking_document import finding_document
from certwright.rules.candidate import Candidate, Requirement
from certwright.rules.engine import check
from certwright.rules.environment import Environment
from certwright.stores.place import PERSONAL
from certwright.stores.store import StoredCertificate
from certwright.x509.asn1_tree import Asn1Node, asn1_tree
from certwright.x509.certificate import Certificate
from certwright.x509.chains import complete_chain
from certwright.x509.details import details
from certwright.x509.details_purpose import plain_purposes
from certwright.x509.names import parse_server_name
from certwright.x509.reading import read_bundle
from certwright.x509.writing.formats import ExportFormat, write_certificate

_FORMATS = (ExportFormat.PEM, ExportFormat.DER, ExportFormat.P7B, ExportFormat.JKS)
"""Not PFX: its derivation takes longer than all else together."""
_PASSWORD = "correct horse"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def show(certificate: Certificate, others: tuple[Certificate, ...] = ()) -> None:
    """Describe, list, judge and export it, with its issuers perhaps among `others`."""
    _is_printable(certificate.short_name, certificate.issuer_name, *plain_purposes(certificate))
    for section in details(certificate):
        for field in section.fields:
            _is_printable(field.label, *field.value.split("\n"))
    _show_tree(asn1_tree(certificate.der))
    stored = StoredCertificate(certificate, PERSONAL, "", True, False, NOW)
    assert certificate_document(stored, NOW)["fingerprint"] == certificate.fingerprint
    for text in (*certificate_words(certificate, ""), sort_key(certificate.subject)):
        assert "\0" not in text
    for environment in Environment:
        _judge(certificate, others, environment)
    for file_format in _FORMATS:
        password = _PASSWORD if file_format is ExportFormat.JKS else None
        written = write_certificate(file_format, certificate, others, None, password, "Todd")
        assert certificate in read_bundle(written, password).certificates


def _judge(
    certificate: Certificate, others: tuple[Certificate, ...], environment: Environment
) -> None:
    candidate = Candidate(
        certificate=certificate,
        chain=complete_chain(certificate, others)[1:],
        has_private_key=True,
        private_key_fingerprint=certificate.key_fingerprint,
        given_chain=others,
        same_key=others,
    )
    names = tuple(parse_server_name(name) for name in ("todd.corp.example", "10.1.2.3"))
    requirement = Requirement(names, environment, NOW, (certificate, *others), ())
    for finding in check(candidate, requirement):
        assert finding.code != "rule-crashed", finding.message
        _is_printable(*map(str, finding_document(finding).values()))


def _show_tree(node: Asn1Node) -> None:
    _is_printable(node.name, node.value, node.problem)
    for child in node.children:
        _show_tree(child)


def _is_printable(*texts: str) -> None:
    for text in texts:
        assert text.isprintable(), ascii(text)
