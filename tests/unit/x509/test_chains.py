"""Chains are put in order and judged; a refusal names the link at fault."""

from datetime import timedelta
from functools import cache
from itertools import pairwise, permutations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from certwright.errors import CertwrightError
from certwright.x509.building import build_self_signed
from certwright.x509.certificate import Certificate
from certwright.x509.chains import complete_chain, verify_chain
from certwright.x509.keys import KeyType, PrivateKey, generate_private_key
from certwright.x509.names import parse_server_name
from certwright.x509.profile import Profile
from certwright.x509.refusals import CLIENT_AUTH, SERVER_AUTH

from .pki import AT, NAME, START, Authority

SERVER = parse_server_name(NAME)
MAIL = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.4")


def test_chain_is_put_in_order_whatever_order_it_came_in(
    root: Authority, issuing: Authority
) -> None:
    leaf = issuing.leaf()
    expected = (leaf, issuing.certificate, root.certificate)
    stranger = Authority.root("Stranger").certificate
    for pool in permutations([root.certificate, issuing.certificate, stranger, leaf]):
        assert complete_chain(leaf, pool) == expected


def test_chain_ends_where_the_pool_does(root: Authority, issuing: Authority) -> None:
    leaf = issuing.leaf()
    assert complete_chain(leaf, ()) == (leaf,)
    assert complete_chain(leaf, [root.certificate]) == (leaf,)
    assert complete_chain(leaf, [issuing.certificate]) == (leaf, issuing.certificate)


def test_namesake_with_another_key_is_no_issuer(root: Authority, issuing: Authority) -> None:
    namesake = root.authority()
    leaf = issuing.leaf()
    pool = [namesake.certificate, issuing.certificate, root.certificate]
    assert complete_chain(leaf, pool)[1] == issuing.certificate


def test_of_two_issuers_alike_the_longer_lasting_is_taken(root: Authority) -> None:
    key = generate_private_key(KeyType.EC_P256)
    old, new = root.authority(key=key, days=100), root.authority(key=key, days=200)
    pool = [old.certificate, new.certificate, root.certificate]
    assert complete_chain(new.leaf(), pool)[1] == new.certificate


def test_cross_signed_root_takes_the_shortest_way(root: Authority) -> None:
    key = generate_private_key(KeyType.EC_P384)
    own = Authority.root_with(key, "New", 3000)
    crossed = root.authority("New", key=key, days=3600, path_length=1)
    issuing = own.authority()
    leaf = issuing.leaf()
    pool = [crossed.certificate, root.certificate, own.certificate, issuing.certificate]
    assert complete_chain(leaf, pool) == (leaf, issuing.certificate, own.certificate)


def test_circle_of_cross_signatures_ends() -> None:
    keys = [generate_private_key(KeyType.EC_P256) for _ in range(2)]
    roots = [Authority.root_with(key, f"R{n}", 99) for n, key in enumerate(keys)]
    first = roots[1].authority("R0", key=keys[0], path_length=3)
    second = roots[0].authority("R1", key=keys[1], path_length=3)
    leaf = first.leaf()
    chain = complete_chain(leaf, [first.certificate, second.certificate])
    assert chain == (leaf, first.certificate, second.certificate)


@given(st.permutations(range(5)), st.integers(min_value=0, max_value=5))
def test_chain_never_holds_one_twice_and_every_link_holds(
    issuing: Authority, root: Authority, order: list[int], taken: int
) -> None:
    leaf = issuing.leaf()
    everything = [
        root.certificate,
        issuing.certificate,
        leaf,
        issuing.certificate,
        root.certificate,
    ]
    chain = complete_chain(leaf, [everything[number] for number in order[:taken]])
    assert chain[0] == leaf
    assert len(set(chain)) == len(chain)
    assert all(below.issuer == above.subject for below, above in pairwise(chain))


@pytest.mark.parametrize("name", [NAME, "10.1.2.3", "::1", None])
def test_right_chain(root: Authority, issuing: Authority, name: str | None) -> None:
    leaf = issuing.leaf([NAME, "10.1.2.3", "::1"])
    server = parse_server_name(name) if name else None
    verdict = verify_chain(leaf, [issuing.certificate], [root.certificate], server, AT)
    assert (verdict.ok, verdict.reason) == (True, "")
    assert verdict.path == (leaf, issuing.certificate, root.certificate)


def reason(
    leaf: Certificate,
    intermediates: list[Certificate],
    roots: list[Certificate],
    days: int = 0,
) -> str:
    verdict = verify_chain(leaf, intermediates, roots, SERVER, AT + timedelta(days))
    assert not verdict.ok
    assert verdict.path[0] == leaf
    return verdict.reason


def test_reason_names_the_missing_link(root: Authority, issuing: Authority) -> None:
    leaf, trusted = issuing.leaf(), [root.certificate]
    assert reason(leaf, [], trusted) == (
        "The certificate of Issuing, which issued todd.corp.example, is missing."
    )
    assert reason(leaf, [issuing.certificate], []) == (
        "The certificate of Root, which issued Issuing, is missing."
    )


