"""Secrets of one namespace, by the Kubernetes API.

Source: Kubernetes' API reference (Secret v1 core), "API Concepts" (resourceVersion: a patch that
names one is refused with 409 if the object has another by now), and RFC 7386 for the patch.
"""

import base64
import binascii
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ...failures import FailureCode, MachineError
from ..service_files.reading import read_file

TLS = "kubernetes.io/tls"
_MOST_SECONDS = 15.0
_LARGEST_ANSWER = 4 * 1024 * 1024
"""Bytes; a secret has 1 MiB at most, and base64 in it takes a third more."""
_MOST_SAID = 300
_TELLING = 24
"""Letters of a secret value, at the beginning, by which it is known again."""
_OK, _CREATED, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _CONFLICT = 200, 201, 401, 403, 404, 409
_MANAGED = {"app.kubernetes.io/managed-by": "certwright"}


class Changed(Exception):  # noqa: N818 - an outcome, named as people say it
    """Somebody else changed the secret since it was read, or made one of that name."""


@dataclass(frozen=True)
class Secret:
    """One as it was read; `version` is its resourceVersion."""

    version: str
    kind: str
    data: Mapping[str, bytes]
    annotations: Mapping[str, str]
    is_immutable: bool


@dataclass(frozen=True)
class Secrets:
    """Those of `namespace` at `server` (https); its certificate must end in `ca_file`.

    Every method raises MachineError with the server's words.
    """

    server: str
    token_file: Path
    ca_file: Path
    namespace: str

    def read(self, name: str) -> Secret | None:
        """None where it is not there."""
        status, answer = self._ask("GET", name)
        if status == _NOT_FOUND:
            return None
        self._expect(status, answer, "read", name)
        return read_secret(answer)

    def create(self, name: str, data: Mapping[str, bytes]) -> None:
        """A TLS secret; raises Changed where one of that name is there."""
        document = {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": TLS,
            "metadata": {"name": name, "labels": _MANAGED},
            "data": _encoded(data),
        }
        status, answer = self._ask("POST", "", document, "application/json")
        self._expect(status, answer, "made", name, data)

    def patch(self, name: str, version: str, data: Mapping[str, bytes]) -> None:
        """Other values of `data`, all else stays; raises Changed."""
        document = {"metadata": {"resourceVersion": version}, "data": _encoded(data)}
        status, answer = self._ask("PATCH", name, document, "application/merge-patch+json")
        self._expect(status, answer, "changed", name, data)

    def delete(self, name: str) -> None:
        """Does not mind if it is not there."""
        status, answer = self._ask("DELETE", name)
        if status != _NOT_FOUND:
            self._expect(status, answer, "deleted", name)

    def _ask(
        self, method: str, name: str, document: object = None, content_type: str = ""
    ) -> tuple[int, bytes]:
        url = urlsplit(self.server)
        start = f"{url.path.rstrip('/')}/api/v1/namespaces/{self.namespace}/secrets"
        path = f"{start}/{name}" if name else start
        headers = {"Authorization": f"Bearer {self._token()}", "Accept": "application/json"}
        body = None
        if document is not None:
            headers["Content-Type"] = content_type
            body = json.dumps(document).encode("ascii")
        context = self._context()
        connection = HTTPSConnection(
            url.hostname or "", url.port or 443, timeout=_MOST_SECONDS, context=context
        )
        try:
            connection.request(method, path, body, headers)
            with connection.getresponse() as response:
                status, answer = response.status, response.read(_LARGEST_ANSWER + 1)
        except ssl.SSLCertVerificationError as error:
            raise self._unreachable(
                f"shows a certificate that {self.ca_file} does not vouch for: "
                f"{error.verify_message}"
            ) from None
        except (OSError, HTTPException, ValueError) as error:
            raise self._unreachable(f"does not answer as it should: {error}") from None
        finally:
            connection.close()
        if len(answer) > _LARGEST_ANSWER:
            raise self._unreachable("answers with more than any secret holds")
        return status, answer

    def _token(self) -> str:
        """Read each time: the kubelet renews it."""
        token = read_file(self.token_file).decode("ascii", "replace").strip()
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise MachineError(
                FailureCode.INVALID_INPUT,
                f"{self.token_file} holds no token.",
                "Name the file with the service account's token by the option token-file.",
            )
        return token

    def _context(self) -> ssl.SSLContext:
        authorities = read_file(self.ca_file).decode("ascii", "replace")
        try:
            return ssl.create_default_context(cadata=authorities)
        except (ssl.SSLError, ValueError):
            raise MachineError(
                FailureCode.INVALID_INPUT,
                f"{self.ca_file} holds no certificates.",
                "Name the PEM file of the cluster's authority by the option ca-file.",
            ) from None

    def _unreachable(self, what: str) -> MachineError:
        return MachineError(
            FailureCode.SERVICE_FAILED,
            f"The Kubernetes API at {self.server} {what}.",
            "See that the options server and ca-file are right, and that it can be reached from "
            "this machine.",
        )

    def _expect(
        self,
        status: int,
        answer: bytes,
        done: str,
        name: str,
        data: Mapping[str, bytes] | None = None,
    ) -> None:
        if status in (_OK, _CREATED):
            return
        if status == _CONFLICT:
            raise Changed
        said = _said(answer, data or {})
        if status in (_UNAUTHORIZED, _FORBIDDEN):
            raise MachineError(
                FailureCode.NOT_PERMITTED,
                f"The secret {self.namespace}/{name} may not be {done}: {said}.",
                "Give the service account a role with the verbs get, create, patch and delete on "
                "secrets of that namespace.",
            )
        raise MachineError(
            FailureCode.SERVICE_FAILED,
            f"The secret {self.namespace}/{name} was not {done} (HTTP status {status}): {said}.",
            "Mend what the Kubernetes API names, then try again.",
        )


def read_secret(document: bytes) -> Secret:
    """What the API answers with; raises SERVICE_FAILED for anything but a secret."""
    try:
        found: Any = json.loads(document)
        metadata = found["metadata"]
        return Secret(
            version=_text(metadata["resourceVersion"]),
            kind=_text(found["type"]),
            data={
                _text(name): base64.b64decode(_text(value), validate=True)
                for name, value in (found.get("data") or {}).items()
            },
            annotations={
                _text(name): _text(value)
                for name, value in (metadata.get("annotations") or {}).items()
            },
            is_immutable=found.get("immutable") is True,
        )
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error, RecursionError):
        raise MachineError(
            FailureCode.SERVICE_FAILED,
            "The Kubernetes API answers with something that is no secret.",
            "See that the option server is the address of a Kubernetes API.",
        ) from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _encoded(data: Mapping[str, bytes]) -> Mapping[str, str]:
    return {name: base64.b64encode(value).decode("ascii") for name, value in data.items()}


def _said(answer: bytes, data: Mapping[str, bytes]) -> str:
    """The message of a Status, unless it repeats what nobody else may read."""
    try:
        message = json.loads(answer)["message"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return "it does not say why"
    if not isinstance(message, str):
        return "it does not say why"
    if any(value[:_TELLING] in message for value in _encoded(data).values()):
        return "its words are left out, as they repeat the secret"
    line = " ".join("".join(one if one.isprintable() else " " for one in message).split())
    return line[:_MOST_SAID].rstrip(".")
