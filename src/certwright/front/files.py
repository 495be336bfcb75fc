"""The files through which Envoy is told things; it watches them for renames.

Their content is the front's whole state, so any process of the node can read or change it.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from certwright.errors import CertwrightError, ErrorCode

JsonObject: TypeAlias = dict[str, Any]

_TEMPORARY_SUFFIX = ".new"


@dataclass(frozen=True)
class FrontFiles:
    """Where everything stands in the front's runtime folder."""

    folder: Path

    @property
    def bootstrap(self) -> Path:
        return self.folder / "bootstrap.json"

    @property
    def listeners(self) -> Path:
        return self.folder / "listeners.json"

    @property
    def clusters(self) -> Path:
        return self.folder / "clusters.json"

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    @property
    def admin_socket(self) -> Path:
        return self.folder / "admin.sock"

    def make_folders(self) -> None:
        """Make the folders (0700) and drop what a killed process left half-written."""
        for folder in (self.folder, self.secrets):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
            for left_over in folder.glob(f"*{_TEMPORARY_SUFFIX}"):
                left_over.unlink(missing_ok=True)


def write_json(path: Path, content: Mapping[str, object]) -> None:
    """Put a new file (0600) in the place of `path` in one step.

    Envoy reloads a file only when another is renamed over it, and a reader never sees half of it.
    Raises FRONT_FAILED, most likely for want of memory.
    """
    try:
        _replace(path, json.dumps(content))
    except OSError as error:
        raise CertwrightError(
            ErrorCode.FRONT_FAILED,
            f"The front cannot be told: {path} cannot be written ({error.strerror}).",
            f"Make room in the file system of {path.parent}, then try again.",
        ) from error


def _replace(path: Path, text: str) -> None:
    descriptor, temporary = tempfile.mkstemp(
        dir=path.parent, prefix=f"{path.name}.", suffix=_TEMPORARY_SUFFIX
    )
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_json(path: Path) -> JsonObject:
    """The content of one of these files; an empty object where there is none yet."""
    try:
        content: JsonObject = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return content


def discovery_response(version: str, resources: list[JsonObject]) -> JsonObject:
    """The envelope in which Envoy takes listeners, clusters and secrets."""
    return {"version_info": version, "resources": resources}
