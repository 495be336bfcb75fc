"""Private keys that are taken in: with their certificate, later, alone, or not to be let go."""

import pytest

from certwright.access.rights import Caller
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.server import Server

from ..foreign_authority import ForeignAuthority
from .importing import CURRENT_USER, NAMES, bring, bring_all, counted, key_pem, plan, told


def test_key_may_come_later_with_its_certificate(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    issued = company.issue(NAMES)
    assert not bring(server, issued.pem_without_key, admin).leaf.has_private_key
    assert bring(server, issued.pem, admin).leaf.has_private_key
    message = f"The private key of {issued.leaf.name_on_record} arrived"
    assert ("private-key-imported", message) in told(server, 2)


def test_key_that_comes_alone_joins_its_certificate(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    issued = company.issue(NAMES)
    bring(server, issued.pem_without_key, admin, place=CURRENT_USER)
    planned = plan(server, key_pem(issued), caller=admin)
    assert planned.entries[0].has_private_key
    assert planned.entries[0].origin == "store"
    assert planned.notes == (
        "The private key belongs to todd.corp.example, which lies in Current User > Personal.",
    )
    imported = bring_all(server, key_pem(issued), caller=admin)
    assert imported.leaf.place == CURRENT_USER
    assert imported.leaf.has_private_key
    assert not imported.added
    assert imported.key_added
    assert not bring_all(server, key_pem(issued), caller=admin).key_added
    assert told(server, 1) == [
        ("private-key-imported", f"The private key of {issued.leaf.name_on_record} arrived")
    ]


def test_key_that_belongs_to_nothing_is_refused_or_left_out(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    stranger, issued = company.issue(NAMES), company.issue(NAMES)
    before = counted(server)
    with pytest.raises(CertwrightError) as error:
        bring_all(server, key_pem(stranger), caller=admin)
    assert error.value.code is ErrorCode.UNREADABLE_CERTIFICATE
    assert "no certificate" in error.value.message
    assert counted(server) == before
    imported = bring_all(server, issued.pem, key_pem(stranger), caller=admin)
    assert "A private key in the file that no certificate belongs to: left out." in (
        imported.plan.notes
    )
    assert counted(server)[2] == before[2] + 1


def test_key_that_may_not_leave_stays_so(
    server: Server, company: ForeignAuthority, admin: Caller
) -> None:
    issued = company.issue(NAMES)

    def exportable() -> bool:
        with server.database.connect() as connection:
            return server.vault.is_exportable(connection, issued.leaf.key_fingerprint)

    bring_all(server, issued.pem, caller=admin, exportable=False)
    assert not exportable()
    again = bring_all(server, issued.pem, caller=admin)
    assert not exportable()
    assert any("still never leaves" in note for note in again.plan.notes)
