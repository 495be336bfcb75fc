"""The certificate given with --certificate is refused before anything is made for it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from certwright.errors import CertwrightError, ErrorCode
from certwright.front.ports import Ports
from certwright.lifecycle.selection import RulesFailed
from certwright.node.brought_certificate import brought_certificate, refuse_unusable
from certwright.node.settings import NodeSettings, parse_names
from certwright.rules.environment import Environment

from ..composed_server import Clock
from ..foreign_authority import ForeignAuthority, self_signed

NAMES = ["todd.corp.example"]


@pytest.fixture
def settings(tmp_path: Path) -> NodeSettings:
    return NodeSettings(
        data=tmp_path / "data",
        names=parse_names(NAMES),
        environment=Environment.TEST,
        database=None,
        bind=("127.0.0.1",),
        ports=Ports(0, 0, 0, 0),
        upstream=None,
        certificate=tmp_path / "certificate.pfx",
        certificate_password_file=None,
        admin_password_file=None,
        ready_file=None,
    )


def refusal(settings: NodeSettings, clock: Clock) -> CertwrightError:
    with pytest.raises(CertwrightError) as error:
        refuse_unusable(settings, clock())
    return error.value


def write(settings: NodeSettings, content: bytes) -> None:
    assert settings.certificate is not None
    settings.certificate.write_bytes(content)


def test_without_the_option_there_is_nothing_to_refuse(
    settings: NodeSettings, clock: Clock
) -> None:
    without = replace(settings, certificate=None)
    refuse_unusable(without, clock())
    assert brought_certificate(without) is None


@pytest.mark.parametrize("line_end", [b"", b"\n", b"\r\n"])
def test_right_file_is_read_with_the_password_of_its_file(
    settings: NodeSettings,
    clock: Clock,
    company: ForeignAuthority,
    tmp_path: Path,
    line_end: bytes,
) -> None:
    issued = company.issue(NAMES)
    write(settings, issued.pfx("correct horse"))
    password_file = tmp_path / "password"
    password_file.write_bytes(b"correct horse" + line_end)
    with_password = replace(settings, certificate_password_file=password_file)
    refuse_unusable(with_password, clock())
    read = brought_certificate(with_password)
    assert read is not None
    assert read().leaf == issued.leaf


def test_file_without_its_root_will_do_on_a_test_server_only(
    settings: NodeSettings, clock: Clock, company: ForeignAuthority
) -> None:
    write(settings, company.issue(NAMES, with_root=False).pem)
    refuse_unusable(settings, clock())
    production = replace(settings, environment=Environment.PRODUCTION)
    error = refusal(production, clock)
    assert isinstance(error, RulesFailed)
    assert "chain-incomplete" in {finding.code for finding in error.findings}


def test_root_in_the_file_counts_in_production(
    settings: NodeSettings, clock: Clock, company: ForeignAuthority
) -> None:
    write(settings, company.issue(NAMES).pem)
    refuse_unusable(replace(settings, environment=Environment.PRODUCTION), clock())


def test_wrong_certificates_are_refused_by_rule(
    settings: NodeSettings, clock: Clock, company: ForeignAuthority
) -> None:
    for issued, environment, code in (
        (company.issue(["other.example"]), Environment.TEST, "san-lacks-name"),
        (company.issue(NAMES, not_after=clock() - timedelta(1)), Environment.TEST, "expired"),
        (self_signed(NAMES, clock()), Environment.PRODUCTION, "self-signed-in-production"),
        (company.issue(NAMES), Environment.CLOUD, "private-ca-for-cloud"),
    ):
        write(settings, issued.pem)
        error = refusal(replace(settings, environment=environment), clock)
        assert isinstance(error, RulesFailed)
        assert code in {finding.code for finding in error.findings}


def test_files_that_cannot_be_used_are_told_of(
    settings: NodeSettings, clock: Clock, company: ForeignAuthority, tmp_path: Path
) -> None:
    issued = company.issue(NAMES)
    assert refusal(settings, clock).code is ErrorCode.INVALID_INPUT  # not there
    for content, code in (
        (b"", ErrorCode.UNREADABLE_CERTIFICATE),
        (b"garbage", ErrorCode.UNREADABLE_CERTIFICATE),
        (issued.pem_without_key, ErrorCode.NO_PRIVATE_KEY),
        (issued.pfx("correct horse"), ErrorCode.WRONG_PASSWORD),
        (bytes(2_000_000), ErrorCode.TOO_LARGE),
    ):
        write(settings, content)
        assert refusal(settings, clock).code is code
    folder = replace(settings, certificate=tmp_path)
    assert refusal(folder, clock).code is ErrorCode.INVALID_INPUT
    lost = replace(settings, certificate_password_file=tmp_path / "lost")
    error = refusal(lost, clock)
    assert error.code is ErrorCode.INVALID_INPUT
    assert "--certificate-password-file" in error.remedy
