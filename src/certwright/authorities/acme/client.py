"""One account's conversation with one directory: signed, bounded, and refusals as values.

Signing, nonces and External Account Binding are the ACME library's. What it lacks is here: it
forgets the header fields and the document of a refusal, retries a bad nonce only once, and reads
without a limit.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from acme.client import ClientNetwork
from acme.errors import Error as AcmeLibraryError
from acme.messages import Directory as LibraryDirectory
from acme.messages import ExternalAccountBinding, Registration, RegistrationResource
from josepy.b64 import b64encode
from josepy.errors import Error as JoseError
from josepy.interfaces import JSONDeSerializable
from requests import RequestException, Response, Session
from requests.utils import parse_header_links

from certwright import __version__
from certwright.authorities.acme.account_key import json_web_key
from certwright.authorities.acme.directories import Directory, read_directory
from certwright.authorities.acme.documents import NotUnderstood, an_object, as_url, is_url
from certwright.authorities.acme.problems import Explanation, Problem, explain, refusal
from certwright.authorities.acme.refused import Refused, refuse_errors
from certwright.authorities.authority import IssuanceFailed
from certwright.x509.keys import PrivateKey

_USER_AGENT = f"certwright/{__version__}"
_MOST_NONCES = 24
"""How often a request is signed anew: a server that rejects every second nonce is still served."""
_MOST_ALTERNATES = 10
_JOSE = "application/jose+json"
_CHAIN = "application/pem-certificate-chain"
_URL_ALPHABET = str.maketrans("+/", "-_")


@dataclass(frozen=True)
class Answer:
    """What a server answered, with a status of success."""

    url: str
    response: Response

    @property
    def document(self) -> Mapping[str, Any]:
        """The JSON object in it; raises `NotUnderstood`."""
        try:
            return an_object(self.response.json(), "answer")
        except (ValueError, RecursionError):
            raise NotUnderstood("answer") from None

    @property
    def content(self) -> bytes:
        """Its bytes."""
        return self.response.content

    @property
    def location(self) -> str:
        """Where the thing is that was made; raises `NotUnderstood`."""
        return as_url(self.response.headers.get("Location"), "Location")

    @property
    def retry_after(self) -> str | None:
        """The header field of that name."""
        value: str | None = self.response.headers.get("Retry-After")
        return value

    @property
    def alternates(self) -> tuple[str, ...]:
        """The addresses of other chains (RFC 8555 7.4.2); what is no https URL is left out."""
        links = parse_header_links(self.response.headers.get("Link", ""))
        wanted = [link.get("url") for link in links if link.get("rel") == "alternate"]
        return tuple(str(url) for url in wanted[:_MOST_ALTERNATES] if is_url(url))


class _Payload(JSONDeSerializable):
    """An object to be signed as it is."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = dict(document)

    def to_partial_json(self) -> dict[str, Any]:
        return self._document

    @classmethod
    def from_json(cls, jobj: Any) -> "_Payload":
        return cls(jobj)


class AcmeClient:
    """Speaks for one account key. Not for several threads at once."""

    def __init__(
        self,
        session: Session,
        directory_url: str,
        key: PrivateKey,
        before_each: Callable[[], None] = lambda: None,
        on_refusal: Callable[[Refused], None] = lambda _: None,
    ) -> None:
        """`session` is one of `transport.bounded_session`; fetches the directory.

        `before_each` request it may raise, where the whole conversation takes too long; each
        refusal is told to `on_refusal`. Raises `Refused`, `NotUnderstood`, `IssuanceFailed`.
        """

        def refuse(response: Response, *_: Any, **__: Any) -> None:
            try:
                refuse_errors(response)
            except Refused as refused:
                on_refusal(refused)
                raise

        session.hooks["response"].append(refuse)
        self._before_each = before_each
        self._key, algorithm = json_web_key(key)
        self._network = ClientNetwork(self._key, alg=algorithm, user_agent=_USER_AGENT)
        self._network.session.close()
        self._network.session = session
        self.directory = fetch_directory(session, directory_url)

    @property
    def thumbprint(self) -> str:
        """RFC 7638, of the account's key."""
        return b64encode(self._key.thumbprint()).decode("ascii")

    def explain(self, problem: Problem) -> Explanation:
        """What a problem of this server's means, and what to do about it here."""
        return explain(problem, self.directory.caa_identities)

    def failure(
        self, refused: Refused, now: datetime, *, about: str = "", starts_over: bool = False
    ) -> IssuanceFailed:
        """A refusal of this server's as a failure of the issuance."""
        problem = refused.problem
        return refusal(
            problem,
            refused.retry_after,
            now,
            about=about,
            explanation=self.explain(problem),
            starts_over=starts_over,
        )

    def sign_as(self, account_url: str) -> None:
        """From now on, name the account instead of showing its key."""
        self._network.account = RegistrationResource(body=Registration(), uri=account_url)

    def external_account_binding(self, identifier: str, hmac_key: str) -> dict[str, Any]:
        """Ties the account to a customer's (RFC 8555 7.3.4); the key in either Base64."""
        return ExternalAccountBinding.from_data(
            self._key.public_key(),
            identifier,
            hmac_key.rstrip("=").translate(_URL_ALPHABET),
            LibraryDirectory({"newAccount": self.directory.new_account}),
        )

    def get(self, url: str) -> Answer:
        """What anybody may see."""
        return Answer(url, self._bounded(lambda: self._network.get(url)))

    def post(self, url: str, document: Mapping[str, Any]) -> Answer:
        """Send `document` signed."""
        return self._post(url, _Payload(document), {"Content-Type": _JOSE})

    def read(self, url: str) -> Answer:
        """Read a resource of the account's (POST-as-GET, RFC 8555 6.3)."""
        return self._post(url, None, {"Content-Type": _JOSE})

    def read_chain(self, url: str) -> Answer:
        """Read a certificate with its chain."""
        return self._post(url, None, {"Content-Type": _JOSE, "Accept": _CHAIN})

    def _post(self, url: str, payload: _Payload | None, headers: dict[str, str]) -> Answer:
        def once() -> Response:
            return self._network.post(
                url, payload, new_nonce_url=self.directory.new_nonce, headers=dict(headers)
            )

        for attempt in range(1, _MOST_NONCES + 1):
            try:
                return Answer(url, self._bounded(once))
            except Refused as refused:
                # RFC 8555 6.5: a client SHOULD retry, and here is no harm in it.
                if refused.problem.kind != "badNonce" or attempt == _MOST_NONCES:
                    raise
        raise AssertionError("the loop above ends by itself")

    def _bounded(self, exchange: Callable[[], Response]) -> Response:
        self._before_each()
        try:
            return exchange()
        except (AcmeLibraryError, JoseError, RequestException, ValueError, RecursionError):
            raise NotUnderstood("answer") from None


def fetch_directory(session: Session, url: str) -> Directory:
    """The directory at `url`; raises `Refused`, `NotUnderstood`, `IssuanceFailed`."""
    try:
        response = session.get(url, headers={"User-Agent": _USER_AGENT})
        refuse_errors(response)
        document = response.json()
    except (RequestException, ValueError, RecursionError):
        raise NotUnderstood("directory") from None
    return read_directory(url, an_object(document, "directory"))
