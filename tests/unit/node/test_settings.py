"""What a node was told reaches its web application unchanged."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.database.encryption import KeyEncryptionKey
from certwright.errors import CertwrightError, ErrorCode
from certwright.front.ports import Ports
from certwright.node.briefing import Briefing
from certwright.node.settings import NodeSettings, own_names, parse_commands, parse_names
from certwright.rules.environment import Environment
from certwright.x509.names import parse_server_name

labels = st.from_regex(r"[a-z]([a-z0-9]{0,10}[a-z0-9])?", fullmatch=True)
dns_names = st.lists(labels, min_size=1, max_size=4).map(".".join)
names = st.one_of(dns_names, st.ip_addresses().map(str)).map(parse_server_name)
# File names on Linux are any octets; Python holds those that are no UTF-8 as lone surrogates.
path_texts = st.binary(min_size=1, max_size=30).map(
    lambda octets: octets.replace(b"\0", b"0").decode("utf-8", "surrogateescape")
)
paths = path_texts.map(lambda text: Path("/") / text)
ports = st.integers(0, 65535)

settings = st.builds(
    NodeSettings,
    data=paths,
    names=st.lists(names, min_size=1, max_size=4, unique=True).map(tuple),
    environment=st.sampled_from(Environment),
    database=st.none() | st.text(),
    bind=st.lists(st.ip_addresses().map(str), min_size=1, max_size=3).map(tuple),
    ports=st.builds(Ports, configuration=ports, http=ports, https=ports, publication=ports),
    upstream=st.none() | st.text(),
    certificate=st.none() | paths,
    certificate_password_file=st.none() | paths,
    admin_password_file=st.none() | paths,
    ready_file=st.none() | paths,
    fetches_inside=st.booleans(),
    allowed_commands=st.lists(st.lists(st.text(), min_size=1).map(tuple)).map(tuple),
)


@given(settings)
def test_settings_come_back_from_json(told: NodeSettings) -> None:
    assert NodeSettings.from_json(told.to_json()) == told


@given(
    told=settings,
    database=st.text(),
    runtime_folder=paths,
    secret=st.binary(min_size=32, max_size=32),
    token=st.text(),
)
def test_briefing_comes_back_from_its_bytes(
    told: NodeSettings, database: str, runtime_folder: Path, secret: bytes, token: str
) -> None:
    briefing = Briefing(told, "todd-1", database, runtime_folder, KeyEncryptionKey(secret), token)
    assert Briefing.from_bytes(briefing.to_bytes()) == briefing


@given(told=settings)
def test_secrets_do_not_show(told: NodeSettings) -> None:
    key = KeyEncryptionKey(b"secret-bytes-of-the-key-encrypti")
    briefing = Briefing(told, "todd-1", "secret-url", Path("/run"), key, "secret-token")
    for secret in ("secret-bytes", "secret-url", "secret-token"):
        assert secret not in repr(briefing)


def test_each_name_counts_once_and_the_first_stays_first() -> None:
    texts = ["Todd.Corp.example.", "localhost", "todd.corp.example", "::1", "0:0::1"]
    parsed = [name.value for name in parse_names(texts)]
    assert parsed == ["todd.corp.example", "localhost", "::1"]


def test_own_names_are_names_and_end_with_localhost() -> None:
    found = own_names()
    assert found[-1] == "localhost"
    assert len(set(found)) == len(found)
    assert [name.value for name in parse_names(found)]


@given(st.lists(st.text(max_size=40), max_size=4))
def test_no_text_whatever_is_a_traceback(texts: list[str]) -> None:
    try:
        parsed = parse_names(texts)
    except CertwrightError as error:
        assert error.message.isprintable()  # noqa: PT017 - most texts are no names
    else:
        assert len(parsed) <= len(texts)


def test_commands_are_parted_into_words_as_a_shell_does() -> None:
    texts = ["/usr/bin/sign", "/usr/bin/sign --template 'Web Server'"]
    assert parse_commands(texts) == (
        ("/usr/bin/sign",),
        ("/usr/bin/sign", "--template", "Web Server"),
    )


@pytest.mark.parametrize("text", ["", "sign", "bin/sign x", "/usr/bin/sign 'x", "\x1b[31m"])
def test_a_command_without_its_whole_path_is_refused(text: str) -> None:
    with pytest.raises(CertwrightError) as refused:
        parse_commands([text])
    assert refused.value.code is ErrorCode.INVALID_INPUT
    assert refused.value.message.isprintable()