def test_reason_names_the_root_that_is_not_trusted(root: Authority, issuing: Authority) -> None:
    pool = [issuing.certificate, root.certificate]
    stranger = [Authority.root("Stranger").certificate]
    for trusted in ([], stranger):
        assert reason(issuing.leaf(), pool, trusted) == (
            "The chain ends in Root, which is not a trusted root."
        )


def test_reason_names_the_link_that_is_out_of_time(root: Authority) -> None:
    brief = root.authority("Brief", days=40)
    lasting = root.authority("Lasting")
    trusted = [root.certificate]
    # A leaf outlives its issuer only if somebody else made it; so the issuer is exchanged.
    twin = root.authority("Lasting", key=lasting.key, days=30)
    assert reason(lasting.leaf(), [twin.certificate], trusted, days=10) == (
        "Lasting expired on 1 December 2026."
    )
    assert reason(brief.leaf(), [brief.certificate], trusted, days=50) == (
        "todd.corp.example expired on 11 December 2026."
    )
    assert reason(brief.leaf(), [brief.certificate], trusted, days=-30) == (
        "todd.corp.example is good only from 1 November 2026 on."
    )


def test_reason_names_the_name(root: Authority) -> None:
    assert reason(root.leaf(["other.example", "::1"]), [], [root.certificate]) == (
        "Its names lack todd.corp.example; it is for other.example, ::1."
    )


def test_reason_names_the_issuer_that_may_not_issue(root: Authority, issuing: Authority) -> None:
    key = generate_private_key(KeyType.EC_P256)
    server = odd_certificate(root, key, "server.example", ca=False)
    leaf = Authority(server, key).leaf()
    assert reason(leaf, [server], [root.certificate]) == (
        "server.example is no authority, so it may not issue certificates."
    )
    below = issuing.authority("Below")
    chain = [below.certificate, issuing.certificate]
    assert reason(below.leaf(), chain, [root.certificate]) == (
        "Issuing allows no authority below it, and there is one."
    )
    no_signer = odd_certificate(root, key, "No signer", ca=True, may_sign=False)
    assert reason(Authority(no_signer, key).leaf(), [no_signer], [root.certificate]) == (
        "No signer may not sign certificates (its key usage lacks keyCertSign)."
    )


def test_reason_names_the_purpose(root: Authority) -> None:
    key = generate_private_key(KeyType.EC_P256)
    leaf = odd_certificate(root, key, NAME, ca=False, usage=MAIL)
    sentence = f"{NAME} is not for servers (its key usages lack serverAuth)."
    assert reason(leaf, [], [root.certificate]) == sentence
    for server in (SERVER, None):
        assert verify_chain(leaf, [], [root.certificate], server, AT, for_any_purpose=True).ok


def test_purpose_of_an_intermediate_counts_for_any_purpose_too(root: Authority) -> None:
    key = generate_private_key(KeyType.EC_P256)
    mail = odd_certificate(root, key, "Mail CA", ca=True, usage=MAIL)
    leaf = Authority(mail, key).leaf()
    verdict = verify_chain(leaf, [mail], [root.certificate], None, AT, for_any_purpose=True)
    assert verdict.reason == "Mail CA is not for servers (its key usages lack serverAuth)."


@pytest.mark.parametrize("is_named", [True, False])
def test_authorities_are_asked_for_the_usages_of_the_leaf(root: Authority, is_named: bool) -> None:
    key = generate_private_key(KeyType.EC_P256)
    client = x509.ObjectIdentifier(CLIENT_AUTH)
    clients = odd_certificate(root, key, "Clients CA", ca=True, usage=client)
    leaf = odd_certificate(Authority(clients, key), key, NAME, ca=False, usage=client)
    name = SERVER if is_named else None

    def reason_for(profile: Profile) -> str:
        asked = (leaf, [clients], [root.certificate], name, AT)
        return verify_chain(*asked, usages=profile.usages).reason

    assert reason_for(Profile.CLIENT) == ""
    for profile in (Profile.SERVER, Profile.SERVER_AND_CLIENT):
        assert reason_for(profile).endswith("not for servers (its key usages lack serverAuth).")
    servers = odd_certificate(
        root, key, "Servers CA", ca=True, usage=x509.ObjectIdentifier(SERVER_AUTH)
    )
    chain = (Authority(servers, key).leaf(), [servers], [root.certificate], name, AT)
    assert verify_chain(*chain).ok
    verdict = verify_chain(*chain, usages=Profile.CLIENT.usages, for_any_purpose=True)
    assert verdict.reason == "Servers CA is not for clients (its key usages lack clientAuth)."


def test_reason_names_the_short_key(root: Authority) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505
    short = root.authority("Short", key=key)
    assert reason(short.leaf(), [short.certificate], [root.certificate]) == (
        "The key of Short is too short (RSA 1024)."
    )


