"""Stores with very many certificates, filled in a minute.

Every certificate is distinct and can be parsed: names, issuer, serial number and times of a
template are replaced in its DER. Only the templates are signed, so no signature is right, which
no list looks at. Rows hold what the program itself writes for the templates, replaced likewise.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha1, sha256
from itertools import islice
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from sqlalchemy import Connection, Engine, text

from certwright.database.search_words import certificate_words, sort_key
from certwright.stores.place import PERSONAL, Place
from certwright.x509.certificate import Certificate

_ROLES = ("mail", "data", "node", "edge", "auth", "file", "info", "test", "vote", "chat")
_SITES = ("berlin", "madrid", "vienna", "lisbon", "athens", "prague", "dublin", "warsaw")
_ROLE, _NUMBER, _SITE, _ISSUER = "qqqq", "7700077", "zzzzzz", "CA 88"
_NAME = f"{_ROLE}-{_NUMBER}.{_SITE}.corp.example"
_SERIAL = bytes.fromhex("5aa55aa55aa55aa55aa55aa55aa55aa5")
_NOT_BEFORE = datetime(2023, 3, 4, 5, 6, 7, tzinfo=UTC)
_NOT_AFTER = datetime(2033, 2, 1, 3, 4, 5, tzinfo=UTC)
_KEYS = 200
_SHARE_WITH_PRIVATE_KEY = 50
_DAYS_BACK, _DAYS_AHEAD = 400, 800
_LIFETIME = timedelta(days=1200)
_CHUNK = 5000

_CERTIFICATE_COLUMNS = (
    "fingerprint, thumbprint, der, subject, subject_key, common_name, names, issuer, "
    "issuer_name, serial, not_before, not_after, key_fingerprint, is_authority, added_at"
)
_ENTRY_COLUMNS = (
    "machine, location, store, fingerprint, friendly_name, archived, added_at, "
    "has_private_key, not_before, not_after, name_key, issuer_key, search_words"
)


def fill(database: Engine, number: int, now: datetime, place: Place = PERSONAL) -> None:
    """Put `number` certificates into `place`, a third of them expired; the same ones each time."""
    templates = [_Template.make(index, now, place) for index in range(_KEYS)]
    with database.begin() as connection:
        definitions = _drop_indices(connection)
        _copy(connection, templates, number, now)
        for definition in definitions:
            connection.execute(text(definition))
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze certificates, store_entries, expiry_counts"))


@dataclass(frozen=True)
class _Template:
    der: bytes
    certificate_row: str
    entry_row: str

    @classmethod
    def make(cls, index: int, now: datetime, place: Place) -> "_Template":
        key = ec.generate_private_key(ec.SECP256R1())
        organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Corp Limited")
        signed = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _NAME), organization]))
            .issuer_name(
                x509.Name(
                    [
                        x509.NameAttribute(NameOID.COMMON_NAME, f"Corp Issuing {_ISSUER}"),
                        organization,
                    ]
                )
            )
            .public_key(key.public_key())
            .serial_number(int.from_bytes(_SERIAL))
            .not_valid_before(_NOT_BEFORE)
            .not_valid_after(_NOT_AFTER)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(_NAME)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .sign(key, SHA256())
        )
        certificate = Certificate.from_cryptography(signed)
        has_private_key = index % _SHARE_WITH_PRIVATE_KEY == 0
        return cls(
            certificate.der,
            _line(
                *("FINGERPRINT", "THUMBPRINT", r"\\xDER", certificate.subject),
                *(sort_key(certificate.subject), certificate.common_name),
                *("{" + ",".join(certificate.names) + "}", certificate.issuer),
                *(certificate.issuer_name, certificate.serial, "NOT_BEFORE", "NOT_AFTER"),
                *(certificate.key_fingerprint, "f", now.isoformat()),
            ),
            _line(
                *(place.machine, place.location, place.store, "FINGERPRINT", "", "f"),
                *("ADDED_AT", "t" if has_private_key else "f", "NOT_BEFORE", "NOT_AFTER"),
                *(sort_key(certificate.short_name), sort_key(certificate.issuer_name)),
                " ".join(f"'{word}'" for word in certificate_words(certificate, "")),
            ),
        )


def _line(*values: str) -> str:
    return "\t".join(values) + "\n"


def _copy(connection: Connection, templates: list[_Template], number: int, now: datetime) -> None:
    cursor: Any = connection.connection.cursor()
    rows = _rows(templates, number, now)
    while chunk := list(islice(rows, _CHUNK)):
        for table, columns, lines in (
            ("certificates", _CERTIFICATE_COLUMNS, (line for line, _ in chunk)),
            ("store_entries", _ENTRY_COLUMNS, (line for _, line in chunk)),
        ):
            with cursor.copy(f"copy {table} ({columns}) from stdin") as copy:
                copy.write("".join(lines))


def _rows(templates: list[_Template], number: int, now: datetime) -> Iterator[tuple[str, str]]:
    chance = random.Random(7)  # noqa: S311 - the same store each time
    for index in range(number):
        yield _row(templates[index % len(templates)], index, now, chance)


def _row(template: _Template, index: int, now: datetime, chance: random.Random) -> tuple[str, str]:
    until = now + timedelta(seconds=chance.randint(-_DAYS_BACK * 86400, _DAYS_AHEAD * 86400))
    since = until - _LIFETIME
    issuer = chance.randrange(10, 30)
    serial = (b"\x10" + chance.randbytes(15)).hex()
    replace = _replacer(
        {
            _ROLE: chance.choice(_ROLES),
            _NUMBER: f"{index:07}",
            _SITE: chance.choice(_SITES),
            _ISSUER: f"CA {issuer}",
            _ISSUER.lower(): f"ca {issuer}",
            "'88'": f"'{issuer}'",
            _SERIAL.hex(): serial,
        }
    )
    der = replace(template.der.decode("latin-1")).encode("latin-1")
    der = der.replace(_SERIAL, bytes.fromhex(serial))
    for former, later in ((_NOT_BEFORE, since), (_NOT_AFTER, until)):
        der = der.replace(f"{former:%y%m%d%H%M%S}Z".encode(), f"{later:%y%m%d%H%M%S}Z".encode())
    values = _replacer(
        {
            "FINGERPRINT": sha256(der).hexdigest(),
            "THUMBPRINT": sha1(der, usedforsecurity=False).hexdigest(),
            "DER": der.hex(),
            "NOT_BEFORE": f"{since:%Y-%m-%d %H:%M:%S}+00",
            "NOT_AFTER": f"{until:%Y-%m-%d %H:%M:%S}+00",
            "ADDED_AT": f"{now - timedelta(seconds=index):%Y-%m-%d %H:%M:%S}+00",
        }
    )
    return values(replace(template.certificate_row)), values(replace(template.entry_row))


def _replacer(replacements: dict[str, str]) -> Callable[[str], str]:
    def replace(value: str) -> str:
        for former, later in replacements.items():
            value = value.replace(former, later)
        return value

    return replace


def _drop_indices(connection: Connection) -> list[str]:
    """Their definitions: filled first and made afterwards, they take a third of the time."""
    rows = connection.execute(
        text(
            "select indexname, indexdef from pg_indexes where schemaname = 'public' "
            "and tablename in ('certificates', 'store_entries') and indexname not like '%_pkey'"
        )
    ).all()
    for row in rows:
        connection.execute(text(f'drop index "{row.indexname}"'))
    return [row.indexdef for row in rows]
