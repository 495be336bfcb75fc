"""An account's private key as the ACME library takes it."""

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from josepy.jwa import ES256, ES384, ES512, RS256, JWASignature
from josepy.jwk import JWK, JWKEC, JWKRSA
from josepy.util import ComparableRSAKey

from certwright.authorities.authority import IssuanceFailed
from certwright.x509.keys import PrivateKey, describe_key


def json_web_key(key: PrivateKey) -> tuple[JWK, JWASignature]:
    """The key and the algorithm it signs with (RFC 8555 6.2); raises IssuanceFailed."""
    if isinstance(key, rsa.RSAPrivateKey):
        return JWKRSA(key=ComparableRSAKey(key)), RS256
    algorithms = {"secp256r1": ES256, "secp384r1": ES384, "secp521r1": ES512}
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in algorithms:
        return JWKEC(key=key), algorithms[key.curve.name]
    raise IssuanceFailed(
        f"An account cannot have a key of the kind {describe_key(key.public_key())}.",
        "Use an ECDSA P-256 or an RSA key for it.",
    )
