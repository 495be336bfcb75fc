"""Vectors on names."""

from typing import Any

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from certwright.x509.certificate import Certificate

from .rule_authorities import NAME, Authority, Extension, raw_names
from .rule_case import Case


def name_cases(corp: Authority) -> list[Case]:
    chain, roots = (corp.intermediate,), (corp.root,)

    def case(name: str, certificate: Certificate, *expected: str, **more: Any) -> Case:
        return Case(name, certificate, expected, chain, roots, **more)

    def odd(common_names: list[str], names: list[str]) -> Certificate:
        return corp.issuer.odd(common_names=common_names, names=names)

    lacks, common = "san-lacks-name error", "cn-lacks-name error"
    long_name = ".".join(["a" * 30, "b" * 30, NAME])
    many = [f"host-{number}.corp.example" for number in range(40)]
    own_letters = raw_names("münchen.example".encode())
    return [
        case("right", corp.issue()),
        case("right-upper-case", odd(["TODD.Corp.Example"], ["TODD.Corp.Example"])),
        case("right-wildcard", odd(["*.corp.example"], ["*.corp.example"])),
        case("right-address", corp.issue(["10.1.2.3"]), names=("10.1.2.3",)),
        case("right-ipv6", corp.issue(["2001:db8::1"]), names=("2001:0DB8:0:0::1",)),
        case("right-international", corp.issue(["münchen.example"]), names=("München.example",)),
        case("right-second-common-name", odd(["Todd's server", NAME], [NAME])),
        case("right-long-name", corp.issue([long_name]), names=(long_name,)),
        case("right-many-names", corp.issue([*many, NAME], NAME)),
        case("right-short-name-too", corp.issue([NAME, "todd", "localhost"])),
        case("short-host-name", corp.issue(["todd"]), common, lacks),
        case("second-name-lacks", corp.issue(), lacks, names=(NAME, "10.1.2.3")),
        case("many-names-none-right", corp.issue(many), common, lacks),
        case("only-common-name", odd([NAME], []), lacks),
        case("address-as-dns-name", odd(["10.1.2.3"], []), lacks, names=("10.1.2.3",)),
        case(
            "address-as-dns-name-needed",
            corp.issuer.odd(
                Extension(x509.SubjectAlternativeName([x509.DNSName("10.1.2.3")])),
                common_names=["10.1.2.3"],
                names=(),
            ),
            lacks,
            names=("10.1.2.3",),
        ),
        case("wildcard-two-labels", odd([NAME], ["*.example"]), lacks),
        case(
            "wildcard-too-high",
            odd([NAME], ["*.corp.example"]),
            common,
            lacks,
            names=("a.todd.corp.example",),
        ),
        case("wildcard-partial", odd([NAME], ["t*.corp.example"]), lacks),
        case("wildcard-parent", odd([NAME], [f"*.{NAME}"]), lacks),
        case("trailing-dot", odd([NAME], [f"{NAME}."]), lacks),
        case("common-name-other", corp.issue([NAME], "Todd's server"), common),
        case("common-name-address", corp.issue([NAME], "10.1.2.3"), common),
        case("common-name-absent", corp.issue([NAME], ""), common),
        case("common-name-contains-more", corp.issue([NAME], f"{NAME}.evil.example"), common),
        case(
            "common-name-too-many", odd([NAME, "old.corp.example"], [NAME]), "cn-not-in-san warning"
        ),
        case(
            "own-letters",
            corp.issuer.odd(
                Extension(own_letters), common_names=["xn--mnchen-3ya.example"], names=()
            ),
            lacks,
            names=("münchen.example",),
        ),
        case(
            "names-damaged",
            corp.issuer.odd(
                Extension(
                    x509.UnrecognizedExtension(
                        ExtensionOID.SUBJECT_ALTERNATIVE_NAME, b"\x30\x05\x82\xff"
                    )
                ),
                names=(),
            ),
            "extensions-unreadable error",
        ),
    ]


def other_name_cases(corp: Authority, public: Authority) -> list[Case]:
    """Names beside the one that the server needs."""
    chain, roots = (corp.intermediate,), (corp.root,)

    def case(name: str, entry: str | bytes, *expected: str, **more: Any) -> Case:
        raw = entry.encode() if isinstance(entry, str) else entry
        names = Extension(raw_names(NAME.encode(), raw))
        leaf = corp.issuer.odd(names, names=())
        return Case(name, leaf, expected, chain, roots, **more)

    def internal(name: str, entry: str, *expected: str, **more: Any) -> Case:
        leaf = public.issue([NAME, entry])
        authorities = (public.intermediate,), (public.root,)
        return Case(name, leaf, expected, *authorities, public=(public.root,), **more)

    malformed, wildcard = "name-malformed warning", "wildcard-unusable warning"
    return [
        case("other-name-own-letters", "münchen.example", malformed),
        case("other-name-no-international", "xn--zzzzzz.corp.example", malformed),
        case("other-name-trailing-dot", "old.corp.example.", malformed),
        case("other-name-empty-label", "old..example", malformed),
        case("other-name-blank", "old host.example", malformed),
        case("other-name-url", "https://old.corp.example", malformed),
        case("other-name-hyphen", "-old.corp.example", malformed),
        case("other-name-long-label", f"{'a' * 64}.example", malformed),
        case("other-name-empty", b"", malformed),
        case("right-international-too", "xn--mnchen-3ya.example"),
        case("underscore", "old_host.corp.example", "underscore-in-name notice"),
        case("wildcard-partial-too", "o*.corp.example", wildcard),
        case("wildcard-inside", "old.*.example", wildcard),
        case("wildcard-over-top-level", "*.com", wildcard),
        case("wildcard-alone", "*", wildcard),
        case("right-wildcard-too", "*.corp.example"),
        case("address-as-other-dns-name", "10.1.2.3", "address-as-dns-name warning"),
        Case(
            "short-host-name-wanted",
            corp.issue(["todd"]),
            ("short-host-name notice",),
            chain,
            roots,
            names=("todd",),
        ),
        Case(
            "right-short-host-name-test",
            corp.issue(["todd"]),
            (),
            chain,
            roots,
            "test",
            names=("todd",),
        ),
        Case(
            "right-internal-name-own-authority",
            corp.issue(["todd.corp.local", "10.1.2.3"]),
            (),
            chain,
            roots,
            names=("todd.corp.local",),
        ),
        internal("internal-name-local", "todd.corp.local", "internal-name warning"),
        internal(
            "internal-name-cloud", "todd.intranet", "internal-name error", environment="cloud"
        ),
        internal("internal-name-short-cloud", "todd", "internal-name error", environment="cloud"),
        internal(
            "internal-name-home-arpa", "nas.home.arpa", "internal-name error", environment="cloud"
        ),
        internal(
            "internal-address-cloud", "192.168.1.9", "internal-name error", environment="cloud"
        ),
        internal("right-public-address-cloud", "8.8.8.8", environment="cloud"),
        internal("right-documentation-address-cloud", "192.0.2.7", environment="cloud"),
    ]
