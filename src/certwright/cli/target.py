"""Which node a command talks to: the one in a data folder here, or one at an address."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from certwright.errors import CertwrightError, ErrorCode


class WrongUsageError(Exception):
    """Options that do not go together; the message is for the user."""


@dataclass(frozen=True)
class LocalTarget:
    """The node that runs on this machine with `data` as its data folder."""

    data: Path


@dataclass(frozen=True)
class RemoteTarget:
    """The node at `url` (https, without a path), reached with the token in `token_file`."""

    url: str
    token_file: Path
    ca_file: Path | None


Target = LocalTarget | RemoteTarget


@dataclass(frozen=True)
class TargetOptions:
    """The options as given on the command line; None where left out."""

    data: Path | None = None
    server: str | None = None
    token_file: Path | None = None
    ca_file: Path | None = None


def choose_target(
    options: TargetOptions, environment: Mapping[str, str], default_data: Callable[[], Path]
) -> Target:
    """What is said on the command line counts before the environment, that before the default.

    Raises `WrongUsageError`, and `CertwrightError` INVALID_INPUT for what is no address of a node.
    """
    if options.data and options.server:
        raise WrongUsageError(
            "Give either --data, for a node here, or --server, for one elsewhere."
        )
    server = options.server or (None if options.data else environment.get("CERTWRIGHT_SERVER"))
    if not server:
        if options.token_file or options.ca_file:
            raise WrongUsageError("--token-file and --ca-file are for --server only.")
        named = environment.get("CERTWRIGHT_DATA")
        return LocalTarget(options.data or (Path(named) if named else default_data()))
    token_file = options.token_file or _path(environment.get("CERTWRIGHT_TOKEN_FILE"))
    if token_file is None:
        raise WrongUsageError(
            "--server needs --token-file, the file with an API token for that node."
        )
    ca_file = options.ca_file or _path(environment.get("CERTWRIGHT_CA_FILE"))
    return RemoteTarget(node_url(server), token_file, ca_file)


def node_url(text: str) -> str:
    """The address of a node, without a path.

    Raises `CertwrightError` INVALID_INPUT; only https, since a token is sent there.
    """
    try:
        parts = urlsplit(text)
        usable = parts.scheme == "https" and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.username or parts.path.strip("/") or parts.query or parts.fragment:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            "That is not the address of a node.",
            "Write it as https://NAME:PORT, as the node's Designer is opened in a browser.",
        )
    return f"https://{parts.netloc}"


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None
