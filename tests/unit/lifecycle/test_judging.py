"""What one certificate is told, and what a list of many leaves out."""

from dataclasses import replace

from certwright.access.rights import Caller
from certwright.lifecycle.importing import import_certificate
from certwright.lifecycle.judging import judge, judge_all
from certwright.lifecycle.server import Server
from certwright.lifecycle.trust import Trust

from ..foreign_authority import ForeignAuthority


def test_linter_looks_at_one_certificate_of_a_public_authority(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    issued = company.issue(["todd.corp.example"])
    stored = import_certificate(server, issued.pem, None, friendly_name="", caller=admin).leaf
    public = replace(server, trust=Trust(lambda: (company.root,), lambda: ()))
    with server.database.connect() as connection:
        ours = judge(server, connection, stored)
        linted = judge(public, connection, stored)
        (listed,) = judge_all(public, connection, [(stored, None, None)])
    # A company's authority names neither a policy nor its domain: duties of public ones.
    assert [one for one in linted if "pkilint" in one.reference]
    assert [one.severity.rank for one in linted] == sorted(one.severity.rank for one in linted)
    for findings in (ours, listed):
        assert not [one for one in findings if "pkilint" in one.reference]
