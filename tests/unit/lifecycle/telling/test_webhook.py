"""The webhook against a real receiver over TLS that verifies the signature."""

import hashlib
import hmac
import runpy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.telling.webhook import SIGNATURE_HEADER, Webhook, read_url

from .conftest import MESSAGE, NOW, SECRET, Receiver, Trust

PAGE = Path(__file__).parents[4] / "docs" / "telling.md"


@pytest.fixture
def webhook(receiver: Receiver, trust: Trust) -> Webhook:
    return Webhook(receiver.url, SECRET, allow_private=True, context=trust.client)


def refusal(webhook: Webhook) -> CertwrightError:
    with pytest.raises(CertwrightError) as caught:
        webhook.send(MESSAGE)
    assert caught.value.code is ErrorCode.TELLING_FAILED
    assert SECRET not in caught.value.message + caught.value.remedy
    assert "a=b" not in caught.value.message
    return caught.value


def test_the_receiver_can_verify_who_sent_it(webhook: Webhook, receiver: Receiver) -> None:
    assert webhook.send(MESSAGE) == "200 thanks"
    (headers,), (body,), (document,) = receiver.headers, receiver.bodies, receiver.documents
    assert headers["path"] == "/hook?a=b"
    assert headers["Host"] == f"localhost:{receiver.port}"
    stamp, _, given = headers[SIGNATURE_HEADER].partition(",v1=")
    signed = stamp.removeprefix("t=").encode() + b"." + body
    assert given == hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert int(stamp.removeprefix("t=")) == int(NOW.timestamp())
    assert document["id"] == MESSAGE.identifier
    assert document["subject"] == MESSAGE.headline
    assert document["events"][0]["count"] == 3


def test_the_example_in_the_documentation_verifies_it(
    webhook: Webhook, receiver: Receiver, tmp_path: Path
) -> None:
    example = tmp_path / "example.py"
    example.write_text(PAGE.read_text().partition("```python\n")[2].partition("```")[0])
    is_genuine = runpy.run_path(str(example))["is_genuine"]
    webhook.send(replace(MESSAGE, at=datetime.now(UTC)))
    (headers,), (body,) = receiver.headers, receiver.bodies
    assert is_genuine(SECRET, headers[SIGNATURE_HEADER], body)
    assert not is_genuine(SECRET, headers[SIGNATURE_HEADER], body + b" ")
    assert not is_genuine(SECRET + "x", headers[SIGNATURE_HEADER], body)
    webhook.send(replace(MESSAGE, at=datetime.now(UTC) - timedelta(minutes=10)))
    assert not is_genuine(SECRET, receiver.headers[1][SIGNATURE_HEADER], receiver.bodies[1])


def test_the_words_of_a_receiver_that_refuses_are_told(
    webhook: Webhook, receiver: Receiver
) -> None:
    receiver.status, receiver.answer = 403, b"not you\x1b[31m" + b"x" * 9000
    message = refusal(webhook).message
    assert "HTTP status 403 not you" in message
    assert "\x1b" not in message
    assert len(message) < 500


def test_a_receiver_that_repeats_the_address_gives_no_secret_of_it_away(
    webhook: Webhook, receiver: Receiver
) -> None:
    target = "/T01/zYx%21wVu98765?key=q1w2e3r4t5"
    secret = replace(webhook, url=f"https://localhost:{receiver.port}{target}")
    receiver.answer = f"Cannot POST {target}, nor zYx!wVu98765: q1w2e3r4t5".encode()
    assert secret.send(MESSAGE) == "200 Cannot POST ***, nor ***: ***"
    receiver.status = 404
    assert "404 Cannot POST ***, nor ***: ***." in refusal(secret).message


def test_a_redirect_is_not_followed(webhook: Webhook, receiver: Receiver) -> None:
    receiver.status = 302
    assert "HTTP status 302" in refusal(webhook).message
    assert len(receiver.bodies) == 1


def test_an_address_inside_the_network_is_asked_only_if_that_is_allowed(
    webhook: Webhook, receiver: Receiver
) -> None:
    inside = refusal(replace(webhook, allow_private=False))
    assert "not an address of the Internet" in inside.message
    assert "--allow-private-addresses" in inside.remedy
    assert receiver.bodies == []


def test_a_receiver_whose_certificate_is_not_trusted_gets_nothing(
    webhook: Webhook, receiver: Receiver
) -> None:
    stranger = replace(webhook, url=f"https://127.0.0.1:{receiver.port}/")
    assert "its certificate is not trusted" in refusal(stranger).message
    assert receiver.bodies == []


def test_in_the_clear_it_goes_to_this_machine_alone(
    webhook: Webhook, plain_receiver: Receiver
) -> None:
    here = replace(webhook, url=f"http://127.0.0.1:{plain_receiver.port}/")
    assert here.send(MESSAGE) == "200 thanks"
    assert "not told in the clear" in refusal(replace(webhook, url="http://192.0.2.1/")).message


def test_without_a_secret_nothing_is_sent(webhook: Webhook, receiver: Receiver) -> None:
    refused = refusal(replace(webhook, secret=""))
    assert "webhook.secret" in refused.message
    assert refused.remedy.endswith("settings set webhook.secret --value-file FILE")
    assert receiver.bodies == []


def test_nobody_there_is_told(webhook: Webhook) -> None:
    message = refusal(replace(webhook, url="https://127.0.0.1:1/")).message
    assert message == "The webhook at 127.0.0.1 cannot be spoken to: Connection refused."


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/",
        "https://",
        "https://user:pass@a.example/",
        "https://a.example/\r\nX: y",
        "https://a.example:99999/",
        "https://a.example/" + "x" * 3000,
        "https://[::1/",
    ],
)
def test_what_no_webhook_can_have_as_its_address_is_refused(url: str) -> None:
    with pytest.raises(CertwrightError) as caught:
        read_url(url)
    assert caught.value.code is ErrorCode.INVALID_INPUT
    assert "pass" not in caught.value.message


def test_neither_address_nor_secret_shows_in_its_representation(webhook: Webhook) -> None:
    assert SECRET not in repr(webhook)
    assert "hook?" not in repr(webhook)
