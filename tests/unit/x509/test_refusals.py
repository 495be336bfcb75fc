"""Chains that are refused for rare reasons, and the sentence that says so."""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID

from certwright.x509.certificate import Certificate
from certwright.x509.chains import verify_chain
from certwright.x509.refusal import Cause, Refusal

from .pki import AT, START

Key = ec.EllipticCurvePrivateKey


def key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def named(name: str, kind: Any = None) -> x509.Name:
    organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Corp")
    return x509.Name([organization, x509.NameAttribute(NameOID.COMMON_NAME, name, _type=kind)])


def signed(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    by: Key,
    *extensions: x509.ExtensionType,
    dns_name: str = "",
    is_authority: bool = True,
    path_length: int | None = None,
    digest: Any = None,
) -> Certificate:
    constraints = x509.BasicConstraints(is_authority, path_length if is_authority else None)
    builder = (
        x509.CertificateBuilder(issuer, subject, public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(START)
        .not_valid_after(START + timedelta(90))
        .add_extension(constraints, critical=True)
    )
    if dns_name:
        names = x509.SubjectAlternativeName([x509.DNSName(dns_name)])
        builder = builder.add_extension(names, critical=False)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return Certificate.from_cryptography(builder.sign(by, digest or hashes.SHA256()))


def refused(
    leaf: Certificate, above: Sequence[Certificate], *roots: Certificate
) -> tuple[Refusal, ...]:
    verdict = verify_chain(leaf, above, roots, None, AT)
    assert not verdict.ok
    return verdict.refusals


ROOT, ROOT_KEY = named("Root"), key()
THE_ROOT = signed(ROOT, ROOT, ROOT_KEY.public_key(), ROOT_KEY)
ISSUING, ISSUING_KEY = named("Issuing"), key()


def issuing(*extensions: x509.ExtensionType, **more: Any) -> Certificate:
    return signed(ISSUING, ROOT, ISSUING_KEY.public_key(), ROOT_KEY, *extensions, **more)


def leaf(dns_name: str = "todd.corp.example", subject: x509.Name | None = None) -> Certificate:
    subject = named("todd") if subject is None else subject
    public_key = key().public_key()
    return signed(subject, ISSUING, public_key, ISSUING_KEY, dns_name=dns_name, is_authority=False)


def limits(*permitted: x509.GeneralName, excluded: Sequence[x509.GeneralName] = ()) -> Any:
    return x509.NameConstraints(permitted or None, excluded or None)


def directory(organization: str) -> x509.DirectoryName:
    return x509.DirectoryName(
        x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)])
    )


def test_circle_without_a_root() -> None:
    other_key, other = key(), named("Other")
    circle = [
        signed(ISSUING, other, ISSUING_KEY.public_key(), other_key),
        signed(other, ISSUING, other_key.public_key(), ISSUING_KEY),
    ]
    first, *_ = refused(leaf(), circle, THE_ROOT)
    assert first.cause is Cause.ISSUER_MISSING
    assert first.sentence == (
        "The chain runs in a circle: Issuing, which issued Other, stands below it, and no root is "
        "above them."
    )


def test_self_issued_authority_leads_on_to_the_one_before_its_change_of_key() -> None:
    new_key = key()
    new_with_old = signed(ISSUING, ISSUING, new_key.public_key(), ISSUING_KEY)
    server = signed(
        named("todd"), ISSUING, key().public_key(), new_key, dns_name="a.b", is_authority=False
    )
    verdict = verify_chain(server, [new_with_old, issuing()], [THE_ROOT], None, AT)
    assert verdict.ok
    assert verdict.path == (server, new_with_old, issuing_of(verdict.path), THE_ROOT)
    first, *_ = refused(server, [new_with_old], THE_ROOT)
    assert first.cause is Cause.BAD_SIGNATURE  # nothing tells whose it is


def issuing_of(path: tuple[Certificate, ...]) -> Certificate:
    return next(one for one in path if one.issuer == THE_ROOT.subject and one != THE_ROOT)


def test_self_issued_authority_that_names_another_key_lacks_its_issuer() -> None:
    new_key = key()
    new_with_old = signed(
        ISSUING,
        ISSUING,
        new_key.public_key(),
        ISSUING_KEY,
        x509.SubjectKeyIdentifier.from_public_key(new_key.public_key()),
        x509.AuthorityKeyIdentifier.from_issuer_public_key(ISSUING_KEY.public_key()),
    )
    server = signed(
        named("todd"), ISSUING, key().public_key(), new_key, dns_name="a.b", is_authority=False
    )
    causes = {refusal.cause for refusal in refused(server, [new_with_old], THE_ROOT)}
    assert Cause.ISSUER_MISSING in causes


def test_strict_clients_count_self_issued_authorities() -> None:
    new_key = key()
    new_with_old = signed(ISSUING, ISSUING, new_key.public_key(), ISSUING_KEY)
    server = signed(
        named("todd"), ISSUING, key().public_key(), new_key, dns_name="a.b", is_authority=False
    )
    first, *_ = refused(server, [new_with_old, issuing(path_length=0)], THE_ROOT)
    assert first.sentence == (
        "Issuing allows no authority below it, and strict clients count 1: self-issued ones too."
    )


def test_issuer_spelt_otherwise() -> None:
    loud = signed(named("ISSUING"), ROOT, ISSUING_KEY.public_key(), ROOT_KEY)
    first, *_ = refused(leaf(), [loud], THE_ROOT)
    assert first.sentence == (
        'todd names its issuer "Issuing", and the one at hand is "ISSUING": many clients compare '
        "such names letter by letter."
    )


