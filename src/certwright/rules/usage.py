"""Is the certificate meant for servers, and made so that clients take it for one?"""

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from certwright.rules.case import Case
from certwright.rules.environment import Environment
from certwright.rules.family import Family
from certwright.rules.finding import Severity
from certwright.rules.rule import (
    ERROR_EVERYWHERE,
    NOTICE_EVERYWHERE,
    WARNING_EVERYWHERE,
    WARNING_IN_TEST,
    Objection,
    Rule,
)
from certwright.x509.profile import allows
from certwright.x509.refusals import CLIENT_AUTH, SERVER_AUTH, unknown_critical_extensions
from certwright.x509.text import listed

_TITLES = {
    "1.3.6.1.5.5.7.3.1": "servers",
    "1.3.6.1.5.5.7.3.2": "clients",
    "1.3.6.1.5.5.7.3.3": "signing programs",
    "1.3.6.1.5.5.7.3.4": "e-mail",
    "1.3.6.1.5.5.7.3.8": "time stamps",
    "1.3.6.1.5.5.7.3.9": "OCSP answers",
    "1.3.6.1.4.1.311.20.2.2": "smart card log-on",
}

_POISON = "1.3.6.1.4.1.11129.2.4.3"
"""RFC 6962 3.1: marks what was sent to the logs only."""


def _server_auth_missing(case: Case) -> str | None:
    # RFC 5280 4.2.1.12: "If the extension is present, then the certificate MUST only be used
    # for one of the purposes indicated." Where it is absent, every purpose is.
    if not case.requirement.profile.is_for_servers or allows(case.certificate, SERVER_AUTH):
        return None
    return f"It is not for servers: its extended key usages name {_purposes(case)} only."


def _client_auth_missing(case: Case) -> str | None:
    if not case.requirement.profile.is_for_clients or allows(case.certificate, CLIENT_AUTH):
        return None
    return f"It is not for clients: its extended key usages name {_purposes(case)} only."


def _purposes(case: Case) -> str:
    usages = case.certificate.extended_key_usages or ()
    return listed(tuple(_TITLES.get(usage, usage) for usage in usages))


def _digital_signature_missing(case: Case) -> str | None:
    # RFC 8446 4.4.2.2: "If the certificate contains a KeyUsage extension, the digitalSignature
    # bit MUST be set"; in TLS 1.2 every cipher with forward secrecy has the server sign as well.
    usage = case.certificate.key_usage
    if usage is None or usage.digital_signature:
        return None
    return "Its key must not sign handshakes: its key usage lacks digitalSignature."


def _key_usage_not_for_key(case: Case) -> str | None:
    usage, key = case.certificate.key_usage, case.certificate.public_key
    if usage is None:
        return None
    # RFC 3279 2.3.1 for RSA, RFC 5480 3 for ECDSA, RFC 8410 5 for Ed25519 and Ed448.
    is_rsa = isinstance(key, rsa.RSAPublicKey)
    is_elliptic = isinstance(key, ec.EllipticCurvePublicKey)
    claimed = {
        "keyEncipherment": usage.key_encipherment and not is_rsa,
        "dataEncipherment": usage.data_encipherment and not is_rsa,
        "keyAgreement": usage.key_agreement and not is_elliptic,
    }
    wrong = tuple(name for name, is_wrong in claimed.items() if is_wrong)
    if not wrong:
        return None
    return (
        f"Its key usage has {listed(wrong)}, which a key of its kind "
        f"({case.certificate.key_description}) cannot do."
    )


def _authority_as_server(case: Case) -> str | None:
    if not case.certificate.is_authority or case.certificate.is_self_signed:
        return None
    return "It is itself an authority (CA:TRUE): a server's key must not issue certificates."


def _self_signed_authority(case: Case) -> str | None:
    if not case.certificate.is_authority or not case.certificate.is_self_signed:
        return None
    return (
        "It is self-signed as an authority (CA:TRUE): whoever trusts it trusts all that its key "
        "ever signs."
    )


def _key_cert_sign_without_authority(case: Case) -> str | None:
    # RFC 5280 4.2.1.9: "If the cA boolean is not asserted, then the keyCertSign bit in the key
    # usage extension MUST NOT be asserted."
    usage = case.certificate.key_usage
    if usage is None or not usage.key_cert_sign or case.certificate.is_authority:
        return None
    return "Its key usage has keyCertSign, yet it is no authority."


