"""Files whose usage or chain is in question, and the codes that are found in each."""

from datetime import timedelta

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from .check_case import ISSUING, LEAF, OTHER_ROOT, POLICIES, ROOT, Case, case
from .check_files import (
    CLIENT,
    ENCIPHERS,
    NAME,
    SERVER,
    SIGNS,
    START,
    Made,
    authority,
    limits,
    make,
    odd,
    pem,
    rsa_key,
)


def usage_cases() -> list[Case]:
    def used(title: str, expected: str = "", *extensions: object, **more: object) -> Case:
        made = make(ISSUING, NAME, (NAME,), *extensions, **more)  # type: ignore[arg-type]
        return case(f"usage: {title}", pem(made, ISSUING), expected)

    lacks, no_server = "digital-signature-missing error", "server-auth-missing error"
    not_for_key = "key-usage-not-for-key notice"
    staple = x509.TLSFeature([x509.TLSFeatureType.status_request])
    return [
        used("clients only", no_server, purposes=(CLIENT,)),
        used("clients too", purposes=(SERVER, CLIENT)),
        used("any", purposes=(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,)),
        used("none named", purposes=()),
        used("e-mail", no_server, purposes=(ExtendedKeyUsageOID.EMAIL_PROTECTION,)),
        used("no key usage", usage=()),
        used("RSA for both", key=rsa_key(), usage=(SIGNS, ENCIPHERS)),
        used("RSA enciphers only", lacks, key=rsa_key(), usage=(ENCIPHERS,)),
        used("RSA agrees", not_for_key, key=rsa_key(), usage=(SIGNS, "key_agreement")),
        used("ECDSA agrees only", lacks, usage=("key_agreement",)),
        used("ECDSA agrees too", usage=(SIGNS, "key_agreement")),
        used("ECDSA enciphers", not_for_key, usage=(SIGNS, ENCIPHERS)),
        used("authority", "authority-as-server error", authority=True),
        used(
            "signs certificates",
            "key-cert-sign-without-authority warning",
            usage=(SIGNS, "key_cert_sign"),
        ),
        used("must staple", "must-staple warning", (staple, False)),
        used("unknown critical", "critical-extension-unknown error", odd("1.2.3", critical=True)),
        used("unknown", "", odd("1.2.3")),
        used("critical policies", "chain-not-judged warning", (POLICIES, True)),
    ]


