"""Makes the vectors in rules/: `python tests/vectors/make_rules.py`. What is expected is written
here by hand; the certificates are made anew, so a run changes every file.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtensionOID, NameOID

from certwright.x509.building import (
    AuthorityAddresses,
    build_intermediate,
    build_leaf,
    build_root,
    build_self_signed,
    random_serial,
)
from certwright.x509.certificate import Certificate
from certwright.x509.keys import PrivateKey, private_key_to_pem
from certwright.x509.names import parse_server_name

FOLDER = Path(__file__).parent / "rules"
START = datetime(2026, 11, 1, tzinfo=UTC)
AT = "2026-11-24T12:00:00Z"
NAME = "todd.corp.example"
SERVER_AUTH, CLIENT_AUTH, ANY_USAGE = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "2.5.29.37.0"
ADDRESSES = AuthorityAddresses("http://pki.corp.example/ca.crt", "http://pki.corp.example/ca.crl")


def serial() -> int:
    return random_serial(os.urandom)


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True)
class Authority:
    root: Certificate
    root_key: PrivateKey
    intermediate: Certificate
    key: PrivateKey

    @classmethod
    def make(cls, name: str, intermediate_days: int = 1096) -> "Authority":
        root_key, key = ec.generate_private_key(ec.SECP384R1()), new_key()
        root = build_root(
            f"{name} Root", name, root_key, not_before=START, days=3653, serial=serial()
        )
        intermediate = build_intermediate(
            f"{name} Issuing 1",
            key.public_key(),
            root,
            root_key,
            organization=name,
            not_before=START,
            days=intermediate_days,
            serial=serial(),
            addresses=ADDRESSES,
        )
        return cls(root, root_key, intermediate, key)

    def issue(
        self, names: Sequence[str] = (NAME,), common_name: str | None = None, days: int = 47
    ) -> Certificate:
        return build_leaf(
            new_key().public_key(),
            [parse_server_name(name) for name in names],
            names[0] if common_name is None else common_name,
            self.intermediate,
            self.key,
            not_before=START,
            not_after=START + timedelta(days),
            serial=serial(),
            addresses=ADDRESSES,
        )

    def issue_odd(
        self,
        common_names: Sequence[str] = (NAME,),
        dns_names: Sequence[str] = (NAME,),
        usages: Sequence[str] = (SERVER_AUTH,),
        damaged_names: bool = False,
    ) -> Certificate:
        """What `build_leaf` refuses to make."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, n) for n in common_names])
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.intermediate.cryptography.subject)
            .public_key(new_key().public_key())
            .serial_number(serial())
            .not_valid_before(START)
            .not_valid_after(START + timedelta(47))
        )
        if dns_names:
            names = x509.SubjectAlternativeName([x509.DNSName(name) for name in dns_names])
            builder = builder.add_extension(names, critical=False)
        if damaged_names:
            identifier = ExtensionOID.SUBJECT_ALTERNATIVE_NAME
            damage = x509.UnrecognizedExtension(identifier, b"\x30\x05\x82\xff")
            builder = builder.add_extension(damage, critical=False)
        if usages:
            purposes = x509.ExtendedKeyUsage([x509.ObjectIdentifier(usage) for usage in usages])
            builder = builder.add_extension(purposes, critical=False)
        return Certificate.from_cryptography(builder.sign(self.key, hashes.SHA256()))


@dataclass(frozen=True)
class Case:
    """One file: what is judged, against what, and the findings expected ("code severity")."""

    name: str
    certificate: Certificate
    expected: tuple[str, ...]
    chain: tuple[Certificate, ...] = ()
    trusted: tuple[Certificate, ...] = ()
    environment: str = "production"
    names: tuple[str, ...] = (NAME,)
    private_key: str = "own"
    at: str = AT
    public: tuple[Certificate, ...] = field(default=())

    def text(self) -> str:
        return "\n".join(
            [
                f"names = {list(self.names)!r}".replace("'", '"'),
                f'environment = "{self.environment}"',
                f'at = "{self.at}"',
                f'private_key = "{self.private_key}"',
                f"expected = {list(self.expected)!r}".replace("'", '"'),
                f'certificate = """\n{self.certificate.pem}"""',
                *(
                    f'{key} = """\n{"".join(c.pem for c in certificates)}"""'
                    for key, certificates in (
                        ("chain", self.chain),
                        ("trusted_roots", self.trusted),
                        ("public_roots", self.public),
                    )
                ),
                "",
            ]
        )


