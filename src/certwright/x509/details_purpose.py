"""What a certificate is for, in plain words."""

from certwright.x509.certificate import Certificate
from certwright.x509.object_identifiers import named_object_identifier

_PURPOSES = {
    "1.3.6.1.5.5.7.3.1": "Server authentication",
    "1.3.6.1.5.5.7.3.2": "Client authentication",
    "1.3.6.1.5.5.7.3.3": "Code signing",
    "1.3.6.1.5.5.7.3.4": "E-mail protection",
    "1.3.6.1.5.5.7.3.8": "Time stamping",
    "1.3.6.1.5.5.7.3.9": "OCSP signing",
    "1.3.6.1.5.5.7.3.17": "IKE for IPsec",
    "1.3.6.1.5.2.3.5": "Kerberos domain controller",
    "1.3.6.1.4.1.311.20.2.2": "Smart card log-on",
    "1.3.6.1.4.1.311.10.3.4": "Encrypting File System",
    "1.3.6.1.4.1.311.10.3.12": "Document signing",
    "1.3.6.1.4.1.311.54.1.2": "Remote Desktop authentication",
    "2.5.29.37.0": "Any purpose",
}
_SENTENCES = {
    "1.3.6.1.5.5.7.3.1": "Proves to clients that a server is the one it says it is (TLS server)",
    "1.3.6.1.5.5.7.3.2": "Proves to servers who calls them (TLS client)",
    "1.3.6.1.5.5.7.3.3": "Signs programs",
    "1.3.6.1.5.5.7.3.4": "Signs and encrypts e-mail",
    "1.3.6.1.5.5.7.3.8": "Signs time stamps",
    "1.3.6.1.5.5.7.3.9": "Tells for its authority which certificates are revoked (OCSP)",
    "2.5.29.37.0": "Good for any purpose",
}
_MOST_TOLD = 12


def purpose(dotted: str) -> str:
    """An extended key usage in words, with its number."""
    words = _PURPOSES.get(dotted)
    return f"{words} ({dotted})" if words else named_object_identifier(dotted)


def plain_purposes(certificate: Certificate) -> tuple[str, ...]:
    """What the certificate is for, a sentence without full stop for each purpose."""
    authority = _authority_sentence(certificate)
    usages = certificate.extended_key_usages
    if usages is None:
        return authority or ("Good for any purpose: it names none",)
    told = tuple(_SENTENCES.get(usage) or purpose(usage) for usage in usages[:_MOST_TOLD])
    if len(usages) > _MOST_TOLD:
        told += (f"and {len(usages) - _MOST_TOLD} more",)
    return authority + told


def _authority_sentence(certificate: Certificate) -> tuple[str, ...]:
    if not certificate.is_authority:
        return ()
    kind = "A root" if certificate.is_self_signed else "An intermediate"
    return (f"{kind} authority: issues other certificates",)
