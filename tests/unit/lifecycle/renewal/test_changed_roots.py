"""From an internal authority to a public one, and from one intermediate of it to the next."""

from dataclasses import replace

from certwright.access.rights import Caller
from certwright.authorities.authority import CertificateRequest, IssuedCertificate, Progress
from certwright.lifecycle.first_start import keep_issued
from certwright.lifecycle.renewal.advancing import advance
from certwright.lifecycle.renewal.deciding import agree
from certwright.lifecycle.renewal.record import RenewalState
from certwright.lifecycle.server import Server
from certwright.lifecycle.trust import Trust
from certwright.services.endpoints import OwnEndpoint

from ...foreign_authority import ForeignAuthority
from ..conftest import served_at
from .conftest import SURROUNDINGS, begin
from .scripted_authority import ScriptedAuthority, with_authority

WEB = OwnEndpoint.WEB_SERVER
NAMES = ["todd.corp.example", "localhost"]


def served_by(server: Server, company: ForeignAuthority) -> Server:
    """`server`, whose authority is `company` now and sends no root, as no public one does."""

    def act(request: CertificateRequest, _progress: Progress, now: object) -> IssuedCertificate:
        until = server.now() + request.lifetime
        leaf = company.sign(request.public_key, NAMES, not_after=until)
        answer = IssuedCertificate(leaf, (company.intermediate,), None)
        with server.database.begin() as connection:
            keep_issued(connection, answer, server.now())
        return answer

    return with_authority(server, ScriptedAuthority([act]))


def trusting(server: Server, company: ForeignAuthority) -> Server:
    """`server`, to which the root of `company` is one of those that everybody trusts."""
    return replace(server, trust=Trust(lambda: (company.root,), lambda: ()))


def test_a_move_to_a_public_authority_asks_once_and_says_who_may_refuse_it(
    serving: Server, company: ForeignAuthority, admin: Caller
) -> None:
    server = served_by(trusting(serving, company), company)
    former, own_root = served_at(server, WEB), server.authority.root.short_name
    renewal = begin(server)
    asking = advance(server, renewal, SURROUNDINGS)
    assert asking.state is RenewalState.ASKING, asking.sentence
    assert asking.sentence == (
        f"It comes from another root: Company Root; the former one came from {own_root}. "
        f"A client that trusts only {own_root} will refuse the new one. "
        "Before you agree, see that your clients trust Company Root."
    )
    assert served_at(server, WEB) == former
    agree(server, renewal, caller=admin)
    assert advance(server, renewal, SURROUNDINGS).state is RenewalState.DONE
    again = advance(server, begin(server), SURROUNDINGS)
    assert again.state is RenewalState.DONE  # public to public: nobody is asked any more


def test_another_intermediate_of_a_public_authority_asks_nobody(
    serving: Server, company: ForeignAuthority, admin: Caller
) -> None:
    server = trusting(serving, company)
    first = begin(server)
    advance(served_by(server, company), first, SURROUNDINGS)
    agree(server, first, caller=admin)
    advance(server, first, SURROUNDINGS)
    second = begin(server)
    next_one = company.with_another_intermediate()
    done = advance(served_by(server, next_one), second, SURROUNDINGS)
    assert done.state is RenewalState.DONE, done.sentence
    assert served_at(server, WEB).issuer_name == next_one.intermediate.common_name