def signed_with_sha1(authority: Authority) -> Certificate:
    """By openssl, since the library signs nothing with SHA-1 any more."""
    folder = Path(tempfile.mkdtemp())
    try:
        (folder / "ca.pem").write_text(authority.intermediate.pem)
        (folder / "ca.key").write_text(private_key_to_pem(authority.key))
        (folder / "names").write_text(f"subjectAltName=DNS:{NAME}\n")
        run = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        run += ["-keyout", f"{folder}/k", "-out", f"{folder}/r", "-subj", f"/CN={NAME}"]
        subprocess.run(run, check=True, capture_output=True)
        run = ["openssl", "x509", "-req", "-in", f"{folder}/r", "-CA", f"{folder}/ca.pem"]
        run += ["-CAkey", f"{folder}/ca.key", "-sha1", "-days", "3650", "-set_serial", "7"]
        run += ["-extfile", f"{folder}/names", "-outform", "DER", "-out", f"{folder}/c"]
        subprocess.run(run, check=True, capture_output=True)
        return Certificate.from_der((folder / "c").read_bytes())
    finally:
        shutil.rmtree(folder)


def self_signed(names: Sequence[str] = (NAME,)) -> Certificate:
    return build_self_signed(
        new_key(),
        [parse_server_name(name) for name in names],
        names[0],
        not_before=START,
        not_after=START + timedelta(365),
        serial=serial(),
    )


def under_no_authority(authority: Authority) -> tuple[Certificate, Certificate]:
    """A leaf, and the server certificate that issued it although it is no authority."""
    key = new_key()
    issuer = build_leaf(
        key.public_key(),
        [parse_server_name("issuer.corp.example")],
        "issuer.corp.example",
        authority.intermediate,
        authority.key,
        not_before=START,
        not_after=START + timedelta(365),
        serial=serial(),
        addresses=ADDRESSES,
    )
    leaf = build_leaf(
        new_key().public_key(),
        [parse_server_name(NAME)],
        NAME,
        issuer,
        key,
        not_before=START,
        not_after=START + timedelta(47),
        serial=serial(),
        addresses=ADDRESSES,
    )
    return leaf, issuer


def name_cases(corp: Authority) -> list[Case]:
    chain, roots = (corp.intermediate,), (corp.root,)

    def case(name: str, certificate: Certificate, *expected: str, **more: Any) -> Case:
        return Case(name, certificate, expected, chain, roots, **more)

    lacks, common = "san-lacks-name error", "cn-lacks-name error"
    long_name = ".".join(["a" * 30, "b" * 30, NAME])
    many = [f"host-{number}.corp.example" for number in range(40)]
    return [
        case("right", corp.issue()),
        case("right-upper-case", corp.issue_odd(["TODD.Corp.Example"], ["TODD.Corp.Example"])),
        case("right-wildcard", corp.issue_odd(["*.corp.example"], ["*.corp.example"])),
        case("right-address", corp.issue(["10.1.2.3"]), names=("10.1.2.3",)),
        case("right-ipv6", corp.issue(["2001:db8::1"]), names=("2001:0DB8:0:0::1",)),
        case("right-international", corp.issue(["münchen.example"]), names=("München.example",)),
        case("right-second-common-name", corp.issue_odd(["Todd's server", NAME])),
        case("right-long-name", corp.issue([long_name]), names=(long_name,)),
        case("right-many-names", corp.issue([*many, NAME], NAME)),
        case("short-host-name", corp.issue(["todd"]), common, lacks),
        case("second-name-lacks", corp.issue(), lacks, names=(NAME, "10.1.2.3")),
        case("many-names-none-right", corp.issue(many), common, lacks),
        case("only-common-name", corp.issue_odd(dns_names=()), lacks),
        case(
            "address-as-dns-name",
            corp.issue_odd(["10.1.2.3"], ["10.1.2.3"]),
            lacks,
            names=("10.1.2.3",),
        ),
        case("wildcard-two-labels", corp.issue_odd([NAME], ["*.example"]), lacks),
        case(
            "wildcard-too-high",
            corp.issue_odd([NAME], ["*.corp.example"]),
            common,
            lacks,
            names=("a.todd.corp.example",),
        ),
        case("wildcard-partial", corp.issue_odd([NAME], ["t*.corp.example"]), lacks),
        case("wildcard-parent", corp.issue_odd([NAME], [f"*.{NAME}"]), lacks),
        case("trailing-dot", corp.issue_odd([NAME], [f"{NAME}."]), lacks),
        case("common-name-other", corp.issue([NAME], "Todd's server"), common),
        case("common-name-absent", corp.issue([NAME], ""), common),
        case("common-name-contains-more", corp.issue([NAME], f"{NAME}.evil.example"), common),
        case(
            "names-damaged",
            corp.issue_odd(dns_names=(), damaged_names=True),
            "chain-incomplete error",
            lacks,
        ),
    ]