def test_reason_names_the_critical_extension(root: Authority) -> None:
    critical = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    key = generate_private_key(KeyType.EC_P256)
    leaf = odd_certificate(root, key, NAME, ca=False, critical=critical)
    assert reason(leaf, [], [root.certificate]) == (
        f"{NAME} has a critical extension that clients do not know (1.2.3.4)."
    )


def test_authority_without_key_usage_and_identifiers_is_fine() -> None:
    # What many an authority inside a company looks like.
    key = generate_private_key(KeyType.RSA_2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Plain")])
    plain = Certificate.from_cryptography(
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(START)
        .not_valid_after(START + timedelta(99))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=False)
        .sign(key, hashes.SHA256())
    )
    assert verify_chain(Authority(plain, key).leaf(), [], [plain], SERVER, AT).ok


def test_self_signed_leaf_that_is_trusted_itself() -> None:
    own = self_signed(NAME)
    assert verify_chain(own, [], [own], SERVER, AT).ok
    assert reason(own, [], []) == f"{NAME} is self-signed, and not itself trusted."
    assert reason(self_signed("other.example"), [], [own]).startswith("Its names lack")
    late = verify_chain(own, [], [own], SERVER, AT + timedelta(999))
    assert (late.ok, late.reason) == (False, f"{NAME} expired on 1 November 2027.")


def self_signed(name: str) -> Certificate:
    return build_self_signed(
        generate_private_key(KeyType.EC_P256),
        [parse_server_name(name)],
        name,
        not_before=START,
        not_after=START + timedelta(365),
        serial=1,
    )


def odd_certificate(
    issuer: Authority,
    key: PrivateKey,
    name: str,
    *,
    ca: bool,
    may_sign: bool = True,
    usage: x509.ObjectIdentifier | None = None,
    critical: x509.UnrecognizedExtension | None = None,
) -> Certificate:
    """What the product itself never makes."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer.certificate.cryptography.subject)
        .public_key(key.public_key())
        .serial_number(99)
        .not_valid_before(START)
        .not_valid_after(START + timedelta(60))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if ca:
        flags = dict.fromkeys(
            (
                *("digital_signature", "content_commitment", "key_encipherment"),
                *("data_encipherment", "key_agreement", "encipher_only", "decipher_only"),
            ),
            False,
        )
        key_usage = x509.KeyUsage(key_cert_sign=may_sign, crl_sign=True, **flags)
        builder = builder.add_extension(key_usage, critical=True)
    else:
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        builder = builder.add_extension(names, critical=False)
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    if critical is not None:
        builder = builder.add_extension(critical, critical=True)
    return Certificate.from_cryptography(builder.sign(issuer.key, hashes.SHA384()))


@given(
    position=st.integers(min_value=0),
    replacement=st.binary(min_size=1, max_size=3),
    damaged=st.sampled_from(["leaf", "intermediate", "root"]),
)
def test_damaged_certificates_are_judged_and_never_right(
    root: Authority, issuing: Authority, position: int, replacement: bytes, damaged: str
) -> None:
    whole = {"leaf": _undamaged_leaf(issuing), "intermediate": issuing.certificate}
    whole["root"] = root.certificate
    der = whole[damaged].der
    start = position % len(der)
    changed = _certificate_or_none(der[:start] + replacement + der[start + len(replacement) :])
    if changed is None or changed == whole[damaged]:
        return
    parts = whole | {damaged: changed}
    verdict = verify_chain(parts["leaf"], [parts["intermediate"]], [parts["root"]], SERVER, AT)
    # A trusted root counts by its name and key alone, so damage elsewhere in it may not matter.
    assert verdict.ok is False or damaged == "root"
    assert verdict.ok is bool(verdict.reason == "")


@cache
def _undamaged_leaf(issuing: Authority) -> Certificate:
    return issuing.leaf()


def _certificate_or_none(der: bytes) -> Certificate | None:
    try:
        return Certificate.from_der(der)
    except CertwrightError:
        return None


@given(st.binary(max_size=40), st.sampled_from(["2.5.29.17", "2.5.29.19", "2.5.29.37", "1.2.3"]))
def test_any_bytes_in_an_extension_are_judged(root: Authority, content: bytes, number: str) -> None:
    odd = x509.UnrecognizedExtension(x509.ObjectIdentifier(number), content)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(root.certificate.cryptography.subject)
        .public_key(root.certificate.public_key)
        .serial_number(1)
        .not_valid_before(START)
        .not_valid_after(AT + timedelta(1))
        .add_extension(odd, critical=False)
    )
    leaf = Certificate.from_cryptography(builder.sign(root.key, hashes.SHA384()))
    for server in (SERVER, None):
        verdict = verify_chain(leaf, [], [root.certificate], server, AT)
        assert verdict.ok is bool(verdict.reason == "")
