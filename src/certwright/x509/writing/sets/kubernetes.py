"""A set for Kubernetes: a secret of the type kubernetes.io/tls."""

import re
from base64 import b64encode

from certwright.x509.writing.sets.readme import Section, with_readme
from certwright.x509.writing.sets.ready_set import FOR_OWNER, Material, SetFile, root_files

_LONGEST_NAME = 59
"""A name has 63 characters at most where labels are made of it."""


def kubernetes_set(material: Material) -> tuple[SetFile, ...]:
    """A manifest (kubernetes.io/docs, Secrets, TLS Secrets)."""
    name = _secret_name(material)
    # Every value is of letters, digits and what Base64 adds, so none needs quotes.
    manifest = (
        "apiVersion: v1\n"
        "kind: Secret\n"
        "type: kubernetes.io/tls\n"
        "metadata:\n"
        f"  name: {name}\n"
        "data:\n"
        f"  tls.crt: {_base64(material.served_pem)}\n"
        f"  tls.key: {_base64(material.key_pem)}\n"
    )
    secret = SetFile(
        "secret.yaml",
        manifest.encode("ascii"),
        "the secret, with certificate, chain and private key",
        FOR_OWNER,
    )
    ingress = (
        "spec:",
        "  tls:",
        "    - hosts:",
        *(f'        - "{host}"' for host in material.hosts),
        f"      secretName: {name}",
    )
    check = (
        f"kubectl get secret {name} -n NAMESPACE -o jsonpath='{{.data.tls\\.crt}}' "
        "| base64 -d | openssl x509 -noout -subject -enddate"
    )
    sections = (
        Section("Activate", ("kubectl apply -n NAMESPACE -f secret.yaml",)),
        Section("Configuration", ingress, "In the Ingress of the same namespace:"),
        Section("Check", (check,)),
    )
    return with_readme(material, "Kubernetes", (secret, *root_files(material)), sections)


def _secret_name(material: Material) -> str:
    # RFC 1123: lower-case letters, digits and hyphens, a letter or digit at either end.
    return re.sub(r"[._-]+", "-", material.stem)[:_LONGEST_NAME].strip("-") + "-tls"


def _base64(content: bytes) -> str:
    return b64encode(content).decode("ascii")
