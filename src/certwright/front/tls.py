"""The TLS that the front speaks: versions, groups, ciphers, and where its certificates are."""

from pathlib import Path

from certwright.front.files import JsonObject, watched
from certwright.front.secrets import secret_path
from certwright.front.validation import TlsValidation
from certwright.services.endpoints import EndpointName

_CONTEXT = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext"
_INSPECTOR = "type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector"
_HANDSHAKE_TIMEOUT = "10s"
_VALIDATION_PROTOCOL = "acme-tls/1"  # RFC 8737 6.2

VALIDATING: JsonObject = {"application_protocols": [_VALIDATION_PROTOCOL]}
"""How a filter chain says that it is for authorities that look."""

TLS_PARAMETERS: JsonObject = {
    # RFC 8996 deprecates TLS 1.0 and 1.1.
    "tls_minimum_protocol_version": "TLSv1_2",
    "tls_maximum_protocol_version": "TLSv1_3",
    # Hybrid first, against what is recorded today and broken later (draft-ietf-tls-ecdhe-mlkem).
    "ecdh_curves": ["X25519MLKEM768", "X25519", "P-256"],
    # TLS 1.2: forward secrecy and AEAD only (RFC 9325 4.2); in brackets the client's preference
    # counts, for it knows whether it has AES in hardware. TLS 1.3 has no other kind.
    "cipher_suites": [
        "[ECDHE-ECDSA-AES128-GCM-SHA256|ECDHE-ECDSA-CHACHA20-POLY1305]",
        "[ECDHE-RSA-AES128-GCM-SHA256|ECDHE-RSA-CHACHA20-POLY1305]",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384",
    ],
}


def tls_filter_chain(endpoint: EndpointName, secrets_folder: Path) -> JsonObject:
    """What a listener's filter chain needs to serve the endpoint's certificate.

    The secret comes from a file that Envoy watches: a new one is used for the next handshake,
    and no open connection notices.
    """
    source = watched(secret_path(secrets_folder, endpoint))
    secrets = [{"name": str(endpoint), "sds_config": source}]
    return _tls(["h2", "http/1.1"], {"tls_certificate_sds_secret_configs": secrets})


def validation_filter_chain(validation: TlsValidation) -> JsonObject:
    """What a filter chain needs to show a validation's certificate to whoever is to see it."""
    certificate = {
        "certificate_chain": {"inline_string": validation.certificate_pem},
        "private_key": {"inline_string": validation.private_key_pem},
    }
    return {
        "filter_chain_match": {"server_names": [validation.server_name], **VALIDATING},
        **_tls([_VALIDATION_PROTOCOL], {"tls_certificates": [certificate]}),
    }


def tls_inspector() -> JsonObject:
    """The listener filter that reads which name and protocol a client asks for.

    Every encrypted listener has it always: a listener whose filters change is made anew, and its
    connections end; one whose filter chains change keeps all connections of the others.
    """
    return {
        "listener_filters_timeout": _HANDSHAKE_TIMEOUT,
        "listener_filters": [
            {"name": "envoy.filters.listener.tls_inspector", "typed_config": {"@type": _INSPECTOR}}
        ],
    }


def _tls(protocols: list[str], certificates: JsonObject) -> JsonObject:
    return {
        "transport_socket_connect_timeout": _HANDSHAKE_TIMEOUT,
        "transport_socket": {
            "name": "envoy.transport_sockets.tls",
            "typed_config": {
                "@type": _CONTEXT,
                "common_tls_context": {
                    "tls_params": TLS_PARAMETERS,
                    "alpn_protocols": protocols,
                    **certificates,
                },
            },
        },
    }
