"""A webhook: each message as JSON by POST, signed so that its receiver can tell who sent it."""

import hashlib
import hmac
import json
import re
import socket
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.telling.channel import (
    OPERATION_SECONDS,
    Heard,
    TlsContext,
    not_set,
    reason,
    telling_failed,
    words,
)
from certwright.lifecycle.telling.message import Entry, Message
from certwright.machine.addresses import Address, UnknownName, is_ordinary, is_public, resolve
from certwright.x509.text import rfc3339

SIGNATURE_HEADER = "Certwright-Signature"
_LONGEST_URL = 2000
_MOST_ANSWER = 4096
_SHORTEST_SECRET = 8
"""Letters of a part of the address that is taken out of what the receiver says."""
_PORTS = {"https": 443, "http": 80}
_OK = range(200, 300)


@dataclass(frozen=True)
class Webhook:
    """Posts to `url`; `allow_private`: to addresses inside the network too."""

    url: str = field(repr=False)
    secret: str = field(repr=False)
    allow_private: bool
    context: TlsContext = field(repr=False)

    def send(self, message: Message) -> str:
        """Raises TELLING_FAILED with the receiver's words; a redirect is not followed."""
        if not self.secret:
            raise not_set("webhook.secret", "--value-file FILE")
        parts = read_url(self.url)
        host = parts.hostname or ""
        body = json.dumps(_document(message), ensure_ascii=False).encode()
        stamp = int(message.at.timestamp())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "certwright",
            SIGNATURE_HEADER: f"t={stamp},v1={signature(self.secret, stamp, body)}",
        }
        try:
            status, said = self._post(parts, body, headers)
        except OSError as error:
            raise _failed(host, f"cannot be spoken to: {reason(error)}") from None
        except (HTTPException, ValueError):
            raise _failed(host, "answers something that is no HTTP") from None
        if status not in _OK:
            raise _failed(host, f"answers with HTTP status {status} {said}".rstrip())
        return f"{status} {said}".rstrip()

    def _post(self, parts: SplitResult, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        host = parts.hostname or ""
        port = parts.port or _PORTS[parts.scheme]
        with self._connect(parts.scheme, host, port) as plain:
            # The default port stays out of the header Host, as RFC 9110 7.2 has it.
            connection = HTTPConnection(host, port)
            connection.default_port = _PORTS[parts.scheme]
            connection.sock = self._encrypted(plain, parts.scheme, host)
            with connection.sock:
                connection.response_class = _Answer
                connection.request("POST", _target(parts), body, headers)
                answer = connection.getresponse()
                return answer.status, words(_without(answer.read(_MOST_ANSWER), parts))

    def _encrypted(self, plain: socket.socket, scheme: str, host: str) -> socket.socket:
        if scheme == "http":
            return plain
        return self.context().wrap_socket(plain, server_hostname=host)

    def _connect(self, scheme: str, host: str, port: int) -> socket.socket:
        """A connection to the very address that was looked at."""
        addresses = self._addresses(scheme, host)
        for address in addresses[:-1]:
            try:
                return socket.create_connection((str(address), port), OPERATION_SECONDS)
            except OSError:
                continue
        return socket.create_connection((str(addresses[-1]), port), OPERATION_SECONDS)

    def _addresses(self, scheme: str, host: str) -> tuple[Address, ...]:
        try:
            addresses = resolve(host, OPERATION_SECONDS)
        except (UnknownName, TimeoutError):
            raise _failed(host, "cannot be spoken to: no address is known for it") from None
        for address in addresses:
            if scheme == "http" and not address.is_loopback:
                raise telling_failed(
                    f"The webhook at {host} is not told in the clear.",
                    "Let webhook.url begin with https.",
                )
            if not is_ordinary(address) or not (self.allow_private or is_public(address)):
                raise telling_failed(
                    f"The webhook at {host} leads to {address}, which is not an address of the "
                    "Internet.",
                    "If that is meant, start the node with --allow-private-addresses.",
                )
        return addresses


class _Answer(HTTPResponse):
    """One whose header has an end."""

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp.close()
        self.fp = Heard(sock)


def signature(secret: str, stamp: int, body: bytes) -> str:
    """HMAC-SHA-256 (RFC 2104) over the time, a full stop and the body, in hexadecimal."""
    signed = str(stamp).encode() + b"." + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def read_url(url: str) -> SplitResult:
    """The parts of a webhook's address, https or http; raises INVALID_INPUT."""
    # What is neither ASCII nor printable could end the request line and begin another one.
    is_plain = len(url) <= _LONGEST_URL and url.isascii() and url.isprintable() and " " not in url
    try:
        parts = urlsplit(url)
        is_right = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_right = False
    if not is_plain or not is_right or "@" in parts.netloc or "\\" in url:
        raise CertwrightError(
            ErrorCode.INVALID_INPUT,
            "This is no address that a webhook can have.",
            "Write it as https://HOST/PATH, without a user or password in it.",
        )
    return parts


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _without(said: bytes, parts: SplitResult) -> str:
    """What a receiver says without the address, which many repeat and which may be a secret."""
    text, target = said.decode("utf-8", "replace"), _target(parts)
    pieces = [one for one in re.split(r"[/?&=]", target) if len(one) >= _SHORTEST_SECRET]
    whole = [target] if len(target) > 1 else []
    for secret in (*whole, *sorted(pieces, key=len, reverse=True)):
        text = text.replace(secret, "***").replace(unquote(secret), "***")
    return text


def _document(message: Message) -> dict[str, Any]:
    return {
        "id": message.identifier,
        "server": message.server_name,
        "at": rfc3339(message.at),
        "subject": message.headline,
        "text": message.text,
        "events": [_entry(one) for one in message.entries],
        "left_out": message.left_out,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "kind": entry.kind,
        "subject": entry.subject,
        "message": entry.sentence,
        "first_at": rfc3339(entry.first_at),
        "last_at": rfc3339(entry.last_at),
        "count": entry.count,
        "remedy": entry.remedy,
        "good": entry.good,
        "still": entry.still,
    }


def _failed(host: str, what: str) -> CertwrightError:
    return telling_failed(
        f"The webhook at {host} {what}.",
        "Look at its log and at the settings webhook.*, then: certwright notify test webhook",
    )
