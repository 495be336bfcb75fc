"""What becomes of the vectors that `cryptography` publishes: counted, by kind and by reason."""

import re
from collections import Counter

from tests.vectors.published import Vector, listed_vectors, outcome

_ENCRYPTED = re.compile(r"^PEM block \d+ is encrypted")
_KIND_OF_KEY = re.compile(r"^.* (?:is|key) of the kind")
_DETAIL = re.compile(r" \([^)]*\)| at byte [\d,]+, where .*")


def measure() -> dict[str, object]:
    """Import each, as tests/vectors/published.txt lists them."""
    imported: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for listed in listed_vectors():
        vector = Vector(listed.name, listed.password, outcome(listed.name, listed.password))
        if vector.is_imported:
            imported[_kind(vector.name)] += 1
        else:
            refused[_kind(vector.name)] += 1
            reasons[_reason(vector.outcome)] += 1
    return {
        "imported": {kind: imported[kind] for kind in sorted(imported | refused)},
        "refused": {kind: refused[kind] for kind in sorted(imported | refused)},
        "reasons": dict(reasons.most_common()),
    }


def _kind(name: str) -> str:
    if name.endswith(".p12"):
        return "PKCS#12"
    folder = name.partition("/")[0]
    return {"pkcs7": "PKCS#7", "asymmetric": "keys"}.get(folder, "X.509")


def _reason(told: str) -> str:
    """The part of a refusal that does not tell which file, block or byte it is about."""
    message = _DETAIL.sub("", told.partition(": ")[2]).rstrip(".")
    reason = message.rpartition(": ")[2]
    return _KIND_OF_KEY.sub("its key is of the kind", _ENCRYPTED.sub("it is encrypted", reason))
