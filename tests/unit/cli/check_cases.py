"""A table of files, and of the codes that `certwright check` finds in each.

Right ones come first: what finds fault with those is as wrong as what overlooks one.
"""

from datetime import timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding
from cryptography.hazmat.primitives.serialization import Encoding

from .check_case import AT, ISSUING, LEAF, OTHER_ROOT, POLICIES, ROOT, Case, case
from .check_cases_chain import chain_cases, choice_cases, usage_cases
from .check_files import (
    CLIENT,
    ENCIPHERS,
    NAME,
    SERVER,
    SIGNS,
    START,
    authority,
    elliptic,
    make,
    odd,
    p7b,
    pem,
    pfx,
    rsa_key,
)


def good_cases() -> list[Case]:
    like_lets_encrypt = authority(
        "R13", ROOT, (POLICIES, False), key=rsa_key(), path_length=0, purposes=(CLIENT, SERVER)
    )
    free = make(
        like_lets_encrypt,
        NAME,
        (NAME,),
        (POLICIES, False),
        usage=(SIGNS, ENCIPHERS),
        key=rsa_key(3072),
        authority=False,
    )
    version = odd("1.3.6.1.4.1.311.21.1", b"\x02\x01\x00")
    directory_root = authority("corp-DC01-CA", None, version, key=rsa_key(4096), days=7300)
    directory = authority("Corp Issuing CA 1", directory_root, version, key=rsa_key(), days=1825)
    template = odd("1.3.6.1.4.1.311.20.2", b"\x1e\x12" + "WebServer".encode("utf-16-be"))
    number = x509.ObjectIdentifier("1.3.6.1.4.1.311.21.8.1234567.201.1.16")
    by_directory = make(
        directory, NAME, (NAME,), template, usage=(SIGNS, ENCIPHERS), key=rsa_key(3072), days=730
    )
    newer = make(
        directory,
        NAME,
        (NAME,),
        (x509.MSCertificateTemplate(number, 100, 6), False),
        usage=(SIGNS, ENCIPHERS),
        key=rsa_key(3072),
        days=730,
    )
    alone = make(days=365, authority=False)
    own_key = elliptic()
    old, cross = authority("X", OTHER_ROOT, key=own_key), authority("X", ROOT, key=own_key)
    itself = authority("X", None, key=own_key)
    below = make(cross)
    three = authority("Three", ROOT)
    two = authority("Two", three)
    one = authority("One", two)
    deep = make(one)
    simple = authority("Simple", None, key=rsa_key(), usage=(), identifiers=False)
    by_simple = make(simple, usage=(), purposes=(), identifiers=False)
    rsa_signed = authority("RSA", None, key=rsa_key(3072))
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    trusted: dict[str, Any] = {"trust": (directory_root,)}
    return [
        *(
            case(f"like Let's Encrypt, {where}", pem(free, like_lets_encrypt), environment=where)
            for where in ("test", "production")
        ),
        case("its key after it", pem(free, like_lets_encrypt) + free.key_pem()),
        case("its key before it", free.key_pem() + pem(free, like_lets_encrypt)),
        *(
            case(f"like AD CS {n}, {where}", pem(made, directory), environment=where, **trusted)
            for n, made in enumerate((by_directory, newer))
            for where in ("test", "production")
        ),
        case("PFX", pfx(newer, directory, directory_root), options=("--password",), **trusted),
        case(
            "PFX, own root",
            pfx(newer, directory, directory_root),
            trust=None,
            options=("--password",),
        ),
        case("PFX without password", pfx(newer, directory, password=b""), **trusted),
        case("P7B", p7b(directory_root, directory, newer), **trusted),
        case(
            "P7B in PEM",
            p7b(directory_root, directory, newer, encoding=Encoding.PEM),
            **trusted,
        ),
        case("self-signed in test", pem(alone), environment="test", trust=None),
        case("self-signed in test, trusted", pem(alone), environment="test", trust=(alone,)),
        case("cross-signed", pem(below, cross, old)),
        case("cross-signed, other order", pem(below, old, cross)),
        case("cross-signed, old root", pem(below, cross), trust=(itself,)),
        case("cross-signed, both roots", pem(below, cross), trust=(itself, ROOT)),
        case("deep", pem(deep, one, two, three)),
        case("by the root itself", pem(make(ROOT))),
        case("without key usage and identifiers", pem(by_simple), trust=(simple,)),
        case("RSASSA-PSS signature", pem(make(rsa_signed, padding=pss)), trust=(rsa_signed,)),
        case("SHA-384", pem(make(rsa_signed, digest=hashes.SHA384())), trust=(rsa_signed,)),
        case("SHA-512", pem(make(ISSUING, digest=hashes.SHA512()), ISSUING)),
        case("leaf twice", pem(LEAF, LEAF, ISSUING)),
        case(
            "encrypted key",
            pem(LEAF, ISSUING) + LEAF.key_pem(b"a password"),
            options=("--password",),
        ),
    ]