def key_time_and_usage_cases(corp: Authority) -> list[Case]:
    chain, roots = (corp.intermediate,), (corp.root,)

    def case(name: str, certificate: Certificate, *expected: str, **more: Any) -> Case:
        return Case(name, certificate, expected, chain, roots, **more)

    leaf = corp.issue()
    return [
        case("expired", leaf, "expired error", at="2026-12-18T00:00:01Z"),
        case("last-second", leaf, at="2026-12-18T00:00:00Z"),
        case("first-second", leaf, at="2026-11-01T00:00:00Z"),
        case("not-yet-valid", leaf, "not-yet-valid error", at="2026-10-31T23:59:59Z"),
        case("private-key-missing", leaf, "private-key-missing error", private_key="missing"),
        case("private-key-not-readable", leaf, private_key="unknown"),
        case("key-mismatch", leaf, "key-mismatch error", private_key="other"),
        case("clients-only", corp.issue_odd(usages=[CLIENT_AUTH]), "server-auth-missing error"),
        case("right-clients-too", corp.issue_odd(usages=[CLIENT_AUTH, SERVER_AUTH])),
        case("right-any-usage", corp.issue_odd(usages=[ANY_USAGE])),
        case("right-no-usage", corp.issue_odd(usages=[])),
    ]


def chain_cases(corp: Authority, brief: Authority) -> list[Case]:
    leaf, chain, roots = corp.issue(), (corp.intermediate,), (corp.root,)
    namesake = Authority.make("Corp")
    misissued, misissuer = under_no_authority(corp)
    incomplete = ("chain-incomplete error",)
    warned = ("chain-incomplete warning",)
    later = "2026-11-24T12:00:00Z"
    return [
        Case("right-wrong-order", leaf, (), (corp.root, brief.root, corp.intermediate), roots),
        Case("right-root-and-twin", leaf, (), (namesake.intermediate, *chain), roots),
        Case("intermediate-missing", leaf, incomplete, (), roots),
        Case("intermediate-missing-test", leaf, warned, (), roots, "test"),
        Case("intermediate-namesake", leaf, incomplete, (namesake.intermediate,), roots),
        Case(
            "intermediate-expired",
            brief.issue_odd(),
            incomplete,
            (brief.intermediate,),
            (brief.root,),
            at="2026-11-30T00:00:00Z",
        ),
        Case("root-unknown", leaf, incomplete, (*chain, corp.root), (brief.root,)),
        Case("root-unknown-test", leaf, warned, (*chain, corp.root), (brief.root,), "test"),
        Case("no-roots-at-all", leaf, incomplete, chain, ()),
        Case("issuer-is-no-authority", misissued, incomplete, (misissuer, *chain), roots),
        Case("signed-with-sha1", signed_with_sha1(corp), incomplete, chain, roots, at=later),
    ]


def origin_cases(corp: Authority, public: Authority) -> list[Case]:
    own = self_signed()
    trust: dict[str, Any] = {"public": (public.root,)}
    leaf, public_leaf = corp.issue(), public.issue()
    no_common_name = public.issue([NAME], "")
    self_issued = ("private-ca-for-cloud error", "self-signed-in-production error")
    private = ("chain-incomplete error", "private-ca-for-cloud error")
    return [
        Case("right-self-signed-test", own, (), environment="test", **trust),
        Case("right-internal-test", leaf, (), (corp.intermediate,), (corp.root,), "test"),
        Case("self-signed-production", own, ("self-signed-in-production error",), **trust),
        Case("self-signed-trusted", own, ("self-signed-in-production error",), (), (own,)),
        Case("self-signed-cloud", own, self_issued, environment="cloud", **trust),
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
            private,
            (corp.intermediate, corp.root),
            (public.root,),
            "cloud",
            **trust,
        ),
        Case(
            "cloud-intermediate-missing", public_leaf, private, (), (public.root,), "cloud", **trust
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


def main() -> None:
    corp, public = Authority.make("Corp"), Authority.make("Everyone's")
    brief = Authority.make("Brief", intermediate_days=28)
    cases = [
        *name_cases(corp),
        *key_time_and_usage_cases(corp),
        *chain_cases(corp, brief),
        *origin_cases(corp, public),
    ]
    assert len({case.name for case in cases}) == len(cases)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    for case in cases:
        (FOLDER / f"{case.name}.toml").write_text(case.text(), encoding="utf-8")


if __name__ == "__main__":
    main()
