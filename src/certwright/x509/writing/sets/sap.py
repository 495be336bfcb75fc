"""A set for SAP's Secure Network Communication: what `sapgenpse` makes a PSE of."""

import re

from cryptography import x509
from cryptography.x509.oid import NameOID

from certwright.x509.certificate import Certificate
from certwright.x509.text import printable
from certwright.x509.writing.sets.readme import Section, with_readme
from certwright.x509.writing.sets.ready_set import Material, SetFile, key_store_file

_PSE = "SAPSNCS.pse"
_ATTRIBUTES = {
    NameOID.COMMON_NAME: "CN",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "OU",
    NameOID.ORGANIZATION_NAME: "O",
    NameOID.LOCALITY_NAME: "L",
    NameOID.STATE_OR_PROVINCE_NAME: "SP",
    NameOID.COUNTRY_NAME: "C",
    NameOID.DOMAIN_COMPONENT: "DC",
    NameOID.EMAIL_ADDRESS: "EMAIL",
}


def sap_set(material: Material) -> tuple[SetFile, ...]:
    """A PKCS#12 file for `sapgenpse import_p12`. Raises INVALID_INPUT without a password."""
    use = "certificate, chain and private key, for sapgenpse"
    store = key_store_file(material, f"{material.stem}.p12", use)
    name = snc_name(material.leaf)
    sections = (
        Section(
            "Make the PSE",
            (f"sapgenpse import_p12 -p {_PSE} {store.name}",),
            "In the folder SECUDIR; asks for the password of the file, and for a PIN that the PSE "
            "gets:",
        ),
        Section(
            "Let the service open it",
            (f"sapgenpse seclogin -p {_PSE} -O SERVICE_USER",),
            "SERVICE_USER is the account that the program runs under; asks for the PIN:",
        ),
        Section(
            "Configuration",
            (f"snc/identity/as = {name}",),
            "The SNC name. On an application server it stands in the profile (RZ10); for a client "
            "it is what its user gets in SU01, tab SNC:",
        ),
        Section(
            "Check",
            (f"sapgenpse get_my_name -p {_PSE}",),
            "Subject must be the SNC name without its p: at the beginning. If SAP writes an "
            "attribute otherwise, SAP's way is the one that counts:",
        ),
        Section(
            "If sapgenpse cannot read the file",
            (
                f"certwright certificates export {material.leaf.thumbprint} --format pfx "
                f"--with-key --older-encryption --out {store.name}",
            ),
            "Old releases know no AES-256 in PKCS#12:",
        ),
    )
    return with_readme(material, "SAP", (store,), sections)


def snc_name(certificate: Certificate) -> str:
    """`p:` and the subject as CommonCryptoLib writes it.

    The attribute that stands last in the certificate comes first, a state or province is SP. The
    output of `sapgenpse` in SAP's own examples: "CN=..., OU=..., O=SAP, L=..., SP=..., C=BR".
    """
    attributes = reversed(list(certificate.cryptography.subject))
    return "p:" + ", ".join(f"{_label(one)}={_value(one)}" for one in attributes)


def _label(attribute: x509.NameAttribute[str | bytes]) -> str:
    return _ATTRIBUTES.get(attribute.oid, attribute.rfc4514_attribute_name)


def _value(attribute: x509.NameAttribute[str | bytes]) -> str:
    value = attribute.value
    text = printable(value if isinstance(value, str) else value.hex())
    # RFC 1779 2.3: a value with a special character in it stands in quotation marks, and there a
    # backslash before a quotation mark or another backslash; else it could end the value early.
    quoted = re.sub(r'(["\\])', r"\\\1", text)
    return f'"{quoted}"' if any(one in text for one in ',;+="<>#\\') else text
