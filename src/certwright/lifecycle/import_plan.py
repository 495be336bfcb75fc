"""What an import would do, or did: which certificate goes into which store, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from certwright.errors import CertwrightError, ErrorCode
from certwright.rules.finding import Finding
from certwright.stores.place import Place
from certwright.stores.store import StoredCertificate
from certwright.x509.certificate import Certificate
from certwright.x509.chains import ChainVerdict
from certwright.x509.reading import LARGEST_FILE

IMPORT = "import a certificate"
FROM_FILE = "file"
FROM_STORE = "store"
LONGEST_FRIENDLY_NAME = 200
"""Characters; what is longer is cut."""
_MOST_FILES = 20


@dataclass(frozen=True)
class ImportFile:
    """A file as somebody brings it; `name` is only for sentences."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class PlannedEntry:
    """One certificate, and the store it goes into or lies in already.

    `origin` is "file", "store" (it was at hand), or the address it was fetched from.
    """

    certificate: Certificate
    place: Place
    friendly_name: str
    has_private_key: bool
    is_new: bool
    origin: str


@dataclass(frozen=True)
class ImportPlan:
    """What the files hold and what importing them does.

    `entries` are the leaf, its chain in order, then all others: never none. `root` is a root in
    the files that nobody here trusts yet: whether to is for the administrator to say. `findings`
    are those on the leaf for this server, as if it were imported; `chain` says where its chain
    leads.
    """

    format: str
    entries: tuple[PlannedEntry, ...]
    root: Certificate | None
    findings: tuple[Finding, ...]
    chain: ChainVerdict
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Imported:
    """The certificate as it lies in the store now, and what the rules say of it.

    `added` and `key_added` say whether it and its private key were not here before.
    """

    leaf: StoredCertificate
    added: bool
    key_added: bool
    findings: tuple[Finding, ...]
    plan: ImportPlan


def refuse_too_much(files: Sequence[ImportFile]) -> None:
    """Raise INVALID_INPUT for no file at all, TOO_LARGE for more than any certificate is."""
    if not files:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            "No file was chosen.",
            "Choose the PFX, PEM or DER file that holds the certificate.",
        )
    if len(files) > _MOST_FILES:
        raise CertwrightError(
            ErrorCode.TOO_LARGE,
            f"{len(files)} files at once are too many; {_MOST_FILES} are the most.",
            "Import them in several steps.",
        )
    if sum(len(one.content) for one in files) > LARGEST_FILE:
        raise CertwrightError(
            ErrorCode.TOO_LARGE,
            f"The files are larger than {LARGEST_FILE // 1024} KiB, which no certificate is.",
            "Choose the PFX or PEM file of the server's certificate.",
        )
