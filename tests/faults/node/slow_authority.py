"""An authority whose program takes a second to sign, and writes down when it began and ended.

It signs nothing while there is a file `held` in its folder.
"""

import time
from pathlib import Path

from tests.materials.openssl_authority import OpensslAuthority

_PROGRAM = """#!/bin/sh
cd {folder} || exit 1
signed="$CERTWRIGHT_REQUEST.pem"
# Who asks again while an orphan of a killed worker still signs gets what that one signs.
exec 9> "$CERTWRIGHT_REQUEST.lock"
flock 9
if [ ! -e "$signed" ]; then
  cat > "$CERTWRIGHT_REQUEST.csr"
  echo "$CERTWRIGHT_REQUEST" >> begun
  sleep 1
  while [ -e held ]; do sleep 0.1; done
  openssl x509 -req -in "$CERTWRIGHT_REQUEST.csr" -CA issuing.pem -CAkey issuing.key \\
    -days "$CERTWRIGHT_DAYS" -extfile localhost.cnf -out "$signed.new" >&2 || exit 1
  echo "$CERTWRIGHT_REQUEST" >> issued
  mv "$signed.new" "$signed"
fi
cat "$signed" issuing.pem
"""


def make_slow_authority(folder: Path) -> Path:
    """Make it below `folder`; returns its folder, with the program `sign` and a first certificate.

    That one is for localhost, with its chain and key, in `localhost-all.pem`.
    """
    authority = OpensslAuthority.make(folder / "authority")
    authority.pem(authority.issue("localhost", days=30))
    program = authority.folder / "sign"
    program.write_text(_PROGRAM.format(folder=authority.folder))
    program.chmod(0o755)
    return authority.folder


def written(folder: Path, name: str) -> list[str]:
    """The requests that the program began, or issued, in order."""
    file = folder / name
    return file.read_text().split() if file.exists() else []


def wait_for_more(folder: Path, name: str, number: int) -> None:
    """Until the program wrote one more line."""
    deadline = time.monotonic() + 30
    while len(written(folder, name)) == number:
        assert time.monotonic() < deadline, f"no more {name}"
        time.sleep(0.01)
