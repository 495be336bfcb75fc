"""What a ready-made set is made of, and what it is made from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from certwright.x509.certificate import Certificate
from certwright.x509.keys import PrivateKey
from certwright.x509.writing.file_names import file_stem
from certwright.x509.writing.formats import without_root, write_pem
from certwright.x509.writing.pfx import write_pfx

FOR_ALL = 0o644
FOR_OWNER = 0o600
_HOST = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


class ReadySet(StrEnum):
    """The programs that a set is made for; each value is what programs say."""

    NGINX = "nginx"
    HAPROXY = "haproxy"
    APACHE = "apache"
    POSTGRESQL = "postgresql"
    JAVA_KEYSTORE = "java-keystore"
    KUBERNETES_SECRET = "kubernetes-secret"  # noqa: S105 - a program's word, not a secret
    SAP_PSE = "sap-pse"

    @property
    def label(self) -> str:
        """What a person chooses by."""
        return _LABELS[self]

    @property
    def needs_password(self) -> bool:
        """Whether the private key in it is encrypted; the other programs start without asking."""
        return self in (ReadySet.JAVA_KEYSTORE, ReadySet.SAP_PSE)


_LABELS = {
    ReadySet.NGINX: "nginx",
    ReadySet.HAPROXY: "HAProxy",
    ReadySet.APACHE: "Apache",
    ReadySet.POSTGRESQL: "PostgreSQL",
    ReadySet.JAVA_KEYSTORE: "Java key store and trust store",
    ReadySet.KUBERNETES_SECRET: "Kubernetes secret",
    ReadySet.SAP_PSE: "SAP PSE, for SNC",
}


@dataclass(frozen=True)
class SetFile:
    """One file of a set, with the permissions it is to have."""

    name: str
    content: bytes = field(repr=False)
    use: str
    """What it is, for the README."""
    mode: int = FOR_ALL


@dataclass(frozen=True)
class Material:
    """What a set is made from. `chain` is the issuers above the leaf up to the root, in order."""

    leaf: Certificate
    chain: Sequence[Certificate]
    private_key: PrivateKey = field(repr=False)
    password: str = field(default="", repr=False)

    @property
    def stem(self) -> str:
        """How its files' names begin."""
        return file_stem(self.leaf)

    @property
    def root(self) -> Certificate | None:
        """Where the chain ends, if it is complete."""
        top = (self.leaf, *self.chain)[-1]
        return top if top.is_self_issued else None

    @property
    def served_pem(self) -> bytes:
        """Leaf and intermediates, in the order a server sends them."""
        return write_pem(self.leaf, without_root(self.chain), None)

    @property
    def key_pem(self) -> bytes:
        """The private key, not encrypted."""
        return write_pem(self.leaf, (), self.private_key)[len(self.leaf.pem) :]

    @property
    def hosts(self) -> tuple[str, ...]:
        """Its DNS names, or else its addresses, as they stand in a configuration or a URL.

        A name that is no host name is left out: whoever made the certificate chose every
        character, and these come to stand in files that a program obeys.
        """
        names = tuple(name for name in map(str.lower, self.leaf.dns_names) if _HOST.fullmatch(name))
        addresses = (f"[{one}]" if ":" in one else one for one in self.leaf.ip_addresses)
        return names or tuple(addresses) or ("localhost",)

    @property
    def host(self) -> str:
        """One host that it is right for, no wildcard: the first."""
        return re.sub(r"^\*\.", "www.", self.hosts[0])


def certificate_file(material: Material, name: str) -> SetFile:
    """Certificate and chain in PEM."""
    use = "the certificate and its chain, in the order in which they are sent"
    return SetFile(name, material.served_pem, use)


def key_file(material: Material, name: str) -> SetFile:
    """The private key in PEM."""
    use = "the private key, not encrypted: for the program's owner only"
    return SetFile(name, material.key_pem, use, FOR_OWNER)


def root_files(material: Material, name: str = "root.crt") -> tuple[SetFile, ...]:
    """The root in PEM, or nothing where the chain does not reach one."""
    if material.root is None:
        return ()
    use = "the root, for clients that do not trust it yet"
    return (SetFile(name, material.root.pem.encode("ascii"), use),)


def key_store_file(material: Material, name: str, use: str) -> SetFile:
    """Certificate, chain and key in PKCS#12; raises INVALID_INPUT without a password."""
    content = write_pfx(
        material.leaf, material.chain, material.private_key, material.password, material.stem
    )
    return SetFile(name, content, use, FOR_OWNER)
