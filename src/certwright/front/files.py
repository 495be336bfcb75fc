"""The files through which Envoy is told things; it watches them for renames.

Their content is the front's whole state, so any process of the node can read or change it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from certwright.errors import CertwrightError, ErrorCode
from certwright.machine.unfinished_files import UNFINISHED
from certwright.machine.whole_files import write_whole

JsonObject: TypeAlias = dict[str, Any]


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
    def web_routes(self) -> Path:
        return self.folder / "web-routes.json"

    @property
    def state(self) -> Path:
        return self.folder / "state.json"

    @property
    def lock(self) -> Path:
        return self.folder / "lock"

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
            for left_over in folder.glob(f"*{UNFINISHED}"):
                left_over.unlink(missing_ok=True)


def write_json(path: Path, content: Mapping[str, object]) -> None:
    """Put a new file (0600) in the place of `path` in one step.

    Envoy reloads a file only when another is renamed over it, and a reader never sees half of it.
    Raises FRONT_FAILED, most likely for want of memory.
    """
    try:
        write_whole(path, json.dumps(content).encode())
    except OSError as error:
        raise CertwrightError(
            ErrorCode.FRONT_FAILED,
            f"The front cannot be told: {path} cannot be written ({error.strerror}).",
            f"Make room in the file system of {path.parent}, then try again.",
        ) from error


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


def versioned(resources: list[JsonObject]) -> JsonObject:
    """The same, with a version that tells contents apart."""
    content = json.dumps(resources).encode()
    return discovery_response(hashlib.sha256(content).hexdigest(), resources)


def watched(path: Path) -> JsonObject:
    """Where Envoy reads something, as its configuration names it."""
    return {"resource_api_version": "V3", "path_config_source": {"path": str(path)}}
