"""Is the certificate meant for servers?"""

from certwright.rules.case import Case
from certwright.rules.family import Family
from certwright.rules.rule import ERROR_EVERYWHERE, Rule
from certwright.x509.refusals import ANY_USAGE, SERVER_AUTH
from certwright.x509.text import listed

_TITLES = {
    "1.3.6.1.5.5.7.3.2": "clients",
    "1.3.6.1.5.5.7.3.3": "signing programs",
    "1.3.6.1.5.5.7.3.4": "e-mail",
    "1.3.6.1.5.5.7.3.8": "time stamps",
    "1.3.6.1.5.5.7.3.9": "OCSP answers",
    "1.3.6.1.4.1.311.20.2.2": "smart card log-on",
}


def _server_auth_missing(case: Case) -> str | None:
    # RFC 5280 4.2.1.12: "If the extension is present, then the certificate MUST only be used
    # for one of the purposes indicated." Where it is absent, every purpose is.
    usages = case.certificate.extended_key_usages
    if usages is None or SERVER_AUTH in usages or ANY_USAGE in usages:
        return None
    purposes = listed(tuple(_TITLES.get(usage, usage) for usage in usages))
    return f"It is not for servers: its extended key usages name {purposes} only."


SERVER_AUTH_MISSING = Rule(
    code="server-auth-missing",
    family=Family.USAGE,
    title="The certificate may be used by servers",
    severities=ERROR_EVERYWHERE,
    reference="RFC 5280 section 4.2.1.12",
    remedy="Select a certificate for servers, or ask for a new one with the extended key usage "
    "Server Authentication (1.3.6.1.5.5.7.3.1).",
    judge=_server_auth_missing,
)
