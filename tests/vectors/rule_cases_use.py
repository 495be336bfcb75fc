"""Vectors on time, usage, revocation, key access and deployment."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from certwright.x509.certificate import Certificate

from .rule_authorities import (
    ANY_USAGE,
    CLIENT_AUTH,
    NAME,
    SERVER_AUTH,
    Authority,
    Extension,
    Issuer,
    key_usage,
    new_key,
    odd_root,
)
from .rule_case import AT, Case

ONE_SECOND = timedelta(seconds=1) / timedelta(days=1)


def time_cases(corp: Authority, public: Authority) -> list[Case]:
    chain, roots = (corp.intermediate,), (corp.root,)

    def case(name: str, certificate: Certificate, *expected: str, **more: Any) -> Case:
        return Case(name, certificate, expected, chain, roots, **more)

    leaf, near, late = corp.issue(), "near-expiry warning", "lifetime-too-long error"
    second_over = "lifetime-second-over warning"
    six_days = corp.issue(days=6)
    return [
        case("expired", leaf, "expired error", at="2026-12-18T00:00:01Z"),
        case("last-second", leaf, near, at="2026-12-18T00:00:00Z"),
        case("right-before-near-expiry", leaf, at="2026-12-10T00:00:00Z"),
        case("near-expiry", leaf, near, at="2026-12-12T00:00:00Z"),
        case("right-six-days", six_days, at="2026-11-05T00:00:00Z"),
        case("near-expiry-six-days", six_days, near, at="2026-11-06T12:00:00Z"),
        case("first-second", leaf, at="2026-11-01T00:00:00Z"),
        case("not-yet-valid", leaf, "not-yet-valid error", at="2026-10-31T23:59:59Z"),
        case("right-two-years", corp.issuer.odd(days=731)),
        case("over-825-days", corp.issuer.odd(days=826), "lifetime-over-825-days warning"),
        case(
            "over-825-days-test",
            corp.issuer.odd(days=826),
            "lifetime-over-825-days notice",
            environment="test",
        ),
        *(
            _lifetime(f"{verdict}-public-{days}-days-{issued}", issued, days, *expected)
            for issued, days, verdict, expected in (
                ("2018-02-28", 1188, "right", ()),
                ("2018-03-01", 825, "right", ()),
                ("2018-03-01", 826, "late", (late,)),
                ("2020-08-31", 825, "right", ()),
                ("2020-09-01", 398, "right", ()),
                ("2020-09-01", 399, "late", (late,)),
                ("2026-03-14", 398, "right", ()),
                ("2026-03-15", 200, "right", ()),
                ("2026-03-15", 201, "late", (late,)),
                ("2027-03-14", 200, "right", ()),
                ("2027-03-15", 100, "right", ()),
                ("2027-03-15", 101, "late", (late,)),
                ("2029-03-15", 47, "right", ()),
                ("2029-03-15", 48, "late", (late,)),
            )
        ),
        _lifetime("second-over-public-200-days", "2026-03-15", 200 + ONE_SECOND, second_over),
        _lifetime("late-public-two-seconds", "2026-03-15", 200 + 2 * ONE_SECOND, late),
        _lifetime(
            "second-over-cloud", "2026-03-15", 200 + ONE_SECOND, second_over, environment="cloud"
        ),
        Case(
            "lifetime-too-long-cloud",
            public.issuer.odd(days=250),
            (late,),
            (public.intermediate,),
            (public.root,),
            "cloud",
            public=(public.root,),
        ),
    ]


def _lifetime(name: str, issued: str, days: float, *expected: str, **more: Any) -> Case:
    """Of so many days to the second: the last one, which notAfter names, counts as well."""
    begin = datetime.fromisoformat(f"{issued}T00:00:00+00:00")
    root = odd_root("Everyone's Root", not_before=begin - timedelta(99), days=9999)
    leaf = root.odd(not_before=begin, days=days - ONE_SECOND)
    roots = (root.certificate,)
    at = (begin + timedelta(1)).isoformat()
    return Case(name, leaf, expected, (), roots, public=roots, at=at, **more)


def usage_cases(corp: Authority) -> list[Case]:
    chain, roots = (corp.intermediate,), (corp.root,)

    def case(name: str, certificate: Certificate, *expected: str, **more: Any) -> Case:
        return Case(name, certificate, expected, chain, roots, **more)

    def usage(*usages: str) -> Extension:
        return Extension(key_usage(*usages), critical=True)

    odd = corp.issuer.odd
    rsa_key = partial(odd, public_key=rsa.generate_private_key(65537, 2048).public_key())
    not_for_key = "key-usage-not-for-key notice"
    authority = Extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    must_staple = x509.TLSFeature([x509.TLSFeatureType.status_request])
    top = Issuer(corp.root, corp.root_key)
    below = top.odd_authority("Corp Issuing 2")
    as_server = below.odd(authority)
    return [
        case(
            "private-key-missing", corp.issue(), "private-key-missing error", private_key="missing"
        ),
        case("private-key-not-readable", corp.issue(), private_key="unknown"),
        case("key-mismatch", corp.issue(), "key-mismatch error", private_key="other"),
        case("clients-only", odd(usages=[CLIENT_AUTH]), "server-auth-missing error"),
        case("right-for-a-client", odd(usages=[CLIENT_AUTH]), profile="client"),
        case("client-with-a-servers", corp.issue(), "client-auth-missing error", profile="client"),
        case(
            "both-with-a-servers",
            corp.issue(),
            "client-auth-missing error",
            profile="server-and-client",
        ),
        case("right-clients-too", odd(usages=[CLIENT_AUTH, SERVER_AUTH])),
        case("right-any-usage", odd(usages=[ANY_USAGE])),
        case("right-no-usage", odd(usages=[])),
        case("right-key-usage", odd(usage("digital_signature"))),
        case("right-key-usage-both", rsa_key(usage("digital_signature", "key_encipherment"))),
        case("key-usage-of-rsa", odd(usage("digital_signature", "key_encipherment")), not_for_key),
        case(
            "key-usage-of-ecdsa",
            rsa_key(usage("digital_signature", "key_agreement")),
            not_for_key,
        ),
        case(
            "key-encipherment-only",
            odd(usage("key_encipherment", "data_encipherment")),
            "digital-signature-missing error",
            not_for_key,
        ),
        case("key-agreement-only", odd(usage("key_agreement")), "digital-signature-missing error"),
        case(
            "key-cert-sign",
            odd(usage("digital_signature", "key_cert_sign")),
            "key-cert-sign-without-authority warning",
        ),
        Case(
            "authority-as-server",
            as_server,
            ("authority-as-server error",),
            (below.certificate,),
            roots,
        ),
        Case(
            "authority-as-server-test",
            as_server,
            ("authority-as-server warning",),
            (below.certificate,),
            roots,
            "test",
        ),
        case(
            "critical-extension",
            odd(Extension(unknown, critical=True)),
            "critical-extension-unknown error",
        ),
        case("right-unknown-extension-not-critical", odd(Extension(unknown))),
        case(
            "precertificate",
            odd(Extension(x509.PrecertPoison(), critical=True)),
            "critical-extension-unknown error",
        ),
        case("must-staple", odd(Extension(must_staple)), "must-staple warning"),
    ]


def deployment_cases(corp: Authority) -> list[Case]:
    chain, roots = (corp.intermediate,), (corp.root,)
    leaf, key = corp.issue(), new_key()
    older, newer = corp.issue(days=26), corp.issue(days=100)
    shared = corp.issue(key=key)

    def case(name: str, certificate: Certificate, *expected: str, **more: Any) -> Case:
        return Case(name, certificate, expected, chain, roots, **more)

    def asked(state: str, **more: str | bool) -> tuple[tuple[str, dict[str, Any]], ...]:
        return (("revocation", {"state": state, "source": "OCSP", **more}),)

    def access(readable: bool, *others: str) -> tuple[tuple[str, dict[str, Any]], ...]:
        account = {"account": "NT SERVICE\\XtractUniversal", "readable": readable}
        return (("key_access", {**account, "others_who_can": list(others)}),)

    def deployed(
        saved: Certificate, active: Certificate, other: Certificate
    ) -> tuple[tuple[str, dict[str, Any]], ...]:
        here = {"title": "Configuration Server", "saved": saved, "active": active}
        return (("here", here), ("other", {"title": "Web Server", "saved": other, "active": other}))

    near, forgotten = "near-expiry warning", "endpoint-forgotten warning"
    return [
        case("right-not-revoked", leaf, tables=asked("good")),
        case(
            "revoked",
            leaf,
            "revoked error",
            tables=asked("revoked", reason="keyCompromise", revoked_at="2026-11-20T00:00:00Z"),
        ),
        case("revocation-unknown", leaf, "revocation-unknown warning", tables=asked("unknown")),
        case(
            "revocation-not-answered",
            leaf,
            "revocation-unknown warning",
            tables=asked("unknown", failure="ocsp.corp.example did not answer."),
        ),
        case("right-key-readable", leaf, tables=access(True, "SYSTEM")),
        case(
            "private-key-unreadable",
            leaf,
            "private-key-unreadable error",
            tables=access(False, "SYSTEM", "Administrators"),
        ),
        case(
            "right-key-kept-at-renewal",
            shared,
            same_key=(corp.issue([NAME, "b.example"], key=key),),
        ),
        case(
            "key-shared",
            shared,
            "key-shared warning",
            same_key=(corp.issue(["other.example"], key=key),),
        ),
        case("right-deployed", leaf, tables=deployed(leaf, leaf, leaf)),
        case("right-deployed-differently", leaf, tables=deployed(leaf, leaf, newer)),
        case(
            "saved-not-active", leaf, "saved-not-active warning", tables=deployed(newer, leaf, leaf)
        ),
        case(
            "endpoint-forgotten",
            older,
            forgotten,
            near,
            tables=deployed(older, older, newer),
            at=AT,
        ),
        case(
            "endpoint-forgotten-expired",
            older,
            "expired error",
            forgotten,
            tables=deployed(older, older, newer),
            at="2026-11-28T00:00:00Z",
        ),
        case(
            "endpoint-on-its-way",
            older,
            near,
            "saved-not-active warning",
            tables=deployed(newer, older, newer),
        ),
    ]
