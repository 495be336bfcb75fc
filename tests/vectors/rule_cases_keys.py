"""Vectors on keys and signatures."""

from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

from certwright.x509.certificate import Certificate

from .rule_authorities import Authority, Issuer, odd_root
from .rule_case import Case
from .weak_rsa import (
    close_primes_modulus,
    public_key,
    roca_modulus,
    small_factor_modulus,
    sound_modulus,
)


def key_cases(corp: Authority) -> list[Case]:
    chain, roots = (corp.intermediate,), (corp.root,)

    def case(name: str, key: Any, *expected: str, **more: Any) -> Case:
        leaf = corp.issuer.odd(public_key=key)
        return Case(name, leaf, expected, chain, roots, **more)

    def generated(exponent: int, bits: int) -> Any:
        return rsa.generate_private_key(public_exponent=exponent, key_size=bits).public_key()

    def on_curve(curve: ec.EllipticCurve) -> Any:
        return ec.generate_private_key(curve).public_key()

    guessable, browsers = "key-guessable error", "key-not-for-browsers warning"
    curve = "curve-unusable error"
    edwards = ed25519.Ed25519PrivateKey.generate().public_key()
    return [
        case("rsa-1024", generated(65537, 1024), "rsa-key-too-short error"),
        case("right-rsa-2048", generated(65537, 2048)),
        case("right-rsa-4096", public_key(sound_modulus(4096))),
        case("rsa-9216", public_key(sound_modulus(9216)), "rsa-key-very-long notice"),
        case("rsa-exponent-3", generated(3, 2048), "rsa-exponent-low warning"),
        case(
            "rsa-exponent-40-bits",
            public_key(sound_modulus(), 2**40 + 15),
            "rsa-exponent-unusable error",
        ),
        case("roca", public_key(roca_modulus()), guessable),
        case("close-primes", public_key(close_primes_modulus()), guessable),
        case("small-factor", public_key(small_factor_modulus()), guessable),
        case("curve-p192", on_curve(ec.SECP192R1()), curve),
        case("curve-p224", on_curve(ec.SECP224R1()), curve),
        case("curve-secp256k1", on_curve(ec.SECP256K1()), curve),
        case("curve-brainpool", on_curve(ec.BrainpoolP256R1()), curve),
        case("right-p384", on_curve(ec.SECP384R1())),
        case("p521", on_curve(ec.SECP521R1()), browsers),
        case("ed25519", edwards, browsers),
        case("ed25519-cloud", edwards, *_cloud(), environment="cloud"),
        case("ed448", ed448.Ed448PrivateKey.generate().public_key(), browsers),
        Case(
            "rsa-pss-key",
            corp.issuer.signed_by_openssl("sha256", "-newkey rsa-pss"),
            (browsers,),
            chain,
            roots,
        ),
        _weak_intermediate("weak-key-in-chain", corp),
    ]


def _cloud() -> Sequence[str]:
    return ("key-not-for-browsers error", "private-ca-for-cloud error")


def _weak_intermediate(name: str, corp: Authority) -> Case:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505
    weak = corp.top.odd_authority("Weak Issuing", key=key)
    leaf = weak.odd()
    return Case(name, leaf, ("weak-key-in-chain error",), (weak.certificate,), (corp.root,))


def signature_cases(corp: Authority) -> list[Case]:
    chain, roots = (corp.intermediate,), (corp.root,)
    weak, in_chain = ("weak-signature error",), ("weak-signature-in-chain error",)
    old_root = _root_signed_with_sha1()
    intermediate = old_root.odd_authority("Issuing under an old root")
    middle = _signed_again_with_sha1(corp.top.odd_authority("Issuing by SHA-1"), corp)
    own = old_root.odd()
    # With RSA, since there is no ECDSA with MD5.
    md5_root = odd_root(
        "RSA Root", key=rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )
    md5_roots = (md5_root.certificate,)
    return [
        Case("signed-with-sha1", corp.issuer.signed_by_openssl("sha1"), weak, chain, roots),
        Case("signed-with-md5", md5_root.signed_by_openssl("md5"), weak, (), md5_roots),
        Case("intermediate-signed-with-sha1", middle.odd(), in_chain, (middle.certificate,), roots),
        Case(
            "right-root-signed-with-sha1",
            intermediate.odd(),
            (),
            (intermediate.certificate,),
            (old_root.certificate,),
        ),
        Case("right-directly-under-sha1-root", own, (), (), (old_root.certificate,)),
        Case(
            "signature-changed", _changed(corp.issue()), ("signature-invalid error",), chain, roots
        ),
    ]


def _changed(certificate: Certificate) -> Certificate:
    """With another first octet in its serial number, so that the signature is of something else."""
    serial = bytes.fromhex(certificate.serial)
    return Certificate.from_der(
        certificate.der.replace(serial, bytes([serial[0] ^ 1]) + serial[1:], 1)
    )


def _root_signed_with_sha1() -> Issuer:
    root = odd_root("Old Root")
    return Issuer(root.sign_with_sha1(root.certificate), root.key)


def _signed_again_with_sha1(issuer: Issuer, corp: Authority) -> Issuer:
    return Issuer(corp.top.sign_with_sha1(issuer.certificate), issuer.key)
