"""The PEM files of an endpoint: certificate, key and intermediates, in one file or apart."""

import re
import ssl
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from ...failures import FailureCode, MachineError
from ..service import Material
from ..service_files.opened_files import OpenedFile, opened_files
from ..service_files.reading import read_file
from ..service_files.refusals import unreadable
from ..service_files.replacing import keep_as_previous, put_back, replace_opened
from .certificates import certificates_of, check_pair

_PARAMETERS = re.compile(
    r"-----BEGIN (?:X9\.42 )?DH PARAMETERS-----[A-Za-z0-9+/=\s]*-----END [^-\n]*-----"
)


@dataclass(frozen=True)
class PemFiles:
    """Where they lie; `key` may be the same file as `certificate`.

    With `chain` the intermediates stand there alone, else in `certificate` after the leaf.
    `named_by` are the accounts whose configuration names them, root apart.
    """

    certificate: Path
    key: Path
    chain: Path | None = None
    named_by: AbstractSet[int] = frozenset()

    @property
    def all(self) -> tuple[Path, ...]:
        """Each file once."""
        found = (self.certificate, self.key, self.chain)
        return tuple(dict.fromkeys(path for path in found if path is not None))

    def current(self) -> bytes:
        """The DER of the certificate that lies there now, b"" for none; raises NOT_PERMITTED."""
        try:
            text = read_file(self.certificate).decode("ascii", "replace")
        except MachineError as failure:
            if failure.code is FailureCode.NOT_FOUND:
                return b""
            raise
        return next(iter(certificates_of(text)), b"")

    def refusal(self) -> str:
        """Why root would leave them alone, "" if it would not."""
        try:
            with opened_files(self.all, self.named_by):
                return ""
        except MachineError as failure:
            return failure.message if failure.code is FailureCode.NOT_PERMITTED else ""

    def text(self) -> str:
        """All that they hold; raises NOT_FOUND, and as `select` does for files of others."""
        with opened_files(self.all, self.named_by) as files:
            for path, file in files.items():
                if file.found is None:
                    raise unreadable(path, FileNotFoundError())
            return "".join(map(_text, files.values()))

    def select(self, material: Material) -> tuple[str, ...]:
        """Write all of them or none; returns those changed.

        Parameters of Diffie and Hellman stay at the end of the certificate's file. Raises
        INVALID_INPUT for a key that does not belong to it, and for a file of something else.
        """
        chain = tuple(map(ssl.DER_cert_to_PEM_cert, check_pair(material)))
        with opened_files(self.all, self.named_by) as files:
            for file in files.values():
                _refuse_other_content(file)
            parameters = _PARAMETERS.finditer(_text(files[self.certificate]))
            besides = "".join(f"{found[0]}\n" for found in parameters)
            contents = self._contents(chain, material.private_key.strip() + "\n", besides)
            changed = replace_opened({files[path]: new for path, new in contents.items()})
        return tuple(map(str, changed))

    def confirm(self) -> None:
        """What was kept of the former becomes the previous one."""
        for path in self.all:
            keep_as_previous(path, self.named_by)

    def undo(self) -> tuple[str, ...]:
        """Put back what was activated last; returns the files changed."""
        return tuple(str(path) for path in self.all if put_back(path, self.named_by))

    def _contents(
        self, chain: Sequence[str], private_key: str, besides: str
    ) -> Mapping[Path, bytes]:
        certificate = "".join(chain if self.chain is None else chain[:1])
        if self.key == self.certificate:
            texts = {self.certificate: certificate + private_key + besides}
        else:
            texts = {self.key: private_key, self.certificate: certificate + besides}
        if self.chain is not None:
            texts[self.chain] = "".join(chain[1:])
        return {path: text.encode("ascii", "replace") for path, text in texts.items()}


def _refuse_other_content(file: OpenedFile) -> None:
    """A configuration that another account may write must not lead us to any file it likes."""
    text = _text(file)
    if text.strip() and "-----BEGIN " not in text:
        raise MachineError(
            FailureCode.INVALID_INPUT,
            f"{file.path} holds neither a certificate nor a private key in PEM; it was left alone.",
            "See whether the configuration names the right file; if so, move away what is there.",
        )


def _text(file: OpenedFile) -> str:
    return file.found.content.decode("ascii", "replace") if file.found else ""
