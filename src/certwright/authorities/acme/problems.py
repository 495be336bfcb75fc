"""What an ACME server refuses for, in words (RFC 8555 6.7), and what to do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from certwright.authorities.acme.retry_after import again_at
from certwright.authorities.authority import IssuanceFailed
from certwright.x509.text import printable

_PREFIX = "urn:ietf:params:acme:error:"
_LONGEST_DETAIL = 1000
"""Where Let's Encrypt pauses an account, the address that ends it stands in the detail, whole."""
_LONGEST_SUBDETAIL = 400
_MOST_SUBPROBLEMS = 10
_SHORTEST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(days=8)
"""Rate limits of public authorities last a week at most."""
_WAIT_AT_A_LIMIT = timedelta(hours=1)
_WAIT_AT_A_FAULT = timedelta(minutes=5)
_SERVER_FAULT = 500
_TOO_MANY = 429
_NO_KIND = frozenset({"", "about:blank"})
"""RFC 9457 4.2.1: the status says it all. Gateways before an authority answer so, if by JSON."""


@dataclass(frozen=True)
class Problem:
    """A problem document, and the HTTP status it came with; `kind` is its type without prefix."""

    kind: str
    detail: str
    status: int
    name: str = ""
    """The name it is about, "" for the whole request."""
    instance: str = ""
    """A page for people."""
    subproblems: tuple["Problem", ...] = ()

    @property
    def is_limit(self) -> bool:
        """Whether there were too many requests of some kind."""
        return self.kind == "rateLimited" or self.status == _TOO_MANY


@dataclass(frozen=True)
class Explanation:
    """What the type of a problem means, as the end of a sentence, and what to do."""

    sentence: str
    remedy: str


_TELL = "It may pass by itself; if it stays so, tell the authority's support."
_REPORT = "Report this with the node's log."

EXPLANATIONS: Mapping[str, Explanation] = MappingProxyType(
    {
        "accountDoesNotExist": Explanation(
            "it no longer knows the account",
            "It was made anew at once, with the same key, and is unknown again. It is tried again "
            "by itself; if it stays so, tell the authority's support.",
        ),
        "alreadyReplaced": Explanation(
            "the former certificate has been replaced already", "Try again."
        ),
        "alreadyRevoked": Explanation("the certificate is revoked already", "Nothing is to do."),
        "badCSR": Explanation(
            "it does not accept the signing request",
            "Choose another kind of key, such as ec-p256 or rsa-2048, or other names.",
        ),
        "badNonce": Explanation("it accepted none of its own nonces", _TELL),
        "badPublicKey": Explanation(
            "it does not accept the key", "Choose another kind of key, such as ec-p256 or rsa-2048."
        ),
        "badRevocationReason": Explanation(
            "it does not know the reason of the revocation", "Choose another reason."
        ),
        "badSignatureAlgorithm": Explanation(
            "it does not accept the kind of the account's key",
            "Create this authority again, so that a new account is made.",
        ),
        "caa": Explanation(
            "the name's CAA records in the DNS do not allow this authority",
            "Add a CAA record that names this authority, or choose one that is named there.",
        ),
        "compound": Explanation("there are several reasons", "Mend each of them, then try again."),
        "conflict": Explanation("it already has such a request", "Try again."),
        "connection": Explanation(
            "it could not reach the server",
            "See that the name leads here from the Internet, and that the firewall lets the port "
            "in; or use dns-01, which needs no port.",
        ),
        "dns": Explanation(
            "it could not look the name up in the DNS",
            "See that the name and the DNS records it needs exist and can be asked for from the "
            "Internet.",
        ),
        "dnssec": Explanation(
            "the name's DNSSEC signatures are not valid", "Mend the DNSSEC of its zone."
        ),
        "externalAccountRequired": Explanation(
            "it serves known customers only",
            "Get a key identifier and an HMAC key from the authority (External Account Binding), "
            "and create this authority again with them.",
        ),
        "incorrectResponse": Explanation(
            "it found another answer than the one that proves control of the name",
            "See that the name leads to this node and to no other server or proxy.",
        ),
        "invalidContact": Explanation(
            "it does not accept the contact", "Give another mail address as contact."
        ),
        "invalidProfile": Explanation(
            "it does not offer the profile",
            "Choose one of the profiles that its directory names, or none.",
        ),
        "malformed": Explanation("it did not understand the request", _REPORT),
        "orderNotReady": Explanation("the order is not ready yet", "Try again in a minute."),
        "rateLimited": Explanation(
            "there were too many requests",
            "It is tried again when the authority allows it. If it names a page to visit, open "
            "that first: until then waiting is in vain.",
        ),
        "rejectedIdentifier": Explanation(
            "it issues no certificates for the name",
            "Use a public name of your own, or an authority of your own for internal names.",
        ),
        "serverInternal": Explanation("it has a fault of its own", _TELL),
        "tls": Explanation(
            "it met a fault of TLS when it looked at the server",
            "See that the name leads to this node and that nothing between ends its TLS.",
        ),
        "unauthorized": Explanation(
            "the account may not do this",
            "See on the authority's page whether the account is still in force. One that was "
            "deactivated stays so: create another authority with the same directory, and name it "
            "for what this one is to renew.",
        ),
        "unsupportedContact": Explanation(
            "it does not support this kind of contact", "Give a mail address as contact."
        ),
        "unsupportedIdentifier": Explanation(
            "it does not issue for this kind of name",
            "Use a DNS name, or an authority that issues for IP addresses.",
        ),
        "userActionRequired": Explanation(
            "it waits for somebody to agree to something, such as changed terms",
            "Open the page that it names and agree there; the next attempt goes on.",
        ),
    }
)
"""RFC 8555 6.7, RFC 9773 7.4, and `invalidProfile` of the profiles extension."""

