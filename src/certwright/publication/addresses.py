"""The addresses that stand in certificates: where their issuer and its list can be had."""

from dataclasses import dataclass

from certwright.x509.building import AuthorityAddresses
from certwright.x509.certificate import Certificate
from certwright.x509.names import NameKind, ServerName


@dataclass(frozen=True)
class PublicationAddresses:
    """Plain HTTP: RFC 5280 8 warns that checking an https address may need the check itself."""

    name: ServerName
    port: int

    def of_authority(self, issuer: Certificate) -> AuthorityAddresses:
        """Where `issuer`'s certificate and its revocation list are published."""
        host = f"[{self.name.value}]" if _is_ipv6(self.name) else self.name.value
        base = f"http://{host}:{self.port}"
        return AuthorityAddresses(
            ca_certificate_url=f"{base}/ca/{issuer.fingerprint}.cer",
            revocation_list_url=f"{base}/crl/{issuer.fingerprint}.crl",
        )


def _is_ipv6(name: ServerName) -> bool:
    return name.kind is NameKind.IP and ":" in name.value
