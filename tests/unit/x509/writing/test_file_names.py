"""File names that are safe wherever they come to stand."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.x509.building import build_root
from certwright.x509.certificate import Certificate
from certwright.x509.keys import KeyType, generate_private_key
from certwright.x509.writing.file_names import file_stem

from .conftest import AT

_KEY = generate_private_key(KeyType.EC_P256)


def named(common_name: str) -> Certificate:
    return build_root(common_name, "Corp", _KEY, not_before=AT, days=10, serial=1)


@pytest.mark.parametrize(
    ("common_name", "stem"),
    [
        ("todd.corp.example", "todd.corp.example"),
        ("Todd.Corp.Example", "todd.corp.example"),
        ("*.corp.example", "wildcard.corp.example"),
        ("Corp Issuing CA 1", "corp_issuing_ca_1"),
        ("../../etc/passwd", "etc_passwd"),
        ('a"; filename="evil.exe', "a_filename_evil.exe"),
        ("-rf", "rf"),
        (".hidden", "hidden"),
        ("Zürich", "z_rich"),
        ("日本", "certificate"),
    ],
)
def test_stem(common_name: str, stem: str) -> None:
    assert file_stem(named(common_name)) == stem


@given(st.text(min_size=1, max_size=64))
def test_stem_is_always_safe(common_name: str) -> None:
    try:
        certificate = named(common_name)
    except ValueError:
        return  # no certificate has such a name
    assert re.fullmatch(r"[a-z0-9]([a-z0-9._-]{0,78}[a-z0-9])?", file_stem(certificate))
