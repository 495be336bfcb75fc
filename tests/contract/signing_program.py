"""A program as an authority: `python signing_program.py FOLDER`, run by the command authority.

In the folder are the authority's `key.pem` and `chain.pem`; what was signed for a request stays
there, so that asking again with the same CERTWRIGHT_REQUEST signs nothing new.
"""

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from certwright.x509.building import AuthorityAddresses, build_leaf, random_serial
from certwright.x509.names import parse_server_name
from certwright.x509.pem import read_pem_certificates

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def main() -> None:
    """Print the certificate for the request on standard input, and the chain."""
    folder = Path(sys.argv[1])
    chain = (folder / "chain.pem").read_text()
    signed = folder / f"{os.environ['CERTWRIGHT_REQUEST']}.signed.pem"
    if not signed.exists():
        request = x509.load_pem_x509_csr(sys.stdin.buffer.read())
        names = [parse_server_name(name) for name in os.environ["CERTWRIGHT_NAMES"].split()]
        leaf = build_leaf(
            request.public_key(),  # type: ignore[arg-type]
            names,
            names[0].value,
            read_pem_certificates(chain.encode())[0],
            load_pem_private_key((folder / "key.pem").read_bytes(), None),  # type: ignore[arg-type]
            not_before=START,
            not_after=START + timedelta(days=int(os.environ["CERTWRIGHT_DAYS"]), hours=1),
            serial=random_serial(os.urandom),
            addresses=AuthorityAddresses("http://ca.example/ca.cer", "http://ca.example/ca.crl"),
        )
        signed.write_text(leaf.pem)
    sys.stdout.write(signed.read_text() + chain)


if __name__ == "__main__":
    main()
