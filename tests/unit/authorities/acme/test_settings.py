"""Settings of an ACME authority, as values and as JSON."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.authorities.acme.challenges import ChallengeKind
from certwright.authorities.acme.dns.settings import (
    AcmeDnsSettings,
    DnsSettings,
    HookSettings,
    Rfc2136Settings,
    read_server,
)
from certwright.authorities.acme.settings import AcmeSecrets, AcmeSettings
from certwright.errors import CertwrightError, ErrorCode

from ...foreign_authority import ForeignAuthority

RFC2136 = Rfc2136Settings("ns.corp.example", "certwright", "hmac-sha512", "corp.example")
ACME_DNS = AcmeDnsSettings("https://acme-dns.corp.example", "a-user", "a-subdomain")
HOOK = HookSettings("/usr/local/bin/dns record")
PLAIN = AcmeSettings("letsencrypt", ChallengeKind.HTTP_01)
FULL = AcmeSettings(
    "https://acme.corp.example/directory",
    ChallengeKind.DNS_01,
    contact=("certificates@corp.example",),
    profile="shortlived",
    preferred_chain="Corp Root",
    eab_identifier="kid-1",
    http_port=8080,
    tls_port=8443,
    dns=DnsSettings(RFC2136, 60, ("192.0.2.53", "[2001:db8::53]:5353")),
)
ROOT = ForeignAuthority(datetime.now(UTC)).root.pem
HMAC = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"
SECRETS = AcmeSecrets(eab_hmac_key=HMAC, tsig_secret="c2VjcmV0", acme_dns_password="p-4711")


@pytest.mark.parametrize(
    "settings",
    [
        PLAIN,
        FULL,
        replace(FULL, dns=DnsSettings(ACME_DNS)),
        replace(FULL, dns=DnsSettings(HOOK, 0)),
    ],
)
def test_settings_come_back_from_json(settings: AcmeSettings) -> None:
    assert AcmeSettings.from_json(json.loads(json.dumps(settings.to_json()))) == settings


def test_an_acme_dns_address_with_a_password_is_refused_without_repeating_it() -> None:
    with pytest.raises(CertwrightError) as refused:
        AcmeDnsSettings("https://ada:p-4711@acme-dns.corp.example", "user", "subdomain")
    assert refused.value.code is ErrorCode.INVALID_INPUT
    assert "p-4711" not in refused.value.message + refused.value.remedy


def test_secrets_come_back_from_json_and_are_in_no_settings() -> None:
    assert AcmeSecrets.from_json(json.loads(json.dumps(SECRETS.to_json()))) == SECRETS
    assert HMAC not in json.dumps(FULL.to_json())


def test_secrets_show_in_no_representation() -> None:
    assert repr(SECRETS) == "AcmeSecrets()"


def test_a_name_stays_a_name_and_leads_to_its_address() -> None:
    assert PLAIN.directory == "letsencrypt"
    assert PLAIN.directory_url.startswith("https://acme-v02.api.letsencrypt.org/")


@pytest.mark.parametrize(
    "change",
    [
        {"directory": "http://acme.corp.example/"},
        {"ca_pem": "no pem"},
        {"ca_pem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"},
        {"ca_pem": f"{ROOT}\0"},
        {"ca_pem": f"{ROOT}, the école's"},
        {"contact": ("nobody",)},
        {"contact": ("a\0b@corp.example",)},
        {"contact": ("a\x1b[31m@corp.example",)},
        {"contact": ("a@b?cc=c@d.example",)},
        {"contact": ("a@corp.example",) * 6},
        {"profile": "two words"},
        {"eab_identifier": "kid\n1"},
        {"http_port": 0},
        {"tls_port": 65536},
        {"challenge": ChallengeKind.DNS_01, "dns": None},
        {"preferred_chain": "a" * 201},
    ],
)
def test_settings_that_cannot_work_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(CertwrightError) as refused:
        replace(PLAIN, **change)
    assert refused.value.code is ErrorCode.INVALID_INPUT


@pytest.mark.parametrize(
    "make",
    [
        lambda: Rfc2136Settings("ns corp", "certwright"),
        lambda: Rfc2136Settings("ns.corp.example:0", "certwright"),
        lambda: Rfc2136Settings("ns.corp.example", "two words"),
        lambda: Rfc2136Settings("ns.corp.example", "certwright", "hmac-md5"),
        lambda: Rfc2136Settings("ns.corp.example", "certwright", zone="*"),
        lambda: AcmeDnsSettings("http://acme-dns.corp.example", "user", "subdomain"),
        lambda: AcmeDnsSettings("https://acme-dns.corp.example", "us\r\ner", "subdomain"),
        lambda: HookSettings("record.sh"),
        lambda: HookSettings("/bin/re\ncord"),
        lambda: DnsSettings(HOOK, -1),
        lambda: DnsSettings(HOOK, 3601),
        lambda: DnsSettings(HOOK, 1, ("a server",)),
        lambda: DnsSettings(HOOK, 1, ("192.0.2.53",) * 21),
    ],
)
def test_dns_settings_that_cannot_work_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(CertwrightError) as refused:
        make()
    assert refused.value.code is ErrorCode.INVALID_INPUT


@pytest.mark.parametrize(
    "change",
    [
        {"eab_hmac_key": "not base64"},
        {"eab_hmac_key": "a"},
        {"eab_hmac_key": "a" * 502},
        {"tsig_secret": "YQ"},
        {"tsig_secret": "_-8="},
        {"tsig_secret": "c2Vj cmV0"},
        {"tsig_secret": "="},
        {"tsig_secret": "YWFh" * 200},
    ],
)
def test_a_secret_that_is_none_is_refused_without_showing_it(change: dict[str, str]) -> None:
    with pytest.raises(CertwrightError) as refused:
        AcmeSecrets(**change)
    assert str(refused.value).endswith("is no Base64.")
    assert "Copy it again" in refused.value.remedy


@pytest.mark.parametrize("key", ["c2VjcmV0", "_-8", "_-8=", "+/8", "+/8="])
def test_an_hmac_key_may_be_written_in_each_way_that_authorities_do(key: str) -> None:
    assert AcmeSecrets(eab_hmac_key=key).eab_hmac_key == key


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("192.0.2.53", "192.0.2.53", 53),
        ("ns.corp.example:5353", "ns.corp.example", 5353),
        ("[2001:db8::53]", "2001:db8::53", 53),
        ("[2001:db8::53]:5353", "2001:db8::53", 5353),
    ],
)
def test_a_dns_server_is_a_name_or_an_address_and_a_port(text: str, host: str, port: int) -> None:
    read = read_server(text)
    assert (read.host, read.port) == (host, port)
    assert read_server(str(read)) == read


@pytest.mark.parametrize(
    "change",
    [{"preferred_chain": []}, {"http_port": True}, {"ca_pem": None}, {"challenge": "http-02"}],
)
def test_json_of_another_type_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(CertwrightError, match="cannot be read") as refused:
        AcmeSettings.from_json({**FULL.to_json(), **change})
    assert refused.value.code is ErrorCode.INVALID_INPUT


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.sampled_from(sorted(FULL.to_json())), JSON)
def test_json_of_any_kind_is_settings_or_refused(member: str, value: object) -> None:
    document = {**FULL.to_json(), member: value}
    try:
        made = AcmeSettings.from_json(document)
    except CertwrightError:
        return
    assert AcmeSettings.from_json(made.to_json()) == made


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=3))
def test_any_object_is_secrets_or_refused(document: dict[str, Any]) -> None:
    try:
        made = AcmeSecrets.from_json(document)
    except CertwrightError:
        return
    assert made == AcmeSecrets()
