"""What can be set for telling people; secrets are encrypted, and shown to nobody again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from certwright.database.tables import settings
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.server import Server
from certwright.lifecycle.telling.mail import Encryption
from certwright.lifecycle.telling.syslog import read_address
from certwright.lifecycle.telling.webhook import read_url
from certwright.x509.names import parse_server_name

GATHER = "telling.gather"
GATHER_SECONDS = 60
_LONGEST_GATHER = 3600
_HIGHEST_PORT = 65535
_LONGEST_ADDRESS = 254
_MOST_RECIPIENTS = 50
_SHORTEST_SECRET = 16
_SHOWN_SECRET = "(secret)"  # noqa: S105 - what is shown in its place


@dataclass(frozen=True)
class TellingSetting:
    """How a value is read into the form that is kept; raises INVALID_INPUT.

    `open_part` is what people see of a secret; a value without it is none, and seen whole.
    """

    parse: Callable[[str], str]
    open_part: Callable[[str], str] | None = None

    @property
    def is_secret(self) -> bool:
        """Whether it is encrypted."""
        return self.open_part is not None

    def shown(self, value: str) -> str:
        """What people see of `value`, or of what they see already."""
        return value if self.open_part is None else self.open_part(value)


def shown_telling_settings(connection: Connection) -> Mapping[str, str]:
    """The value of each by its key, "" where nothing is set; of a secret only its open part."""
    rows = connection.execute(
        select(settings.c.name, settings.c.value).where(settings.c.name.in_(TELLING_SETTINGS))
    )
    kept = {row.name: row.value for row in rows}
    return {
        name: one.shown(kept[name] or "") if name in kept else ""
        for name, one in TELLING_SETTINGS.items()
    }


def telling_values(server: Server, connection: Connection) -> Mapping[str, str]:
    """All that is set, secrets decrypted: for whoever sends."""
    rows = connection.execute(select(settings).where(settings.c.name.in_(TELLING_SETTINGS)))
    return {
        row.name: row.value
        if row.encrypted_secret is None
        else server.vault.key.decrypt(row.encrypted_secret, _context(row.name)).decode()
        for row in rows
    }


def keep_telling_setting(server: Server, connection: Connection, key: str, value: str) -> str:
    """Keep `value` ("" takes it back) and return it as it is shown; raises INVALID_INPUT."""
    setting = TELLING_SETTINGS[key]
    if not value:
        connection.execute(delete(settings).where(settings.c.name == key))
        return ""
    parsed = setting.parse(value)
    shown = setting.shown(parsed)
    row = {
        "value": shown,
        "encrypted_secret": _encrypted(server, key, parsed) if setting.is_secret else None,
        "changed_at": server.now(),
    }
    connection.execute(
        insert(settings)
        .values(name=key, **row)
        .on_conflict_do_update(index_elements=["name"], set_=row)
    )
    return shown


def _encrypted(server: Server, key: str, secret: str) -> bytes:
    return server.vault.key.encrypt(secret.encode(), _context(key))


def _context(name: str) -> str:
    return f"setting {name}"


def _host(value: str) -> str:
    return parse_server_name(value).value


def _number(least: int, most: int) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if not (value.isascii() and value.isdigit() and least <= int(value[:10]) <= most):
            raise _invalid(f"This is no whole number from {least} to {most}.", "Give one.")
        return str(int(value))

    return parse


def _encryption(value: str) -> str:
    try:
        return Encryption(value).value
    except ValueError:
        raise _invalid(
            "There is no such encryption of mail.", f"Choose one of: {', '.join(Encryption)}."
        ) from None


def _text(value: str) -> str:
    if not value.isprintable() or len(value) > _LONGEST_ADDRESS:
        raise _invalid("This is no name of a user.", "Give it as the mail server's owner did.")
    return value


def _secret(value: str) -> str:
    if "\0" in value or "\n" in value or "\r" in value:
        raise _invalid("A password is one line of text.", "Give the line alone.")
    return value


def _signing_secret(value: str) -> str:
    if len(value) < _SHORTEST_SECRET:
        raise _invalid(
            f"The secret of a webhook has {_SHORTEST_SECRET} characters at least.",
            "Make a new one, for example with: openssl rand -hex 32",
        )
    return _secret(value)


def _mail_address(value: str) -> str:
    try:
        address = Address(addr_spec=value.strip())
    except (MessageError, ValueError, IndexError):
        address = None
    is_right = address is not None and address.username and address.domain
    if not is_right or not value.isascii() or len(value) > _LONGEST_ADDRESS:
        raise _invalid("This is no mail address.", "Write it as todd@corp.example.")
    return value.strip()


def _mail_addresses(value: str) -> str:
    addresses = [_mail_address(one) for one in value.split(",")]
    if len(addresses) > _MOST_RECIPIENTS:
        raise _invalid(
            f"These are more than {_MOST_RECIPIENTS} mail addresses.", "Use a mailing list."
        )
    return ", ".join(dict.fromkeys(addresses))


def _url(value: str) -> str:
    read_url(value)
    return value


def _nothing(_secret: str) -> str:
    return _SHOWN_SECRET


def _scheme_and_host(url: str) -> str:
    parts = read_url(url)
    return f"{parts.scheme}://{parts.netloc}"


def _syslog(value: str) -> str:
    read_address(value)
    return value


def _invalid(message: str, remedy: str) -> CertwrightError:
    # What was given is not repeated: it may be a secret that went to the wrong key.
    return CertwrightError(ErrorCode.INVALID_INPUT, message, remedy)


TELLING_SETTINGS: Mapping[str, TellingSetting] = {
    "mail.server": TellingSetting(_host),
    "mail.port": TellingSetting(_number(1, _HIGHEST_PORT)),
    "mail.encryption": TellingSetting(_encryption),
    "mail.user": TellingSetting(_text),
    "mail.password": TellingSetting(_secret, _nothing),
    "mail.from": TellingSetting(_mail_address),
    "mail.to": TellingSetting(_mail_addresses),
    # Of many a chat the address alone lets whoever knows it write there.
    "webhook.url": TellingSetting(_url, _scheme_and_host),
    "webhook.secret": TellingSetting(_signing_secret, _nothing),
    "syslog.address": TellingSetting(_syslog),
    GATHER: TellingSetting(_number(1, _LONGEST_GATHER)),
}
SECRET_SETTINGS = frozenset(key for key, one in TELLING_SETTINGS.items() if one.is_secret)
