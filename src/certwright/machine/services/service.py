"""What every kind of service offers: find its choices, select, activate, confirm or undo.

A switch goes `select`, `activate`, then `confirm` once it is proven from outside, or `undo` and
`activate` where it is not. Each may be called twice and may be cut off by a kill: what is being
switched can be told from what lies on the disk.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable


class MaterialForm(StrEnum):
    """In which form a kind of service takes a certificate."""

    PEM = "pem"
    """Chain and private key."""
    PFX = "pfx"
    """PKCS#12 under a password of this one time."""
    THUMBPRINT = "thumbprint"
    """By name alone: the certificate lies in the machine's store already."""


@dataclass(frozen=True)
class Option:
    """A setting of one kind of service, such as a reload command of one's own."""

    name: str
    value: str


@dataclass(frozen=True)
class ServiceReference:
    """Which service is meant: its kind, its main configuration file or folder, and settings.

    `configuration` is "" for the place where the kind usually has it.
    """

    kind: str
    configuration: str = ""
    options: tuple[Option, ...] = ()

    def option(self, name: str, default: str = "") -> str:
        """The value of an option, `default` where it is not given."""
        return next((one.value for one in self.options if one.name == name), default)


@dataclass(frozen=True)
class Address:
    """Where an endpoint listens, as it is reached from this machine.

    `starttls` names the protocol that begins in the clear ("postgres"), "" for none.
    """

    host: str
    port: int
    starttls: str = ""


@dataclass(frozen=True)
class FoundEndpoint:
    """A listening place of a service, and which certificate its configuration names.

    `place` says in words where that choice stands, such as the path of a file; `thumbprint` is
    lower-case hex, "" where there is none; `certificate` is DER, b"" where only the thumbprint is
    to be had. `names` are the DNS names that clients call it by, as far as the configuration
    tells, the most important first. `notes` are sentences for the administrator.
    """

    name: str
    names: tuple[str, ...]
    addresses: tuple[Address, ...]
    place: str
    thumbprint: str
    certificate: bytes
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class FoundService:
    """A service as its configuration describes it.

    `configuration` is its main file or folder, `version` such as "nginx 1.22.1" ("" where it
    cannot be told). `activation` says in words what activating will do ("nginx -s reload");
    `interrupts` whether that ends connections of clients.
    """

    kind: str
    configuration: str
    version: str
    takes: MaterialForm
    activation: str
    interrupts: bool
    endpoints: tuple[FoundEndpoint, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Material:
    """The certificate to select, in the form that the kind of service takes.

    `thumbprint` and `former_thumbprint` (of the choice that is replaced) are lower-case hex.
    `chain` is PEM, leaf first, without the root; `private_key` unencrypted PEM (PKCS#8).
    """

    thumbprint: str
    former_thumbprint: str = ""
    chain: str = ""
    private_key: str = field(default="", repr=False)
    pfx: bytes = field(default=b"", repr=False)
    pfx_password: str = field(default="", repr=False)


class Service(Protocol):
    """One service of this machine. Every method raises MachineError with its program's words."""

    def find(self) -> FoundService:
        """Read its configuration anew; changes nothing."""
        ...

    def select(self, endpoint: str, material: Material) -> tuple[str, ...]:
        """Write the choice, so that the next activation uses it; returns the places changed.

        What was there is kept beside it. Selecting anew before `confirm` or `undo` does not
        touch what is kept: that is the choice that was activated last. Whatever the program can
        say of the new configuration without taking it on is asked, and a refusal is undone.
        """
        ...

    def activate(self, endpoint: str) -> str:
        """Make the running program use its configuration; returns what was done, in words.

        Says nothing on whether it serves the choice: a handshake from outside shows that.
        """
        ...

    def confirm(self, endpoint: str) -> None:
        """The choice is proven; what was kept of the former becomes the previous one."""
        ...

    def undo(self, endpoint: str) -> tuple[str, ...]:
        """Put back what was activated last; returns the places changed. Activates nothing."""
        ...


@runtime_checkable
class Resettable(Protocol):
    """A kind of service with a way out for whoever is locked out of it."""

    def reset(self) -> tuple[str, ...]:
        """Remove its TLS settings, kept beside; returns the places. Activates nothing."""
        ...