def chain_cases() -> list[Case]:
    def below(title: str, expected: str, issuer: Made, *names: str | x509.GeneralName) -> Case:
        made = make(issuer, NAME, names or (NAME,))
        return case(f"issuer: {title}", pem(made, issuer), expected)

    incomplete, violated = "chain-incomplete error", "name-constraints-violated error"
    brief = authority("Brief", ROOT, start=START - timedelta(400), days=410)
    closed = authority("Closed", ROOT, path_length=0)
    too_deep = authority("Too deep", closed)
    namesake = authority("Corp Issuing", ROOT)
    subject = x509.DirectoryName(x509.Name.from_rfc4514_string(f"CN={NAME}"))
    strange = x509.DirectoryName(x509.Name.from_rfc4514_string("O=Other"))
    alone = make(days=365, authority=False)
    damaged = bytearray(LEAF.der)
    damaged[-9] ^= 1
    root_sent, order = "root-sent notice", "chain-order warning"
    return [
        case("intermediate missing", pem(LEAF), incomplete),
        case(
            "intermediate missing in test",
            pem(LEAF),
            "chain-incomplete warning",
            environment="test",
            trust=None,
        ),
        case(
            "intermediate missing in test, roots given", pem(LEAF), incomplete, environment="test"
        ),
        case(
            "other root in test, roots given",
            pem(LEAF, ISSUING, ROOT),
            f"untrusted-root error, {root_sent}",
            environment="test",
            trust=(OTHER_ROOT,),
        ),
        case(
            "self-signed in test, other roots given",
            pem(alone),
            "untrusted-root error",
            environment="test",
        ),
        case("DER", LEAF.der, incomplete),
        case("root unknown", pem(LEAF, ISSUING), incomplete, trust=(OTHER_ROOT,)),
        case("root in the file", pem(LEAF, ISSUING, ROOT), root_sent, trust=None),
        case(
            "root in the file does not count",
            pem(LEAF, ISSUING, ROOT),
            f"untrusted-root error, {root_sent}",
            trust=(OTHER_ROOT,),
        ),
        case(
            "root in the file does not count in cloud",
            pem(LEAF, ISSUING, ROOT),
            f"private-ca-for-cloud error, {root_sent}",
            trust=None,
            environment="cloud",
        ),
        case("intermediate trusted by itself", pem(LEAF), trust=(ISSUING,)),
        case("intermediate beside a root is not", pem(LEAF), incomplete, trust=(ROOT, ISSUING)),
        case("out of order", pem(LEAF, ROOT, ISSUING), f"{order}, {root_sent}"),
        case("issuer first", pem(ISSUING, LEAF), order),
        case("stranger too", pem(LEAF, ISSUING, OTHER_ROOT), "chain-superfluous notice"),
        case("namesake", pem(LEAF, namesake), incomplete),
        case("signature changed", bytes(damaged), "signature-invalid error", trust=(ISSUING,)),
        case(
            "self-signed in production", pem(alone), "self-signed-in-production error", trust=None
        ),
        case(
            "self-signed in cloud",
            pem(alone),
            "self-signed-in-production error, private-ca-for-cloud error",
            trust=None,
            environment="cloud",
        ),
        case(
            "self-signed authority in test",
            pem(make(days=90, authority=True)),
            "self-signed-authority notice",
            trust=None,
            environment="test",
        ),
        case("path too long", pem(make(too_deep), too_deep, closed), "path-too-long error"),
        case("issuer expired", pem(make(brief), brief), "issuer-expired error"),
        case("issuer expires first", pem(make(brief, days=9), brief), at="2026-11-02T00:00:00Z"),
        below("no authority", "issuer-not-authority error", authority("A", ROOT, authority=False)),
        below(
            "may not sign", "issuer-not-authority error", authority("A", ROOT, usage=("crl_sign",))
        ),
        below(
            "for clients", "issuer-not-for-servers error", authority("A", ROOT, purposes=(CLIENT,))
        ),
        below("RSA 1024", "weak-key-in-chain error", authority("A", ROOT, key=rsa_key(1024))),
        below(
            "critical policies", "chain-not-judged warning", authority("A", ROOT, (POLICIES, True))
        ),
        below("limited to its domain", "", authority("A", ROOT, limits(["corp.example"]))),
        below("limited to another", violated, authority("A", ROOT, limits(["other.example"]))),
        below("domain excluded", violated, authority("A", ROOT, limits((), ["corp.example"]))),
        below("address within", "", authority("A", ROOT, limits(["10.0.0.0/8"])), NAME, "10.1.1.1"),
        below(
            "address outside",
            violated,
            authority("A", ROOT, limits(["10.0.0.0/8"])),
            NAME,
            "11.1.1.1",
        ),
        below(
            "dot in front",
            "chain-not-judged warning",
            authority("A", ROOT, limits([".corp.example"])),
        ),
        below(
            "subject within", "chain-not-judged warning", authority("A", ROOT, limits([subject]))
        ),
        below("subject outside", violated, authority("A", ROOT, limits([strange]))),
    ]


def choice_cases() -> list[Case]:
    wrong = pem(make(ISSUING, NAME, ()), ISSUING)
    return [
        case(
            "only a family",
            wrong,
            "expired error",
            at="2028-01-01T00:00:00Z",
            options=("--only", "time"),
        ),
        case("only a code", wrong, "san-lacks-name error", options=("--only", "SAN-lacks-name")),
        case(
            "public rules asked of it",
            pem(make(ISSUING, "todd.corp.local", ("todd.corp.local",), days=250), ISSUING),
            "internal-name warning, lifetime-too-long error",
            names=("todd.corp.local",),
            options=("--public", "--only", "names,time"),
        ),
        case("families ignored", wrong, options=("--ignore", "names, chain")),
        case("only what is ignored", wrong, options=("--only", "names", "--ignore", "names")),
    ]
