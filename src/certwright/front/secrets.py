"""Certificates and private keys on their way to Envoy (its secret discovery service, by file)."""

import hashlib
from pathlib import Path

from certwright.front.files import JsonObject, discovery_response, write_json

_TYPE = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"


def secret_path(folder: Path, endpoint: str) -> Path:
    """The file that holds an endpoint's secret."""
    return folder / f"{endpoint}.json"


def write_secret(
    folder: Path, endpoint: str, certificate_chain_pem: str, private_key_pem: str
) -> str:
    """Put chain (leaf first) and key (unencrypted PEM) in place in one step; returns the version.

    One file holds both, so that Envoy never pairs a new certificate with an old key.
    `folder` must be on tmpfs and 0700: here the private key stands in the clear.
    """
    content = secret(endpoint, certificate_chain_pem, private_key_pem)
    write_json(secret_path(folder, endpoint), content)
    return str(content["version_info"])


def secret(endpoint: str, certificate_chain_pem: str, private_key_pem: str) -> JsonObject:
    """The file's content; its version tells chain and key apart without giving anything away."""
    version = hashlib.sha256(f"{certificate_chain_pem}\0{private_key_pem}".encode()).hexdigest()
    return discovery_response(
        version,
        [
            {
                "@type": _TYPE,
                "name": endpoint,
                "tls_certificate": {
                    "certificate_chain": {"inline_string": certificate_chain_pem},
                    "private_key": {"inline_string": private_key_pem},
                },
            }
        ],
    )


def make_empty_secret(folder: Path, endpoint: str) -> None:
    """Let there be a file to watch where there is no secret yet.

    Envoy refuses a listener whose secret's file is missing, for good; with an empty one it waits.
    """
    path = secret_path(folder, endpoint)
    if not path.exists():
        write_json(path, discovery_response("", []))
