"""What is said of a webhook that cannot be told, when it is set."""

import pytest

from certwright.lifecycle.telling.hindrances import webhook_hindrances

INSIDE, UNSIGNED = "--allow-private-addresses", "webhook.secret"


@pytest.mark.parametrize(
    ("url", "secret", "allow_private", "said"),
    [
        ("", "", False, []),
        ("https://hooks.corp.example", "(secret)", False, []),
        ("https://hooks.corp.example", "", False, [UNSIGNED]),
        ("https://127.0.0.1:8443", "(secret)", False, [INSIDE]),
        ("https://[fd00::1]", "(secret)", False, [INSIDE]),
        ("http://LocalHost", "", False, [INSIDE, UNSIGNED]),
        ("https://127.0.0.1:8443", "(secret)", True, []),
        ("https://8.8.8.8", "(secret)", False, []),
    ],
)
def test_what_hinders_a_webhook_is_said_with_what_lets_it(
    url: str, secret: str, allow_private: bool, said: list[str]
) -> None:
    shown = {"webhook.url": url, "webhook.secret": secret}
    sentences = webhook_hindrances(shown, allow_private=allow_private)
    assert len(sentences) == len(said)
    assert all(part in sentence for part, sentence in zip(said, sentences, strict=True))
