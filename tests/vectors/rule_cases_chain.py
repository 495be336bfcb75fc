"""Vectors on chains, on the form they come in, and on where a certificate is from."""

from datetime import timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.x509.oid import NameOID

from .rule_authorities import (
    CLIENT_AUTH,
    NAME,
    SERVER_AUTH,
    START,
    Authority,
    Extension,
    Issuer,
    key_usage,
    name_constraints,
    new_key,
    self_signed,
)
from .rule_case import Case


def chain_cases(corp: Authority, brief: Authority) -> list[Case]:
    leaf, chain, roots = corp.issue(), (corp.intermediate,), (corp.root,)
    namesake = Authority.make("Corp")
    incomplete, warned = ("chain-incomplete error",), ("chain-incomplete warning",)
    return [
        Case("right-wrong-order", leaf, (), (corp.root, brief.root, corp.intermediate), roots),
        Case("right-root-and-twin", leaf, (), (namesake.intermediate, *chain), roots),
        Case("intermediate-missing", leaf, incomplete, (), roots),
        Case("intermediate-missing-test", leaf, warned, (), roots, "test"),
        Case("intermediate-namesake", leaf, incomplete, (namesake.intermediate,), roots),
        Case(
            "intermediate-expired",
            brief.issuer.odd(),
            ("issuer-expired error",),
            (brief.intermediate,),
            (brief.root,),
            at="2026-11-30T00:00:00Z",
        ),
        Case(
            "intermediate-expired-leaf-too",
            brief.issuer.odd(),
            ("expired error",),
            (brief.intermediate,),
            (brief.root,),
            at="2027-11-30T00:00:00Z",
        ),
        Case(
            "intermediate-expires-first",
            brief.issuer.odd(),
            ("issuer-expires-first warning",),
            (brief.intermediate,),
            (brief.root,),
        ),
        Case("root-unknown", leaf, ("untrusted-root error",), (*chain, corp.root), (brief.root,)),
        Case(
            "root-unknown-test",
            leaf,
            ("untrusted-root warning",),
            (*chain, corp.root),
            (brief.root,),
            "test",
        ),
        Case("no-roots-at-all", leaf, incomplete, chain, ()),
        *_odd_issuers(corp),
    ]


def subjects_limited(common_name: str) -> x509.NameConstraints:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    return x509.NameConstraints([x509.DirectoryName(name)], None)


def _odd_issuers(corp: Authority) -> list[Case]:
    top, roots = corp.top, (corp.root,)

    def below(name: str, issuer: Issuer, *expected: str, **more: Any) -> Case:
        profile = more.pop("profile", "server")
        leaf, chain = issuer.odd(**more), (issuer.certificate,)
        return Case(name, leaf, expected, chain, roots, profile=profile)

    def limited(name: str, constraints: x509.NameConstraints, *expected: str, **more: Any) -> Case:
        critical = more.pop("critical", True)
        issuer = top.odd_authority("Limited", Extension(constraints, critical))
        return below(name, issuer, *expected, **more)

    server = Extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    policies = x509.CertificatePolicies(
        [x509.PolicyInformation(x509.ObjectIdentifier("1.2.3"), None)]
    )
    may_not_sign = Extension(key_usage("digital_signature", "crl_sign"), critical=True)
    not_judged = "chain-not-judged warning"
    no_authority, violated = "issuer-not-authority error", "name-constraints-violated error"
    closed = top.odd_authority(
        "Closed", Extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    )
    too_deep = closed.odd_authority("Too deep")
    wrong_identifier = x509.AuthorityKeyIdentifier(b"\x01" * 20, None, None)
    identified = corp.issuer.odd(Extension(wrong_identifier))
    key, other_key = new_key(), new_key()
    renewed = top.odd_authority("Renewed", key=key)
    before = Issuer(renewed.certificate, other_key).odd(not_before=START - timedelta(9), days=99)
    own_san = x509.SubjectAlternativeName([x509.DNSName(NAME)])
    return [
        below("issuer-is-no-authority", top.odd_authority("A server", server), no_authority),
        below("issuer-may-not-sign", top.odd_authority("No signer", may_not_sign), no_authority),
        Case(
            "path-too-long",
            too_deep.odd(),
            ("path-too-long error",),
            (too_deep.certificate, closed.certificate),
            roots,
        ),
        limited("names-outside", name_constraints("other.example"), violated),
        limited("names-excluded", name_constraints(excluded=["corp.example"]), violated),
        limited(
            "address-outside",
            name_constraints(NAME, networks=["10.0.0.0/8"]),
            violated,
            names=[NAME, "192.168.1.1"],
        ),
        limited(
            "names-outside-not-critical",
            name_constraints("other.example"),
            violated,
            critical=False,
        ),
        limited("right-names-inside", name_constraints("corp.example", networks=["10.0.0.0/8"])),
        limited(
            "right-names-inside-not-critical", name_constraints("corp.example"), critical=False
        ),
        limited("domain-with-dot-inside", name_constraints(".corp.example"), not_judged),
        limited("domain-with-dot-outside", name_constraints(".other.example"), violated),
        limited("subject-outside", subjects_limited("Other"), violated),
        limited("subject-inside", subjects_limited(NAME), not_judged),
        below(
            "issuer-key-not-for-browsers",
            top.odd_authority("Edwards", key=ed25519.Ed25519PrivateKey.generate()),
            "issuer-key-not-for-browsers warning",
        ),
        below(
            "issuer-for-clients",
            top.odd_authority("For clients", usages=[CLIENT_AUTH]),
            "issuer-not-for-servers error",
        ),
        below(
            "issuer-for-servers-of-a-client",
            top.odd_authority("For servers", usages=[SERVER_AUTH]),
            "issuer-not-for-clients error",
            usages=[CLIENT_AUTH],
            profile="client",
        ),
        below(
            "right-issuer-for-clients-of-a-client",
            top.odd_authority("Clients", usages=[CLIENT_AUTH]),
            usages=[CLIENT_AUTH],
            profile="client",
        ),
        below("right-issuer-for-servers", top.odd_authority("Servers", usages=[SERVER_AUTH])),
        below(
            "issuer-critical-extension",
            top.odd_authority("Odd", Extension(unknown, critical=True)),
            "chain-refused error",
        ),
        below(
            "issuer-critical-policies",
            top.odd_authority("Policies", Extension(policies, critical=True)),
            "chain-not-judged warning",
        ),
        below("right-issuer-policies", top.odd_authority("Policies", Extension(policies))),
        Case(
            "key-identifiers-differ",
            identified,
            ("key-identifier-mismatch warning",),
            (corp.intermediate,),
            roots,
        ),
        Case(
            "issuer-renewed-with-another-key",
            before,
            ("chain-incomplete error",),
            (renewed.certificate,),
            roots,
        ),
        below("right-issuer-with-names", top.odd_authority("Named", Extension(own_san))),
    ]


