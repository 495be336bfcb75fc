"""The PEM files of an endpoint: certificate, key and intermediates, in one file or apart."""

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...failures import FailureCode, MachineError
from ..service import Material
from ..service_files.reading import read_file
from ..service_files.replacing import keep_as_previous, put_back, replace_files
from .certificates import certificates_of, check_pair


@dataclass(frozen=True)
class PemFiles:
    """Where they lie; `key` may be the same file as `certificate`.

    With `chain` the intermediates stand there alone, else in `certificate` after the leaf.
    """

    certificate: Path
    key: Path
    chain: Path | None = None

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

    def select(self, material: Material, *, besides: str = "") -> tuple[str, ...]:
        """Write all of them or none; returns those changed.

        `besides` is PEM that stays at the end of the certificate's file, such as parameters of
        Diffie and Hellman. Raises INVALID_INPUT for a key that does not belong to it.
        """
        chain = tuple(map(ssl.DER_cert_to_PEM_cert, check_pair(material)))
        contents = self._contents(chain, material.private_key.strip() + "\n", besides)
        return tuple(map(str, replace_files(contents)))

    def confirm(self) -> None:
        """What was kept of the former becomes the previous one."""
        for path in self.all:
            keep_as_previous(path)

    def undo(self) -> tuple[str, ...]:
        """Put back what was activated last; returns the files changed."""
        return tuple(str(path) for path in self.all if put_back(path))

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