def _critical_extension_unknown(case: Case) -> str | Objection | None:
    unknown = unknown_critical_extensions(case.certificate)
    if not unknown:
        return None
    if any(one.dotted_string == _POISON for one in case.certificate.critical_extensions):
        return Objection(
            "It is a precertificate, made for the transparency logs: every client refuses it.",
            "Take the certificate itself, which the authority issued after this one.",
        )
    return f"It has a critical extension that clients do not know ({listed(unknown)})."


def _must_staple(case: Case) -> str | None:
    if not case.certificate.demands_stapling:
        return None
    return "It demands an OCSP answer in every handshake (must-staple), and none is sent here."


def _extensions_unreadable(case: Case) -> str | None:
    if case.certificate.extensions_are_readable:
        return None
    return "It is damaged: one of its extensions cannot be read, or stands there twice."


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

CLIENT_AUTH_MISSING = Rule(
    code="client-auth-missing",
    family=Family.USAGE,
    title="A client's certificate may be used by clients",
    severities=ERROR_EVERYWHERE,
    reference="RFC 5280 section 4.2.1.12",
    remedy="Get a certificate for clients: certwright request NAME --profile client. Ask another "
    "authority for the extended key usage Client Authentication (1.3.6.1.5.5.7.3.2).",
    judge=_client_auth_missing,
)

DIGITAL_SIGNATURE_MISSING = Rule(
    code="digital-signature-missing",
    family=Family.USAGE,
    title="The key may sign handshakes",
    severities=ERROR_EVERYWHERE,
    reference="RFC 8446 section 4.4.2.2; RFC 5246 section 7.4.2; RFC 5280 section 4.2.1.3",
    remedy="Get a new one whose key usage has digitalSignature (or which has no key usage).",
    judge=_digital_signature_missing,
)

KEY_USAGE_NOT_FOR_KEY = Rule(
    code="key-usage-not-for-key",
    family=Family.USAGE,
    title="The key usage names only what a key of that kind can do",
    severities=NOTICE_EVERYWHERE,
    reference="RFC 3279 section 2.3.1; RFC 5480 section 3; RFC 8410 section 5",
    remedy="Nothing has to be done: clients pass over it. Its successor should have "
    "digitalSignature alone.",
    judge=_key_usage_not_for_key,
)

AUTHORITY_AS_SERVER = Rule(
    code="authority-as-server",
    family=Family.USAGE,
    title="The certificate is not itself an authority",
    severities=WARNING_IN_TEST,
    reference="RFC 5280 section 4.2.1.9; CA/Browser Forum Baseline Requirements section 7.1.2.7.8",
    remedy="Get a certificate for servers (CA:FALSE).",
    judge=_authority_as_server,
)

SELF_SIGNED_AUTHORITY = Rule(
    code="self-signed-authority",
    family=Family.USAGE,
    title="A self-signed certificate is not an authority",
    # Elsewhere self-signed-in-production says what matters.
    severities={Environment.TEST: Severity.NOTICE},
    reference="RFC 5280 section 4.2.1.9",
    remedy="Make it anew with CA:FALSE (openssl req -x509 needs "
    '-addext "basicConstraints=critical,CA:FALSE"), or let the internal authority here issue one.',
    judge=_self_signed_authority,
)

KEY_CERT_SIGN_WITHOUT_AUTHORITY = Rule(
    code="key-cert-sign-without-authority",
    family=Family.USAGE,
    title="Only an authority's key usage has keyCertSign",
    severities=WARNING_EVERYWHERE,
    reference="RFC 5280 sections 4.2.1.3 and 4.2.1.9",
    remedy="Get a new one whose key usage has digitalSignature, and not keyCertSign.",
    judge=_key_cert_sign_without_authority,
)

CRITICAL_EXTENSION_UNKNOWN = Rule(
    code="critical-extension-unknown",
    family=Family.USAGE,
    title="Clients know every critical extension",
    severities=ERROR_EVERYWHERE,
    reference="RFC 5280 section 4.2; RFC 6962 section 3.1",
    remedy="Get one without that extension, or with it not critical.",
    judge=_critical_extension_unknown,
)

MUST_STAPLE = Rule(
    code="must-staple",
    family=Family.USAGE,
    title="The certificate does not demand a stapled OCSP answer",
    severities=WARNING_EVERYWHERE,
    reference="RFC 7633 section 4",
    remedy="Get one without the TLS feature extension, or let the server staple OCSP answers "
    "where it can.",
    judge=_must_staple,
)

EXTENSIONS_UNREADABLE = Rule(
    code="extensions-unreadable",
    family=Family.USAGE,
    title="Every extension can be read",
    severities=ERROR_EVERYWHERE,
    reference="RFC 5280 section 4.2",
    remedy="Export it again where it was issued, or get a new one.",
    judge=_extensions_unreadable,
)
