"""Mail through a real mail server, Debian's Exim: encrypted, logged in, and what it refuses."""

import email
import os
import shutil
import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.message import Message as ReceivedMail
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from tests.interop.servers import LOOPBACK, Start, free_port
from tests.unit.foreign_authority import ForeignAuthority

from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.telling.mail import Encryption, Mail
from certwright.lifecycle.telling.message import Entry, Message

PASSWORD = "correct-horse-battery"
NOW = datetime.now(UTC)
# It takes everything and keeps it, so that a test can read it.
EXIM = """
keep_environment =
spool_directory = {folder}/spool
log_file_path = {folder}/spool/%slog
pid_file_path = {folder}/exim.pid
primary_hostname = localhost
tls_advertise_hosts = {tls}
tls_on_connect_ports = {tls_port}
tls_certificate = {pair}
tls_privatekey = {pair}
auth_advertise_hosts = *
host_lookup =
rfc1413_hosts =
queue_only
acl_smtp_rcpt = recipients
begin acl
recipients:
  deny message = nobody of that name here
       local_parts = nobody-here
  accept authenticated = *
  accept condition = {open}
  deny message = log in first
begin routers
begin transports
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{todd}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
"""
MESSAGE = Message(
    "mail-7-9",
    "todd.corp.example",
    NOW,
    (
        Entry(
            kind="proof-changed",
            subject="web-server",
            sentence="Web Server not proven: Müller's is served.\n.\nQUIT",
            first_at=NOW,
            last_at=NOW,
            count=1,
            remedy="Look from outside.",
            good=False,
        ),
    ),
)
Serve = Callable[..., Mail]


@pytest.fixture
def spool(folder: Path) -> Path:
    made = folder / "spool"
    made.mkdir()
    if os.geteuid() == 0:
        shutil.chown(made, "Debian-exim")
    return made


@pytest.fixture
def serve(start: Start, folder: Path, spool: Path) -> Serve:
    """Starts Exim; returns the channel that is set up for it."""

    def begin(encryption: Encryption, *, tls: bool = True, anybody: bool = False) -> Mail:
        authority = ForeignAuthority(datetime.now(UTC), "Company")
        pair = folder / "pair.pem"
        pair.write_bytes(authority.issue(["localhost"]).pem)
        if os.geteuid() == 0:
            shutil.chown(pair, "Debian-exim")
        pair.chmod(0o600)
        port = free_port()
        configuration = folder / "exim.conf"
        configuration.write_text(
            EXIM.format(
                folder=folder,
                pair=pair,
                password=PASSWORD,
                tls="*" if tls else "",
                tls_port=port if encryption is Encryption.TLS else "",
                open="yes" if anybody else "no",
            )
        )
        command = ["exim4", "-C", str(configuration), "-bdf", "-oX", f"{LOOPBACK}.{port}"]
        start(command, "exim4-daemon-light", port)
        context = ssl.create_default_context(cadata=authority.root.pem)
        return Mail(
            host="localhost",
            port=port,
            encryption=encryption,
            sender="todd@corp.example",
            recipients=("ada@corp.example", "team@corp.example"),
            context=lambda: context,
            user="todd",
            password=PASSWORD,
        )

    return begin


def received(spool: Path) -> ReceivedMail:
    """The one mail that waits in the spool."""
    (data,) = spool.glob("input/**/*-D")
    (head,) = spool.glob("input/**/*-H")
    lines = head.read_text().partition("\n\n")[2].splitlines()
    # Each header begins with its length and a letter.
    headers = [line[5:] if line[:3].isdigit() else line for line in lines]
    body = data.read_text().partition("\n")[2]
    return email.message_from_string("\n".join(headers) + "\n\n" + body, policy=default)


def refusal(mail: Mail) -> CertwrightError:
    with pytest.raises(CertwrightError) as caught:
        mail.send(MESSAGE)
    assert caught.value.code is ErrorCode.TELLING_FAILED
    assert PASSWORD not in caught.value.message + caught.value.remedy
    return caught.value


@pytest.mark.parametrize("encryption", [Encryption.STARTTLS, Encryption.TLS])
def test_it_arrives_whole_over_an_encrypted_way(
    encryption: Encryption, serve: Serve, spool: Path
) -> None:
    assert serve(encryption).send(MESSAGE).startswith("250 OK id=")
    mail = received(spool)
    assert mail["Subject"] == MESSAGE.headline
    assert mail["To"] == "ada@corp.example, team@corp.example"
    assert mail["Message-ID"] == "<mail-7-9@todd.corp.example>"
    assert abs((parsedate_to_datetime(mail["Date"]) - NOW).total_seconds()) < 1
    content = mail.get_content()  # type: ignore[attr-defined]
    assert "Müller's is served.\n.\nQUIT" in content
    assert "Look from outside." in content


def test_a_wrong_password_is_told_in_the_servers_words_and_never_shown(serve: Serve) -> None:
    mail = serve(Encryption.STARTTLS)
    wrong = replace(mail, password="wrong-" + PASSWORD)
    assert "535 Incorrect authentication data" in refusal(wrong).message
    assert "550" in refusal(replace(mail, user="")).message


def test_one_recipient_that_is_refused_keeps_no_other_from_it(serve: Serve, spool: Path) -> None:
    mail = serve(Encryption.STARTTLS)
    both = replace(mail, recipients=("nobody-here@corp.example", "ada@corp.example"))
    answer = both.send(MESSAGE)
    assert "but not for nobody-here@corp.example (550 nobody of that name here)" in answer
    alone = replace(mail, recipients=("nobody-here@corp.example",))
    assert "refuses every recipient" in refusal(alone).message


def test_a_server_that_offers_no_encryption_gets_neither_password_nor_mail(
    serve: Serve, spool: Path
) -> None:
    mail = serve(Encryption.STARTTLS, tls=False)
    assert "STARTTLS" in refusal(mail).message
    assert not list(spool.glob("input/**/*-D"))


def test_a_server_whose_certificate_is_not_trusted_gets_nothing(serve: Serve, spool: Path) -> None:
    stranger = replace(serve(Encryption.STARTTLS), context=ssl.create_default_context)
    assert "its certificate is not trusted" in refusal(stranger).message
    assert not list(spool.glob("input/**/*-D"))


def test_in_the_clear_it_goes_to_this_machine_alone(serve: Serve, spool: Path) -> None:
    mail = serve(Encryption.NONE, anybody=True)
    assert replace(mail, user="").send(MESSAGE).startswith("250")
    assert "mail to it is encrypted" in refusal(replace(mail, host="192.0.2.1")).message


def test_nobody_there_is_told(serve: Serve) -> None:
    message = refusal(replace(serve(Encryption.STARTTLS), port=free_port())).message
    assert message.endswith("cannot be spoken to: Connection refused.")


@pytest.mark.parametrize(("missing", "value"), [("sender", ""), ("recipients", ())])
def test_what_is_set_up_by_halves_says_what_is_missing(
    missing: str, value: object, serve: Serve
) -> None:
    halved = replace(serve(Encryption.STARTTLS), **{missing: value})  # type: ignore[arg-type]
    assert "is missing" in refusal(halved).message
