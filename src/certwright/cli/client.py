"""Speaks REST with a node: over its Unix socket here, over HTTPS elsewhere."""

import ssl
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import httpx

from certwright.cli.local_node import find_local_node, node_not_running
from certwright.cli.problems import error_from_answer
from certwright.cli.secret_files import read_secret
from certwright.cli.target import LocalTarget, RemoteTarget, Target
from certwright.errors import CertwrightError, ErrorCode

# An activation waits for handshakes; everything else answers within moments.
_TIMEOUT = httpx.Timeout(5.0, read=120.0, write=60.0)


class Client:
    """One conversation with a node; use it as a context manager.

    All methods return the JSON of the answer and raise `CertwrightError`: what the node
    refused, or NODE_NOT_RUNNING, NODE_UNREACHABLE, NODE_NOT_TRUSTED.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._http = (
            _open_local(target) if isinstance(target, LocalTarget) else _open_remote(target)
        )

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._http.close()

    def get(self, path: str, parameters: Mapping[str, str] | None = None) -> Any:
        """GET `/api/v1/` + `path`."""
        return self._call("GET", path, params=parameters)

    def pages(self, path: str, parameters: Mapping[str, str]) -> Iterator[list[Any]]:
        """GET a list, a page after the other, as the header Link leads on (RFC 8288)."""
        following: Mapping[str, str] | None = parameters
        while following is not None:
            answer = self._ask("GET", path, params=following)
            page = _document(answer)
            if not isinstance(page, list):
                raise unusable_answer()
            yield page
            link = answer.links.get("next", {}).get("url")
            following = dict(parse_qsl(urlsplit(link).query)) if link else None

    def post(self, path: str, document: Mapping[str, Any] | None = None) -> Any:
        """POST `document` as JSON."""
        return self._call("POST", path, json=document)

    def put(self, path: str, document: Mapping[str, Any]) -> Any:
        """PUT `document` as JSON."""
        return self._call("PUT", path, json=document)

    def patch(
        self, path: str, document: Mapping[str, Any], parameters: Mapping[str, str] | None = None
    ) -> Any:
        """PATCH `document` as JSON."""
        return self._call("PATCH", path, json=document, params=parameters)

    def delete(self, path: str, parameters: Mapping[str, str] | None = None) -> Any:
        """DELETE what is at `path`."""
        return self._call("DELETE", path, params=parameters)

    def upload(
        self, path: str, files: Sequence[tuple[str, bytes]], fields: Mapping[str, str]
    ) -> Any:
        """POST files (name and content), and `fields` beside them, as multipart/form-data."""
        parts = [("file", file) for file in files]
        return self._call("POST", path, files=parts, data=fields)

    def download(self, path: str, document: Mapping[str, Any]) -> bytes:
        """POST `document` as JSON; the answer is a file."""
        answer = self._ask("POST", path, json=document)
        if answer.status_code != httpx.codes.OK:
            raise unusable_answer()
        return answer.content

    def _call(self, method: str, path: str, **content: Any) -> Any:
        answer = self._ask(method, path, **content)
        if answer.status_code == httpx.codes.NO_CONTENT:
            return None
        document = _document(answer)
        if not answer.is_success or document is None:
            raise unusable_answer()
        return document

    def _ask(self, method: str, path: str, **content: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, f"/api/v1/{path}", **content)
        except httpx.TransportError as error:
            raise self._unreachable(error) from None
        if answer.status_code >= 400:
            raise error_from_answer(answer.status_code, _document(answer))
        return answer

    def _unreachable(self, error: httpx.TransportError) -> CertwrightError:
        if isinstance(self._target, LocalTarget):
            if isinstance(error, httpx.ConnectError):
                return node_not_running(self._target.data)
            where = f"with the data folder {self._target.data}"
        else:
            where = f"at {self._target.url}"
            reason = _refused_certificate(error)
            if reason:
                return _not_trusted(self._target, reason)
        return CertwrightError(
            ErrorCode.NODE_UNREACHABLE,
            f"The node {where} does not answer: {error or type(error).__name__}.",
            "See that it runs and that its address, its port and the way there are right.",
        )


def _document(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def path_of(*parts: str) -> str:
    """A path below `/api/v1/` whose parts may hold any character.

    The front refuses an escaped slash, so a name that has one is handed over in its pieces.
    """
    return "/".join(quote(part, safe="") for part in parts)


def unusable_answer() -> CertwrightError:
    """The error for an answer that is not one of a node that this program knows."""
    return CertwrightError(
        ErrorCode.NODE_UNREACHABLE,
        "The answer is not one that this version of certwright understands.",
        "See that the address is that of a node, and that both have the same version.",
    )


def _open_local(target: LocalTarget) -> httpx.Client:
    node = find_local_node(target.data)
    # Nothing is encrypted there: to read all public roots first would take an eighth of a command.
    transport = httpx.HTTPTransport(
        uds=str(node.socket), verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    )
    return httpx.Client(
        transport=transport,
        base_url="http://localhost",
        headers={"authorization": f"Bearer {node.token}"},
        timeout=_TIMEOUT,
        trust_env=False,
    )


def _open_remote(target: RemoteTarget) -> httpx.Client:
    token = _usable_token(target)
    try:
        trust = ssl.create_default_context(cafile=target.ca_file)
    except (OSError, ssl.SSLError):
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"The file {target.ca_file} cannot be read as certificates in PEM.",
            "Give the node's root there, as it offers it at /root.pem on its publication port.",
        ) from None
    return httpx.Client(
        base_url=target.url,
        headers={"authorization": f"Bearer {token}"},
        timeout=_TIMEOUT,
        verify=trust,
    )


def _usable_token(target: RemoteTarget) -> str:
    token = read_secret(target.token_file, "token")
    # Else the HTTP library would refuse the header, and quote it in its error.
    if not token.isascii() or not token.isprintable() or " " in token:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            f"The file {target.token_file} does not hold a token.",
            "Make one on the node: certwright tokens create NAME --right R --out FILE",
        )
    return token


def _refused_certificate(error: httpx.TransportError) -> str | None:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return str(cause.verify_message).rstrip(".")
        cause = cause.__cause__ or cause.__context__
    return None


def _not_trusted(target: RemoteTarget, reason: str) -> CertwrightError:
    return CertwrightError(
        ErrorCode.NODE_NOT_TRUSTED,
        f"The certificate of {target.url} is not trusted here: {reason}.",
        "Give the node's root with --ca-file; its fingerprint is what certwright status shows on "
        "the node itself. The address must hold one of the node's names.",
    )
