"""Do the certificates at hand lead from this one to a root that clients trust?"""

from certwright.rules.candidate import Candidate, Requirement
from certwright.rules.environment import Environment
from certwright.rules.finding import Severity
from certwright.rules.rule import Rule
from certwright.x509.chains import verify_chain


def _chain_incomplete(candidate: Candidate, requirement: Requirement) -> str | None:
    certificate = candidate.certificate
    # A self-signed certificate has no chain; other rules say where one will not do.
    if certificate.is_self_signed:
        return None
    # Judged within the certificate's own time, and for any purpose and name: those three are
    # other rules' matter, and must not show here a second time as a broken chain.
    at = max(certificate.not_before, min(requirement.at, certificate.not_after))
    verdict = verify_chain(
        certificate, candidate.chain, requirement.trusted_roots, None, at, for_any_purpose=True
    )
    return None if verdict.ok else verdict.reason


CHAIN_INCOMPLETE = Rule(
    code="chain-incomplete",
    title="The chain leads to a trusted root",
    # The root of a company's authority may be known to the clients and not to this machine: on a
    # test server that is worth a warning, in production it has to be made known here.
    severities={
        Environment.TEST: Severity.WARNING,
        Environment.PRODUCTION: Severity.ERROR,
        Environment.CLOUD: Severity.ERROR,
    },
    reference="RFC 8446 section 4.4.2; RFC 5280 section 6.1",
    remedy="Import the missing certificates of its authority (the intermediates and the root), "
    "or export it again together with its whole chain.",
    judge=_chain_incomplete,
)
