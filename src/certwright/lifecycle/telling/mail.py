"""Mail, by SMTP (RFC 5321) with STARTTLS (RFC 3207) or TLS from the first byte (RFC 8314 3.3)."""

import base64
import smtplib
from contextlib import closing, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from enum import StrEnum

from certwright.errors import CertwrightError
from certwright.lifecycle.telling.channel import (
    OPERATION_SECONDS,
    Heard,
    TlsContext,
    not_set,
    reason,
    telling_failed,
    words,
)
from certwright.lifecycle.telling.message import Message
from certwright.machine.addresses import Address, UnknownName, resolve

_OK = range(200, 300)


class Encryption(StrEnum):
    """How the way to the mail server is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"

    @property
    def port(self) -> int:
        """Where a mail server takes such mail, if nothing else is said."""
        return {Encryption.STARTTLS: 587, Encryption.TLS: 465, Encryption.NONE: 25}[self]


@dataclass(frozen=True)
class Mail:
    """Mails each message to `recipients` through the mail server `host`."""

    host: str
    port: int
    encryption: Encryption
    sender: str
    recipients: tuple[str, ...]
    context: TlsContext = field(repr=False)
    user: str = ""
    password: str = field(default="", repr=False)

    def send(self, message: Message) -> str:
        """Raises TELLING_FAILED with the mail server's words."""
        self._require_settings()
        try:
            return self._send(message)
        except smtplib.SMTPResponseException as error:
            said = f"{error.smtp_code} {self._words(error.smtp_error)}"
            raise self._failed(f"refuses the message: {said}") from None
        except smtplib.SMTPException as error:
            raise self._failed(f"does not do what is asked: {self._words(str(error))}") from None
        except OSError as error:
            raise self._failed(f"cannot be spoken to: {reason(error)}") from None

    def _send(self, message: Message) -> str:
        with closing(self._connect()) as smtp:
            if self.encryption is Encryption.STARTTLS:
                smtp.starttls(context=self.context())
            if self.user:
                smtp.login(self.user, self.password)
            smtp.ehlo_or_helo_if_needed()
            answer = self._hand_over(smtp, message)
            with suppress(smtplib.SMTPException, OSError):  # it has the message: all is well
                smtp.quit()
            return answer

    def _connect(self) -> smtplib.SMTP:
        if self.encryption is Encryption.TLS:
            return _EncryptedConversation(
                self.host, self.port, timeout=OPERATION_SECONDS, context=self.context()
            )
        if self.encryption is Encryption.NONE:
            return self._connect_here()
        return _Conversation(self.host, self.port, timeout=OPERATION_SECONDS)

    def _connect_here(self) -> smtplib.SMTP:
        """To the very addresses that were looked at: the DNS may say others the next time."""
        addresses = _addresses(self.host)
        if not addresses or not all(address.is_loopback for address in addresses):
            raise telling_failed(
                f"The mail server {self.host} is not on this machine, so mail to it is encrypted.",
                "Set mail.encryption to starttls or tls.",
            )
        *others, last = map(str, addresses)
        for address in others:
            with suppress(ConnectionError):
                return _Conversation(address, self.port, timeout=OPERATION_SECONDS)
        return _Conversation(last, self.port, timeout=OPERATION_SECONDS)

    def _hand_over(self, smtp: smtplib.SMTP, message: Message) -> str:
        _require(*smtp.mail(self.sender))
        refused = []
        for recipient in self.recipients:
            code, said = smtp.rcpt(recipient)
            if code not in _OK:
                refused.append(f"{recipient} ({code} {self._words(said)})")
        if len(refused) == len(self.recipients):
            raise self._failed(f"refuses every recipient: {', '.join(refused)}")
        code, said = smtp.data(self._mail(message).as_bytes(policy=SMTP))
        _require(code, said)
        but = f"; but not for {', '.join(refused)}" if refused else ""
        return words(f"{code} {self._words(said)}{but}")

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self.sender
        mail["To"] = ", ".join(self.recipients)
        mail["Subject"] = message.headline
        mail["Date"] = format_datetime(message.at)
        mail["Message-ID"] = f"<{message.identifier}@{message.server_name}>"
        # RFC 3834 5: nobody's absence notice needs to come back.
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text, cte="quoted-printable")
        return mail

    def _require_settings(self) -> None:
        if not self.sender:
            raise not_set("mail.from", "ADDRESS")
        if not self.recipients:
            raise not_set("mail.to", "ADDRESS")

    def _words(self, said: bytes | str) -> str:
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        for secret in self._secrets():
            text = text.replace(secret, "***")
        return words(text)

    def _secrets(self) -> tuple[str, ...]:
        """The password in each form that a server could send back."""
        if not self.password:
            return ()
        plain = f"\0{self.user}\0{self.password}"
        forms = (base64.b64encode(one.encode()).decode() for one in (plain, self.password))
        return (*forms, self.password)

    def _failed(self, what: str) -> CertwrightError:
        return telling_failed(
            f"The mail server {self.host}:{self.port} {what}.",
            "Compare the settings mail.* with what its administrators say, then: "
            "certwright notify test mail",
        )


class _Conversation(smtplib.SMTP):
    """With a server whose replies have an end."""

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = Heard(self.sock)
        return super().getreply()


class _EncryptedConversation(_Conversation, smtplib.SMTP_SSL):
    """The same over TLS from the first byte."""


def _require(code: int, said: bytes) -> None:
    if code not in _OK:
        raise smtplib.SMTPResponseException(code, said)


def _addresses(host: str) -> tuple[Address, ...]:
    try:
        return resolve(host, OPERATION_SECONDS)
    except (UnknownName, TimeoutError):
        return ()
