"""Do the certificates at hand lead from this one to a root that clients trust?"""

from certwright.rules.case import Case
from certwright.rules.family import Family
from certwright.rules.rule import WARNING_IN_TEST, Rule


def _chain_incomplete(case: Case) -> str | None:
    # A self-signed certificate has no chain; other rules say where one will not do.
    if case.certificate.is_self_signed:
        return None
    return None if case.verdict.ok else case.verdict.reason


CHAIN_INCOMPLETE = Rule(
    code="chain-incomplete",
    family=Family.CHAIN,
    title="The chain leads to a trusted root",
    # The root of a company's authority may be known to the clients and not to this machine: on a
    # test server that is worth a warning, in production it has to be made known here.
    severities=WARNING_IN_TEST,
    reference="RFC 8446 section 4.4.2; RFC 5280 section 6.1",
    remedy="Import the missing certificates of its authority (the intermediates and the root), "
    "or export it again together with its whole chain.",
    judge=_chain_incomplete,
)
