"""What the supervisor tells the web application, as JSON on its standard input."""

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path

from certwright.database.encryption import KeyEncryptionKey
from certwright.node.settings import NodeSettings


@dataclass(frozen=True)
class Briefing:
    """What the supervisor tells the web application."""

    settings: NodeSettings
    node: str
    database: str = field(repr=False)
    runtime_folder: Path
    key: KeyEncryptionKey
    local_token: str = field(repr=False)

    def to_bytes(self) -> bytes:
        """For the standard input of the process."""
        return json.dumps(
            {
                "settings": self.settings.to_json(),
                "node": self.node,
                "database": self.database,
                "runtime_folder": str(self.runtime_folder),
                "key": base64.b64encode(self.key.secret).decode(),
                "local_token": self.local_token,
            }
        ).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Briefing":
        """The inverse of `to_bytes`."""
        values = json.loads(data)
        return cls(
            settings=NodeSettings.from_json(values["settings"]),
            node=values["node"],
            database=values["database"],
            runtime_folder=Path(values["runtime_folder"]),
            key=KeyEncryptionKey(base64.b64decode(values["key"])),
            local_token=values["local_token"],
        )
