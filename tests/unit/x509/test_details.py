"""Every field and extension in words, whatever the certificate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.x509.certificate import Certificate
from certwright.x509.details import DetailSection, details

from .certificate_vectors import certificate_vectors, is_certificate, vector
from .pki import Authority


def section(certificate: Certificate, title: str) -> DetailSection:
    return next(one for one in details(certificate) if one.title == title)


def told(certificate: Certificate, title: str) -> dict[str, str]:
    return {field.label: field.value for field in section(certificate, title).fields}


def is_safe(certificate: Certificate) -> bool:
    """Whether all is there, bounded, and without characters that steer a screen."""
    return all(
        field.label.isprintable()
        and field.value
        and all(line.isprintable() for line in field.value.split("\n"))
        and len(field.value) < 300_000
        for part in details(certificate)
        for field in part.fields
    )


def test_every_vector_is_told() -> None:
    vectors = certificate_vectors()
    assert len(vectors) > 400
    assert all(is_safe(Certificate.from_der(der)) for der in vectors)


@given(st.data())
def test_damaged_certificates_are_told(data: st.DataObject) -> None:
    octets = bytearray(data.draw(st.sampled_from(certificate_vectors())))
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    if is_certificate(bytes(octets)):
        assert is_safe(Certificate.from_der(bytes(octets)))


def test_parts_of_a_server_certificate() -> None:
    leaf = Authority.root().authority().leaf(("todd.corp.example", "192.0.2.7"))
    titles = [part.title for part in details(leaf)]
    assert titles[:5] == ["Subject", "Issuer", "Validity", "Certificate", "Public key"]
    assert titles[-2:] == ["Fingerprints", "Signature"]
    assert told(leaf, "Subject") == {"Common Name (CN)": "todd.corp.example"}
    assert told(leaf, "Issuer") == {"Organization (O)": "Corp", "Common Name (CN)": "Issuing"}
    assert told(leaf, "Validity")["Lifetime"] == "47 days"
    assert told(leaf, "Public key")["Curve"] == "secp256r1, 256 bits"
    assert told(leaf, "Extended key usage") == {
        "Good for": "Server authentication (1.3.6.1.5.5.7.3.1)"
    }
    assert told(leaf, "Key usage") == {"The key may be used for": "Digital signature"}
    assert section(leaf, "Key usage").is_critical
    assert not section(leaf, "Extended key usage").is_critical
    names = told(leaf, "Subject Alternative Name")["Names"]
    assert names == "DNS name: todd.corp.example\nIP address: 192.0.2.7"
    assert told(leaf, "Fingerprints")["Fingerprint (SHA-256)"] == leaf.fingerprint


@pytest.mark.parametrize(
    ("file", "title", "label", "value"),
    [
        ("custom/san_other_name.pem", "Subject Alternative Name", "Names", "Hello World"),
        ("custom/san_registered_id.pem", "Subject Alternative Name", "Names", "1.2.3.4"),
        ("custom/san_dirname.pem", "Subject Alternative Name", "Names", "CN=test"),
        ("custom/all_key_usages.pem", "Key usage", "The key may be used for", "Only to encipher"),
        ("custom/bc_path_length_zero.pem", "Basic constraints", "Authorities below it", "0 at"),
        ("custom/cp_user_notice_with_notice_reference.pem", "Certificate policies", "Policy",
         "my org 1, 2, 3, 4"),
        ("custom/cp_cps_uri.pem", "Certificate policies", "Policy", "other.com/cps"),
        ("custom/nc_permitted_excluded.pem", "Name constraints", "Excluded", ".domain.com"),
        ("custom/pc_inhibit_require.pem", "Policy constraints", "No policy mapping after", "1"),
        ("custom/cdp_all_reasons.pem", "CRL distribution points", "Revocation lists",
         "key compromise"),
        ("custom/freshestcrl.pem", "Freshest CRL", "Delta revocation lists", "myhost.com"),
        ("custom/aia_ocsp_ca_issuers.pem", "Authority information access", "OCSP", "ocsp.domain"),
        ("custom/sia.pem", "Subject information access", "Repository", "my.ca.issuer"),
        ("custom/authority_key_identifier.pem", "Authority key identifier",
         "Issuer of the issuer", "cryptography.io"),
        ("custom/inhibit_any_policy_5.pem", "Inhibit anyPolicy", "anyPolicy ends after", "5"),
        ("custom/ocsp_nocheck.pem", "OCSP no check", "Meaning", "OCSP responder"),
        ("custom/ms-certificate-template.pem", "Certificate template", "Version", "1.0"),
        ("custom/private_key_usage_period_both_dates.pem", "Private key usage period",
         "The key signs until", "2024-12-31"),
        ("custom/rsa_pss_cert.pem", "Certificate", "PSS hash", "sha256"),
        ("ee-pss-sha1-cert.pem", "Certificate", "PSS salt", "20 octets"),
        ("tls-feature-ocsp-staple.pem", "TLS feature", "The server must offer", "status_request"),
        ("cryptography-scts.pem", "Signed certificate timestamps", "Timestamp 1", "Log 293c51"),
        ("accvraiz1.pem", "Public key", "Exponent", "65537"),
        ("ed25519/root-ed25519.pem", "Public key", "Public key", "32 octets"),
    ],
)  # fmt: skip
def test_extension_is_told_in_words(file: str, title: str, label: str, value: str) -> None:
    assert value in told(vector(file), title)[label]


@pytest.mark.parametrize(
    ("file", "title", "sentence"),
    [
        ("custom/malformed-san.pem", "Subject Alternative Name", "cannot be read"),
        ("custom/unsupported_extension_critical.pem", "1.2.3.4", "does not know"),
    ],
)
def test_what_cannot_be_told_is_shown_raw(file: str, title: str, sentence: str) -> None:
    part = section(vector(file), title)
    assert sentence in part.note
    assert part.fields[0].raw_hex


def test_one_damaged_extension_does_not_hide_the_others() -> None:
    certificate = vector("custom/malformed-san.pem")
    assert not certificate.extensions_are_readable
    notes = [part.note for part in details(certificate) if part.object_identifier]
    assert notes.count("") == len(notes) - 1


def test_extension_that_is_there_twice_is_told_twice() -> None:
    titles = [part.title for part in details(vector("custom/two_basic_constraints.pem"))]
    assert titles.count("Basic constraints") == 2


def test_what_the_library_trips_over_is_told_too() -> None:
    # The library raises KeyError for TLS features that it has no name for.
    good = vector("tls-feature-ocsp-staple.pem").der
    features = bytes.fromhex("3003020105")
    assert good.count(features) == 1
    certificate = Certificate.from_der(good.replace(features, bytes.fromhex("3003020138")))
    assert not certificate.extensions_are_readable
    assert "cannot be read" in section(certificate, "TLS feature").note
