from datetime import timedelta

from cryptography import x509

from certwright.x509.revocation_list import RevokedCertificate, build_revocation_list

from .pki import AT, START, Authority


def test_list_tells_who_was_revoked_when_and_why(issuing: Authority) -> None:
    entries = [
        RevokedCertificate(5, START, x509.ReasonFlags.key_compromise),
        RevokedCertificate(6, AT, x509.ReasonFlags.unspecified),
    ]
    der = build_revocation_list(issuing.certificate, issuing.key, entries, 3, AT, AT + timedelta(7))
    made = x509.load_der_x509_crl(der)
    assert made.is_signature_valid(issuing.certificate.public_key)
    assert made.issuer == issuing.certificate.cryptography.subject
    assert (made.last_update_utc, made.next_update_utc) == (AT, AT + timedelta(7))
    assert made.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 3
    identifier = made.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert identifier.key_identifier is not None
    assert identifier.key_identifier.hex() == issuing.certificate.subject_key_identifier
    first, second = made
    assert (first.serial_number, first.revocation_date_utc) == (5, START)
    reason = first.extensions.get_extension_for_class(x509.CRLReason).value.reason
    assert reason is x509.ReasonFlags.key_compromise
    assert (second.serial_number, list(second.extensions)) == (6, [])


def test_empty_list(issuing: Authority) -> None:
    der = build_revocation_list(issuing.certificate, issuing.key, [], 1, AT, AT + timedelta(7))
    assert len(x509.load_der_x509_crl(der)) == 0
