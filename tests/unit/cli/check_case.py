"""One line of the table of files that `certwright check` is held against."""

from dataclasses import dataclass, field

from cryptography import x509

from .check_files import NAME, Made, authority, make

AT = "2026-11-24T12:00:00Z"


@dataclass(frozen=True)
class Case:
    """`expected` are "code severity", apart by commas; `trust` None leaves --trust out."""

    name: str
    content: bytes
    expected: str = ""
    names: tuple[str, ...] = (NAME,)
    environment: str = "production"
    trust: tuple[Made, ...] | None = None
    at: str = AT
    options: tuple[str, ...] = field(default=())


ROOT = authority("Corp Root")
ISSUING = authority("Corp Issuing", ROOT, path_length=0)
OTHER_ROOT = authority("Other Root")
LEAF = make(ISSUING)
_policy = x509.PolicyInformation(x509.ObjectIdentifier("2.23.140.1.2.1"), None)
POLICIES = x509.CertificatePolicies([_policy])


def case(name: str, content: bytes, expected: str = "", **more: object) -> Case:
    return Case(name, content, expected, **{"trust": (ROOT,), **more})  # type: ignore[arg-type]