_UNKNOWN = Explanation("it gave a reason that is not known here", _TELL)


def read_problem(document: object, status: int) -> Problem:
    """Read a problem document, or make one of whatever else came with an HTTP error."""
    if not isinstance(document, Mapping):
        return Problem(_kind_by_status(status), f"HTTP status {status}", status)
    kind = _short(document, "type", 100).removeprefix(_PREFIX)
    subproblems = document.get("subproblems")
    listed = subproblems[:_MOST_SUBPROBLEMS] if isinstance(subproblems, list) else []
    return Problem(
        kind=_kind_by_status(status) if kind in _NO_KIND else kind,
        detail=_short(document, "detail", _LONGEST_DETAIL),
        status=status,
        name=_name(document),
        instance=_short(document, "instance", 200),
        subproblems=tuple(_read_subproblem(one, status) for one in listed),
    )


def _kind_by_status(status: int) -> str:
    if status == _TOO_MANY:
        return "rateLimited"
    return "serverInternal" if status >= _SERVER_FAULT else ""


def sentence(problem: Problem, about: str = "", explanation: Explanation | None = None) -> str:
    """What a problem says, as one sentence: `about` comes before the colon."""
    explanation = explanation or explain(problem)
    said = f' It says: "{problem.detail}".' if problem.detail else ""
    page = f" Its page for that: {problem.instance}." if problem.instance else ""
    parts = [f"{about or 'The authority refused'}: {explanation.sentence}.{said}{page}"]
    for one in problem.subproblems:
        meaning = EXPLANATIONS.get(one.kind, _UNKNOWN).sentence
        parts.append(f"For {one.name or 'another part'}: {meaning}. {_quoted(one.detail)}".strip())
    return " ".join(parts)


def explain(problem: Problem, caa_identities: Sequence[str] = ()) -> Explanation:
    """What the type of a problem means; the authority's names in CAA records make it plainer."""
    known = EXPLANATIONS.get(problem.kind, _UNKNOWN)
    if problem.kind != "caa" or not caa_identities:
        return known
    return Explanation(
        known.sentence,
        f'Add a CAA record 0 issue "{caa_identities[0]}" to the name, or to the domain above it '
        "where the record stands that forbids it; or choose an authority that is named there.",
    )


def refusal(
    problem: Problem,
    retry_after: str | None,
    now: datetime,
    *,
    about: str = "",
    explanation: Explanation | None = None,
    starts_over: bool = False,
) -> IssuanceFailed:
    """The failure that `problem` makes, with the moment from which asking again has sense.

    `explanation` is given where more is known than its type says.
    """
    explanation = explanation or explain(problem)
    return IssuanceFailed(
        sentence(problem, about, explanation),
        explanation.remedy,
        again_at=when_to_ask_again(problem, retry_after, now),
        starts_over=starts_over,
    )


def when_to_ask_again(problem: Problem, retry_after: str | None, now: datetime) -> datetime | None:
    """As the server says, or after a while at a limit or a fault; None for any other refusal."""
    is_fault = problem.status >= _SERVER_FAULT
    if retry_after is None and not (problem.is_limit or is_fault):
        return None
    return again_at(
        retry_after,
        now,
        least=_SHORTEST_WAIT,
        most=_LONGEST_WAIT,
        otherwise=_WAIT_AT_A_LIMIT if problem.is_limit else _WAIT_AT_A_FAULT,
    )


def _read_subproblem(document: object, status: int) -> Problem:
    if not isinstance(document, Mapping):
        return Problem("", "", status)
    kind = _short(document, "type", 100).removeprefix(_PREFIX)
    return Problem(kind, _short(document, "detail", _LONGEST_SUBDETAIL), status, _name(document))


def _name(document: Mapping[str, Any]) -> str:
    identifier = document.get("identifier")
    return _short(identifier, "value", 253) if isinstance(identifier, Mapping) else ""


def _short(document: Mapping[str, Any], member: str, longest: int) -> str:
    value = document.get(member)
    return printable(value.strip().rstrip("."), longest) if isinstance(value, str) else ""


def _quoted(detail: str) -> str:
    return f'"{detail}".' if detail else ""