def key_cases() -> list[Case]:
    unusual, curve = "key-not-for-browsers warning", "curve-unusable error"
    keys = (
        ("RSA 2048", rsa_key(), ""), ("RSA 3072", rsa_key(3072), ""),
        ("RSA 4096", rsa_key(4096), ""), ("RSA 2056", rsa_key(2056), ""),
        ("RSA 2047", rsa_key(2047), "rsa-key-too-short error"),
        ("RSA 1024", rsa_key(1024), "rsa-key-too-short error"),
        ("RSA exponent 3", rsa_key(2048, 3), "rsa-exponent-low warning"),
        ("P-256", elliptic(), ""), ("P-384", elliptic(ec.SECP384R1), ""),
        ("P-521", elliptic(ec.SECP521R1), unusual),
        ("Ed25519", ed25519.Ed25519PrivateKey.generate(), unusual),
        ("Ed448", ed448.Ed448PrivateKey.generate(), unusual),
        ("P-192", elliptic(ec.SECP192R1), curve), ("P-224", elliptic(ec.SECP224R1), curve),
        ("secp256k1", elliptic(ec.SECP256K1), curve),
        ("brainpool", elliptic(ec.BrainpoolP256R1), curve),
    )  # fmt: skip
    edwards = authority("Edwards", None, key=ed25519.Ed25519PrivateKey.generate())
    of_edwards = make(edwards, key=ed25519.Ed25519PrivateKey.generate())
    of_authority = make(ISSUING, key=ISSUING.key)
    return [
        *(
            case(f"key {name}", pem(make(ISSUING, key=key), ISSUING), expected)
            for name, key, expected in keys
        ),
        case(
            "Ed25519 all the way",
            pem(of_edwards),
            f"{unusual}, issuer-key-not-for-browsers notice",
            trust=(edwards,),
            environment="test",
        ),
        case(
            "Ed25519 of a stranger",
            pem(of_edwards, edwards),
            f"{unusual}, untrusted-root error, root-sent notice",
            trust=(OTHER_ROOT,),
        ),
        case("key of the authority", pem(of_authority, ISSUING), "key-shared warning"),
        case(
            "another's key beside it", pem(LEAF, ISSUING) + make().key_pem(), "key-mismatch error"
        ),
    ]


