"""One vector of the rules: what is judged, against what, and what is expected."""

from dataclasses import dataclass
from typing import Any

from certwright.x509.certificate import Certificate

from .rule_authorities import NAME

AT = "2026-11-24T12:00:00Z"

Value = str | bool | Certificate | list[str]


@dataclass(frozen=True)
class Case:
    """One file; each finding expected is "code severity".

    `tables` are what else was looked at: revocation, key_access, here, other.
    """

    name: str
    certificate: Certificate
    expected: tuple[str, ...]
    chain: tuple[Certificate, ...] = ()
    trusted: tuple[Certificate, ...] = ()
    environment: str = "production"
    names: tuple[str, ...] = (NAME,)
    private_key: str = "own"
    at: str = AT
    public: tuple[Certificate, ...] = ()
    given: tuple[Certificate, ...] | None = None
    same_key: tuple[Certificate, ...] = ()
    profile: str = "server"
    tables: tuple[tuple[str, dict[str, Value]], ...] = ()

    def text(self) -> str:
        pems = {"chain": self.chain, "trusted_roots": self.trusted, "public_roots": self.public}
        if self.given is not None:
            pems["given_chain"] = self.given
        if self.same_key:
            pems["same_key"] = self.same_key
        return "\n".join(
            [
                f"names = {_toml(list(self.names))}",
                f"environment = {_toml(self.environment)}",
                f"at = {_toml(self.at)}",
                f"private_key = {_toml(self.private_key)}",
                *([f"profile = {_toml(self.profile)}"] if self.profile != "server" else []),
                f"expected = {_toml(sorted(self.expected, key=_worst_first))}",
                f"certificate = {_toml(self.certificate)}",
                *(f"{key} = {_pem(*certificates)}" for key, certificates in pems.items()),
                *(_table(title, members) for title, members in self.tables),
                "",
            ]
        )


def _worst_first(line: str) -> tuple[int, str]:
    code, severity = line.split()
    return ["error", "warning", "notice"].index(severity), code


def _table(title: str, members: dict[str, Any]) -> str:
    return "\n".join([f"\n[{title}]", *(f"{key} = {_toml(one)}" for key, one in members.items())])


def _toml(value: Value) -> str:
    match value:
        case bool():
            return str(value).lower()
        case Certificate():
            return _pem(value)
        case list():
            return f"[{', '.join(map(_toml, value))}]"
        case _:
            return '"' + value.replace("\\", "\\\\") + '"'


def _pem(*certificates: Certificate) -> str:
    return f'"""\n{"".join(one.pem for one in certificates)}"""'