def form_cases(corp: Authority) -> list[Case]:
    leaf, roots = corp.issue(), (corp.root,)
    below = corp.top.odd_authority("Upper").odd_authority("Lower")
    upper = corp.top.odd_authority("Upper again")
    lower = upper.odd_authority("Lower again")
    deep, stranger = lower.odd(), Authority.make("Stranger").intermediate
    twice = (corp.intermediate, corp.intermediate)

    def case(name: str, given: Any, *expected: str, **more: Any) -> Case:
        certificate = more.pop("certificate", leaf)
        return Case(name, certificate, expected, given, roots, given=given)

    return [
        case("right-given", (corp.intermediate,)),
        case("right-given-two", (lower.certificate, upper.certificate), certificate=deep),
        case(
            "out-of-order",
            (upper.certificate, lower.certificate),
            "chain-order warning",
            certificate=deep,
        ),
        case("root-sent", (corp.intermediate, corp.root), "root-sent notice"),
        case("superfluous", (corp.intermediate, stranger), "chain-superfluous notice"),
        case("superfluous-twice", twice, "chain-superfluous notice"),
        case("superfluous-leaf-again", (leaf, corp.intermediate), "chain-superfluous notice"),
        case(
            "superfluous-authority",
            (corp.intermediate, below.certificate),
            "chain-superfluous notice",
        ),
        case("none-given", (), "chain-incomplete error"),
    ]


def origin_cases(corp: Authority, public: Authority) -> list[Case]:
    own = self_signed()
    trust: dict[str, Any] = {"public": (public.root,)}
    leaf, public_leaf = corp.issue(), public.issue()
    no_common_name = public.issue([NAME], "")
    self_issued = ("private-ca-for-cloud error", "self-signed-in-production error")
    private = "private-ca-for-cloud error"
    signs = Extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return [
        Case("right-self-signed-test", own, (), environment="test", **trust),
        Case("right-internal-test", leaf, (), (corp.intermediate,), (corp.root,), "test"),
        Case("self-signed-production", own, ("self-signed-in-production error",), **trust),
        Case("self-signed-trusted", own, ("self-signed-in-production error",), (), (own,)),
        Case("self-signed-cloud", own, self_issued, environment="cloud", **trust),
        Case(
            "self-signed-authority-test",
            _self_issued_with(signs),
            ("self-signed-authority notice",),
            environment="test",
        ),
        Case(
            "right-cloud", public_leaf, (), (public.intermediate,), (public.root,), "cloud", **trust
        ),
        Case(
            "cloud-no-common-name",
            no_common_name,
            ("cn-lacks-name warning",),
            (public.intermediate,),
            (public.root,),
            "cloud",
            **trust,
        ),
        Case(
            "cloud-private",
            leaf,
            (private,),
            (corp.intermediate, corp.root),
            (public.root,),
            "cloud",
            **trust,
        ),
        Case(
            "cloud-intermediate-missing",
            public_leaf,
            ("chain-incomplete error", private),
            (),
            (public.root,),
            "cloud",
            **trust,
        ),
        Case(
            "cloud-public-but-not-trusted",
            public_leaf,
            ("untrusted-root error",),
            (public.intermediate, public.root),
            (corp.root,),
            "cloud",
            **trust,
        ),
        Case(
            "everything-wrong",
            self_signed(["other.example"]),
            (
                "cn-lacks-name error",
                "expired error",
                "key-mismatch error",
                "san-lacks-name error",
                "self-signed-in-production error",
            ),
            private_key="other",
            at="2030-01-01T00:00:00Z",
        ),
    ]


def _self_issued_with(extension: Extension) -> Any:
    key = new_key()
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    named = self_signed()
    assert named.cryptography.subject == subject
    return Issuer(named, key).odd(extension, public_key=key.public_key(), days=365)
