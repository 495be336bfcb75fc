"""Certificates in PEM, and whether a key belongs to one."""

import dataclasses
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.services.pem.certificates import (
    certificates_of,
    check_pair,
    refusal_of,
    thumbprint_of,
)

from ..materials import material


def test_the_leaf_comes_first_and_names_the_certificate() -> None:
    given = material()
    chain = check_pair(given)
    assert len(chain) == 2
    assert thumbprint_of(chain[0]) == given.thumbprint


def test_a_key_of_another_certificate_is_refused_without_showing_it() -> None:
    wrong = dataclasses.replace(material(), private_key=material().private_key)
    with pytest.raises(MachineError, match="does not belong") as refused:
        check_pair(wrong)
    assert refused.value.code is FailureCode.INVALID_INPUT
    assert "PRIVATE" not in str(refused.value.__dict__)


@pytest.mark.parametrize("private_key", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_what_is_no_key_belongs_to_nothing(private_key: str) -> None:
    with pytest.raises(MachineError, match="does not belong"):
        check_pair(dataclasses.replace(material(), private_key=private_key))


@pytest.mark.parametrize("chain", ["", "no chain", material().chain])
def test_a_chain_of_another_certificate_is_refused(chain: str) -> None:
    with pytest.raises(MachineError, match="does not begin with"):
        check_pair(dataclasses.replace(material(), chain=chain))


def test_what_is_no_base64_is_left_out() -> None:
    text = "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n"
    assert certificates_of(text) == ()
    assert thumbprint_of(b"") == ""


@given(st.text(st.sampled_from("-BEGINCRTFAD \n=\u00e9\0"), max_size=200) | st.text())
def test_any_text_can_be_looked_through(text: str) -> None:
    assert all(certificates_of(text))


@pytest.mark.skipif(os.name != "posix", reason="pipes have other names there")
def test_a_pipe_in_the_place_of_a_key_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "no regular file" in refusal_of(tmp_path / "none.pem", tmp_path / "pipe")


@pytest.mark.skipif(os.name != "posix", reason="pipes have other names there")
def test_a_pipe_in_the_place_of_a_certificate_is_not_waited_for_either(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "site.key").write_text(material().private_key)
    assert "no regular file" in refusal_of(tmp_path / "pipe", tmp_path / "site.key")
