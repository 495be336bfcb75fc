"""Reading a vector of the rules: what is judged, and what it is judged against."""

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

from certwright.rules.candidate import (
    Candidate,
    Deployment,
    EndpointChoice,
    KeyAccess,
    Requirement,
)
from certwright.rules.environment import Environment
from certwright.rules.revocation import Revocation
from certwright.x509.certificate import Certificate
from certwright.x509.names import parse_server_name
from certwright.x509.pem import read_pem_certificates
from certwright.x509.profile import Profile
from certwright.x509.revocation_answer import RevocationState

FOLDER = Path(__file__).parent / "rules"
FILES = sorted(FOLDER.iterdir())
OTHER_KEY = "00" * 32


def load(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def candidate(vector: dict[str, Any]) -> Candidate:
    (certificate,) = read_pem_certificates(vector["certificate"].encode())
    fingerprint = {
        "own": certificate.key_fingerprint,
        "other": OTHER_KEY,
        "missing": None,
        "unknown": None,
    }[vector["private_key"]]
    return Candidate(
        certificate=certificate,
        chain=certificates(vector, "chain"),
        has_private_key=vector["private_key"] != "missing",
        private_key_fingerprint=fingerprint,
        given_chain=certificates(vector, "given_chain") if "given_chain" in vector else None,
        same_key=certificates(vector, "same_key"),
        revocation=revocation(vector["revocation"]) if "revocation" in vector else None,
        key_access=key_access(vector["key_access"]) if "key_access" in vector else None,
        deployment=deployment(vector) if "here" in vector else None,
    )


def revocation(table: dict[str, Any]) -> Revocation:
    revoked_at = table.get("revoked_at")
    return Revocation(
        state=RevocationState(table["state"]),
        source=table["source"],
        reason=table.get("reason"),
        revoked_at=datetime.fromisoformat(revoked_at) if revoked_at else None,
        failure=table.get("failure"),
    )


def key_access(table: dict[str, Any]) -> KeyAccess:
    return KeyAccess(table["account"], table["readable"], tuple(table["others_who_can"]))


def deployment(vector: dict[str, Any]) -> Deployment:
    here, other = (endpoint_choice(vector[key]) for key in ("here", "other"))
    return Deployment(here, (other,))


def endpoint_choice(table: dict[str, Any]) -> EndpointChoice:
    (saved,), (active,) = certificates(table, "saved"), certificates(table, "active")
    return EndpointChoice(table["title"], saved, active)


def requirement(vector: dict[str, Any]) -> Requirement:
    return Requirement(
        names=tuple(parse_server_name(name) for name in vector["names"]),
        environment=Environment(vector["environment"]),
        at=datetime.fromisoformat(vector["at"]),
        trusted_roots=certificates(vector, "trusted_roots"),
        public_roots=certificates(vector, "public_roots"),
        profile=Profile(vector.get("profile", "server")),
    )


def certificates(vector: dict[str, Any], key: str) -> tuple[Certificate, ...]:
    text = vector.get(key, "")
    return read_pem_certificates(text.encode()) if text else ()
