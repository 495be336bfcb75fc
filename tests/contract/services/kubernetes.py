"""A TLS secret, at a server that does what Kubernetes' API documentation says."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from certwright.machine.services.kubernetes.service import KubernetesSecret
from certwright.machine.services.pem.certificates import certificates_of, thumbprint_of
from certwright.x509.keys import private_key_to_pem

from ...interop.services.kubernetes_server import KubernetesServer, kubernetes_server
from ...unit.foreign_authority import Issued
from .adapter import ServiceAdapter, State, pem_chain, pem_material


@dataclass(frozen=True)
class SecretAdapter(ServiceAdapter):
    """As its base, with secrets in the place of files."""

    cluster: KubernetesServer | None = None

    def state(self) -> State:
        """All objects but their versions, which change with every writing."""
        assert self.cluster is not None
        return {Path(name): _content(one) for name, one in self.cluster.secrets.items()}


@contextmanager
def running(folder: Path, issued: Issued) -> Iterator[ServiceAdapter]:
    """One secret, and another value in it that is nobody's business."""
    with kubernetes_server(folder) as cluster:
        cluster.put("web-tls", pem_chain(issued), private_key_to_pem(issued.key))
        cluster.secrets["web-tls"]["data"]["ca.crt"] = "AAAA"
        yield SecretAdapter(
            service=KubernetesSecret(cluster.reference()),
            endpoint="web-tls",
            current=issued,
            served=lambda: thumbprint_of(certificates_of(cluster.text("web-tls"))[0]),
            material=pem_material,
            cluster=cluster,
        )


def _content(secret: dict[str, object]) -> tuple[bytes, int, int, int]:
    metadata = secret["metadata"]
    assert isinstance(metadata, dict)
    others = {name: metadata[name] for name in metadata if name != "resourceVersion"}
    return json.dumps({**secret, "metadata": others}, sort_keys=True).encode(), 0, 0, 0
