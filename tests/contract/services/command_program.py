"""What an administrator's program for the kind `command` could be: it cares for two files.

Called with the two paths, and with the command line that reloads at the step "activate".
"""

import json
import subprocess
import sys
from pathlib import Path


def beside(path: Path, ending: str) -> Path:
    """Where the former content is kept."""
    return path.with_name(path.name + ending)


def select(certificate: Path, key: Path, given: dict[str, str]) -> None:
    """Write both; what was activated last stays beside them."""
    for path, text in ((key, given["private_key"]), (certificate, given["chain"])):
        if path.read_text() != text:
            if not beside(path, ".former").exists():
                path.rename(beside(path, ".former"))
            path.write_text(text)
            sys.stdout.write(f"{path}\n")


def undo(paths: list[Path]) -> None:
    """Put both back."""
    for path in paths:
        if beside(path, ".former").exists():
            beside(path, ".former").rename(path)
            sys.stdout.write(f"{path}\n")


def main() -> None:
    """Do one step."""
    given = json.load(sys.stdin)
    certificate, key = Path(sys.argv[1]), Path(sys.argv[2])
    match given["step"]:
        case "select":
            select(certificate, key, given)
        case "activate":
            subprocess.run(sys.argv[3:], check=True)
        case "confirm":
            for path in (certificate, key):
                if beside(path, ".former").exists():
                    beside(path, ".former").rename(beside(path, ".previous"))
        case "undo":
            undo([certificate, key])
        case "current":
            sys.stdout.write(certificate.read_text())


if __name__ == "__main__":
    main()