def name_cases() -> list[Case]:
    def named(
        title: str,
        cn: str,
        names: tuple[str | x509.GeneralName, ...],
        wanted: str = NAME,
        expected: str = "",
        environment: str = "production",
    ) -> Case:
        content = pem(make(ISSUING, cn, names), ISSUING)
        return case(
            f"names: {title}",
            content,
            expected,
            names=tuple(wanted.split()),
            environment=environment,
        )

    san, cn = "san-lacks-name error", "cn-lacks-name error"
    u, a = "münchen.example", "xn--mnchen-3ya.example"
    upn = x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), b"\x0c\x03abc")
    page = x509.UniformResourceIdentifier("spiffe://corp/todd")
    return [
        named("capitals asked for", NAME, (NAME,), "TODD.Corp.Example"),
        named("capitals within", "Todd.CORP.example", ("TODD.CORP.EXAMPLE",)),
        named("dot at the end", NAME, (NAME,), NAME + "."),
        named("none", NAME, (), expected=san),
        named("another's", "x.example", ("x.example",), expected=f"{cn}, {san}"),
        named("no Common Name", "", (NAME,), expected=cn),
        named("other Common Name", "Xtract server", (NAME,), expected=cn),
        named(
            "Common Name of a second name", "b.corp.example", (NAME, "b.corp.example"), expected=cn
        ),
        named("wildcard", "*.corp.example", ("*.corp.example",)),
        named("wildcard, full Common Name", NAME, ("*.corp.example",)),
        named(
            "wildcard too high", "a.b.corp.example", ("*.corp.example",), "a.b.corp.example", san
        ),
        named("wildcard for its parent", "corp.example", ("*.corp.example",), "corp.example", san),
        named(
            "wildcard and parent",
            "corp.example",
            ("corp.example", "*.corp.example"),
            "corp.example",
        ),
        named("wildcard in a part", NAME, ("to*.corp.example",), expected=san),
        named("wildcard over a top level", "corp.example", ("*.example",), "corp.example", san),
        named("many", NAME, (NAME, *(f"h{n}.corp.example" for n in range(100)))),
        named("two asked for", NAME, (NAME, "a.corp.example"), f"{NAME} a.corp.example"),
        named("second one lacks", NAME, (NAME,), f"{NAME} a.corp.example", san),
        named("address", "10.1.2.3", ("10.1.2.3",), "10.1.2.3"),
        named("address and name", NAME, (NAME, "10.1.2.3")),
        named("address in the Common Name only", "10.1.2.3", (NAME,), "10.1.2.3", san),
        named("address as a DNS name", "10.1.2.3", (x509.DNSName("10.1.2.3"),), "10.1.2.3", san),
        named("IPv6", "2001:db8::1", ("2001:db8::1",), "2001:0db8:0:0::1"),
        named("IPv6 in brackets", "2001:db8::1", ("2001:db8::1",), "[2001:db8::1]"),
        named("short", "todd", ("todd",), "todd", "short-host-name notice"),
        named("short in test", "todd", ("todd",), "todd", environment="test"),
        named("short one only", "todd", ("todd",), expected=f"{cn}, {san}"),
        named("short one too", NAME, (NAME, "todd")),
        named("international", a, (a,), u),
        named("international, A-label", a, (a,), a),
        named("international Common Name", u, (a,), a),
        named("international, wildcard", f"*.{a}", (f"*.{a}",), f"a.{u}"),
        named("sharp s", "xn--strae-oqa.example", ("xn--strae-oqa.example",), "straße.example"),
        named("of an own network", "todd.corp.local", ("todd.corp.local",), "todd.corp.local"),
        named("of other kinds too", NAME, (NAME, upn, page, x509.RFC822Name("a@corp.example"))),
        named("localhost too", NAME, (NAME, "localhost", "127.0.0.1", "::1")),
        named("underscore", NAME, (NAME, "a_b.corp.example"), expected="underscore-in-name notice"),
    ]


def time_cases() -> list[Case]:
    near = "near-expiry warning"

    def at(moment: str, expected: str = "", days: float = 90) -> Case:
        content = pem(make(ISSUING, days=days), ISSUING)
        return case(f"{days} days at {moment}", content, expected, at=moment)

    def public(issued: str, days: float, expected: str = "") -> Case:
        begin = START.fromisoformat(f"{issued}T00:00:00+00:00")
        root = authority("Public", None, start=begin - timedelta(9), days=9000)
        content = pem(make(root, start=begin, days=days))
        moment = f"{issued}T12:00:00Z"
        ignored = ("--ignore", "private-ca-for-cloud")
        return case(
            f"{days} days from {issued}",
            content,
            expected,
            environment="cloud",
            trust=(root,),
            at=moment,
            options=ignored,
        )

    late, second = "lifetime-too-long error", timedelta(seconds=1) / timedelta(1)
    return [
        at("2026-11-01T00:00:00Z"), at("2026-10-31T23:59:59Z", "not-yet-valid error"),
        at("2027-01-29T23:59:59Z", near), at("2027-01-29T23:59:59.9Z", near),
        at("2027-01-30T00:00:00Z", "expired error"), at("2027-01-30T01:00:00+01:00",
                                                        "expired error"),
        at("2027-01-10T00:00:00Z"), at("2027-01-20T00:00:00Z", near),
        at("2026-11-05T00:00:00Z", days=6), at("2026-11-06T12:00:00Z", near, days=6),
        at(AT, days=825), at(AT, "lifetime-over-825-days warning", days=827),
        public("2018-02-28", 1188), public("2018-03-01", 825), public("2018-03-01", 826, late),
        public("2020-08-31", 825), public("2020-09-01", 398), public("2020-09-01", 399, late),
        public("2026-03-14", 398), public("2026-03-15", 200), public("2026-03-15", 201, late),
        public("2026-03-15", 200 + second, "lifetime-second-over warning"),
        public("2026-03-15", 200 + 2 * second, late),
        public("2027-03-14", 200), public("2027-03-15", 100), public("2027-03-15", 101, late),
        public("2029-03-14", 100), public("2029-03-15", 47), public("2029-03-15", 48, late),
    ]  # fmt: skip


CASES = [
    *good_cases(), *key_cases(), *name_cases(), *time_cases(), *usage_cases(), *chain_cases(),
    *choice_cases(),
]  # fmt: skip