def test_issuer_in_another_kind_of_string() -> None:
    printable = named("Issuing", _ASN1Type.PrintableString)
    other = signed(printable, ROOT, ISSUING_KEY.public_key(), ROOT_KEY)
    first, *_ = refused(leaf(), [other], THE_ROOT)
    assert "in another kind of string than the issuer itself" in first.sentence


def test_subject_within_the_limits_of_its_authority_is_no_fault_of_the_chain() -> None:
    above = [issuing(limits(directory("corp ")))]
    first, *_ = refused(leaf(), above, THE_ROOT)
    assert first.cause is Cause.LOOSE_LIMITS
    assert first.sentence.startswith("Issuing limits the names below it in a way that not every")


@pytest.mark.parametrize(
    "constraints",
    [limits(directory("Other")), limits(excluded=[directory("Corp")])],
    ids=["not permitted", "excluded"],
)
def test_subject_outside_the_limits_of_its_authority(constraints: Any) -> None:
    first, *_ = refused(leaf(), [issuing(constraints)], THE_ROOT)
    assert first.cause is Cause.NAME_CONSTRAINTS
    assert "may not issue certificates for CN=todd,O=Corp (its name constraints)" in first.sentence


def test_directory_name_beside_the_subject_counts() -> None:
    alternatives = x509.SubjectAlternativeName([directory("Elsewhere")])
    server = signed(
        named("todd"), ISSUING, key().public_key(), ISSUING_KEY, alternatives, is_authority=False
    )
    first, *_ = refused(server, [issuing(limits(directory("Corp")))], THE_ROOT)
    assert "O=Elsewhere" in first.sentence


def test_limits_on_what_is_not_looked_at_stay_refused_if_there_is_such_a_name() -> None:
    pages = x509.UniformResourceIdentifier("corp.example")
    above = [issuing(limits(directory("Corp"), pages))]
    assert refused(leaf(), above, THE_ROOT)[-1].cause is Cause.LOOSE_LIMITS
    alternatives = x509.SubjectAlternativeName([x509.UniformResourceIdentifier("http://a.b/")])
    server = signed(
        named("todd"), ISSUING, key().public_key(), ISSUING_KEY, alternatives, is_authority=False
    )
    assert refused(server, above, THE_ROOT)[-1].cause is Cause.STRICT


def test_domain_with_a_dot_in_front_asks_for_a_name_below_it() -> None:
    above = [issuing(limits(x509.DNSName(".corp.example")))]
    assert refused(leaf(), above, THE_ROOT)[0].cause is Cause.LOOSE_LIMITS
    assert refused(leaf("corp.example"), above, THE_ROOT)[0].cause is Cause.NAME_CONSTRAINTS


def test_nothing_worse_stands_behind_what_only_some_clients_refuse() -> None:
    policies = x509.CertificatePolicies(
        [x509.PolicyInformation(x509.ObjectIdentifier("1.2.3"), None)]
    )
    above = [issuing(policies, limits(directory("Corp")))]
    stranger = signed(named("Stranger"), named("Stranger"), key().public_key(), key())
    causes = [refusal.cause for refusal in refused(leaf(), above, stranger)]
    assert causes == [Cause.ISSUER_MISSING, Cause.POLICIES, Cause.LOOSE_LIMITS]


def test_signature_that_clients_do_not_know() -> None:
    server = signed(
        named("todd"),
        ISSUING,
        key().public_key(),
        ISSUING_KEY,
        is_authority=False,
        digest=hashes.SHA3_256(),
    )
    first, *_ = refused(server, [issuing()], THE_ROOT)
    assert first.sentence == (
        "todd is signed over the digest sha3-256, which TLS clients do not know."
    )


@pytest.mark.parametrize(
    ("excluded", "name"),
    [
        ("corp.example", "todd.corp.example"),
        ("todd.corp.example", "todd.corp.example"),
        ("todd.corp.example", "*.corp.example"),
        ("", "todd.corp.example"),
    ],
)
def test_excluded_names(excluded: str, name: str) -> None:
    above = [issuing(limits(excluded=[x509.DNSName(excluded)]))]
    first, *_ = refused(leaf(name), above, THE_ROOT)
    assert (
        first.sentence == f"Issuing may not issue certificates for {name} (its name constraints)."
    )


def test_thousands_of_names_and_limits_are_told_in_no_time() -> None:
    names = [x509.DNSName(f"{number}.inside.example") for number in range(3000)]
    many = x509.SubjectAlternativeName([*names, x509.DNSName("outside.example")])
    server = signed(
        named("todd"), ISSUING, key().public_key(), ISSUING_KEY, many, is_authority=False
    )
    above = [issuing(limits(*names))]
    begin = time.process_time()
    first, *_ = refused(server, above, THE_ROOT)
    assert "outside.example" in first.sentence
    assert time.process_time() - begin < 2


def test_hundreds_of_namesakes_are_told_in_no_time() -> None:
    keys = [key() for _ in range(600)]
    namesakes = [
        signed(ISSUING, ISSUING, below.public_key(), above)
        for below, above in zip(keys, [*keys[1:], key()], strict=True)
    ]
    server = signed(
        named("todd"), ISSUING, key().public_key(), keys[0], dns_name="a.b", is_authority=False
    )
    begin = time.process_time()
    assert refused(server, namesakes[::-1], THE_ROOT)
    assert time.process_time() - begin < 2


def test_authority_that_cannot_be_read_is_called_damaged() -> None:
    damaged = x509.UnrecognizedExtension(x509.NameConstraints.oid, b"\x30\x01")
    causes = {refusal.cause for refusal in refused(leaf(), [issuing(damaged)], THE_ROOT)}
    assert Cause.DAMAGED in causes
    assert Cause.NO_AUTHORITY not in causes
