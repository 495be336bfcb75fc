"""A secret of type kubernetes.io/tls in a Kubernetes cluster.

Options: `secret` (its name) and, outside of a pod, `server` (https://HOST:PORT), `token-file`,
`ca-file`, `namespace`; each of these four is found in a pod by itself. Besides: `names`, `address`.

What was activated last is kept as the secret NAME-certwright-former while a switch is under way,
and as NAME-certwright-previous once it is confirmed.
"""

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from ...failures import FailureCode, MachineError
from ..options import addresses_of, names_of, no_endpoint
from ..pem.certificates import certificates_of, check_pair, thumbprint_of
from ..service import FoundEndpoint, FoundService, Material, MaterialForm, ServiceReference
from ..service_files.reading import read_file
from .secrets import TLS, Changed, Secret, Secrets

_POD = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Kubernetes' documentation, "Accessing the Kubernetes API from a Pod"."""
_FORMER, _PREVIOUS = "-certwright-former", "-certwright-previous"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_LONGEST_NAME = 253 - len(_PREVIOUS)
_CHAIN, _KEY = "tls.crt", "tls.key"
_MOST_TRIES = 3
_CERT_MANAGER = "cert-manager.io/certificate-name"
_LATER = (
    "Pods that mount the secret see it within about a minute, as a rule; those that mount it by "
    "subPath or read it into their environment see it once they are started anew."
)


class KubernetesSecret:
    """One secret, which is its one endpoint."""

    def __init__(
        self,
        reference: ServiceReference,
        environment: Mapping[str, str] = os.environ,
        pod: Path = _POD,
    ) -> None:
        """Raises INVALID_INPUT where the secret or the cluster is not named."""
        self._reference = reference
        self._name = _checked(reference.option("secret"), "secret")
        self._addresses = addresses_of(reference)
        self._secrets = Secrets(
            server=_server(reference.option("server") or _server_of_pod(environment)),
            token_file=Path(reference.option("token-file") or pod / "token"),
            ca_file=Path(reference.option("ca-file") or pod / "ca.crt"),
            namespace=_checked(_namespace(reference, pod), "namespace"),
        )

    def find(self) -> FoundService:
        """The certificate that the secret holds now."""
        secret = self._read()
        chain = certificates_of(secret.data.get(_CHAIN, b"").decode("ascii", "replace"))
        certificate = chain[0] if chain else b""
        return FoundService(
            kind=self._reference.kind,
            configuration=self._reference.configuration,
            version="",
            takes=MaterialForm.PEM,
            activation="nothing: the cluster hands the secret to those who use it",
            interrupts=False,
            endpoints=(
                FoundEndpoint(
                    name=self._name,
                    names=names_of(self._reference),
                    addresses=self._addresses,
                    place=self._place(self._name),
                    thumbprint=thumbprint_of(certificate),
                    certificate=certificate,
                    notes=tuple(_notes(secret)),
                ),
            ),
        )

    def select(self, endpoint: str, material: Material) -> tuple[str, ...]:
        """Write the secret, unless somebody else changes it each time meanwhile."""
        self._check(endpoint)
        check_pair(material)
        data = {_CHAIN: material.chain.encode("ascii"), _KEY: material.private_key.encode("ascii")}
        for _ in range(_MOST_TRIES):
            secret = self._read()
            if _pair(secret) == data:
                return ()
            is_kept = self._keep(secret)
            try:
                self._secrets.patch(self._name, secret.version, data)
                self._read_back(data)
            except (Changed, MachineError) as failure:
                if is_kept:  # else what is kept was activated before this
                    with suppress(MachineError, Changed):
                        self._secrets.delete(self._name + _FORMER)
                if isinstance(failure, MachineError):
                    raise
            else:
                return (self._place(self._name),)
        raise self._changed_meanwhile()

    def activate(self, endpoint: str) -> str:
        """Nothing is to be done."""
        self._check(endpoint)
        return f"Nothing was to be done. {_LATER}"

    def confirm(self, endpoint: str) -> None:
        """What was kept becomes the previous one."""
        self._check(endpoint)
        former = self._secrets.read(self._name + _FORMER)
        if former is None:
            return
        self._put(self._name + _PREVIOUS, _pair(former))
        self._secrets.delete(self._name + _FORMER)

    def undo(self, endpoint: str) -> tuple[str, ...]:
        """Put back what was activated last."""
        self._check(endpoint)
        former = self._secrets.read(self._name + _FORMER)
        if former is None:
            return ()
        self._put(self._name, _pair(former))
        self._read_back(_pair(former))
        self._secrets.delete(self._name + _FORMER)
        return (self._place(self._name),)

    def _read(self) -> Secret:
        secret = self._secrets.read(self._name)
        if secret is None:
            raise MachineError(
                FailureCode.NOT_FOUND,
                f"There is no {self._place(self._name)}.",
                "Make it once, with any certificate: kubectl create secret tls NAME --cert=FILE "
                "--key=FILE.",
            )
        if secret.kind != TLS:
            raise MachineError(
                FailureCode.INVALID_INPUT,
                f"The {self._place(self._name)} is of another type than {TLS}.",
                "Name one that `kubectl create secret tls` made.",
            )
        return secret

    def _keep(self, secret: Secret) -> bool:
        """Whether it is kept from now on; False where one was kept already, which stays."""
        name = self._name + _FORMER
        if self._secrets.read(name) is not None:
            return False
        try:
            self._secrets.create(name, _pair(secret))
        except Changed:
            return False
        return True

    def _put(self, name: str, data: Mapping[str, bytes]) -> None:
        for _ in range(_MOST_TRIES):
            secret = self._secrets.read(name)
            try:
                if secret is None:
                    self._secrets.create(name, data)
                else:
                    self._secrets.patch(name, secret.version, data)
            except Changed:
                continue
            return
        raise self._changed_meanwhile()

    def _read_back(self, data: Mapping[str, bytes]) -> None:
        if _pair(self._read()) != data:
            raise self._changed_meanwhile()

    def _changed_meanwhile(self) -> MachineError:
        return MachineError(
            FailureCode.CHANGED_MEANWHILE,
            f"Somebody else changes the {self._place(self._name)} at the same time.",
            "Look who else cares for it (cert-manager, Helm, Argo CD), and let only one of them.",
        )

    def _place(self, name: str) -> str:
        return f"secret {self._secrets.namespace}/{name}"

    def _check(self, endpoint: str) -> None:
        if endpoint != self._name:
            raise no_endpoint(endpoint, (self._name,))


def _pair(secret: Secret) -> Mapping[str, bytes]:
    return {name: secret.data.get(name, b"") for name in (_CHAIN, _KEY)}


def _notes(secret: Secret) -> list[str]:
    notes = [_LATER]
    if _CERT_MANAGER in secret.annotations:
        notes.append("cert-manager writes this secret too; let only one of the two do it.")
    if secret.is_immutable:
        notes.append("The secret is immutable, so no certificate can be selected.")
    return notes


def _namespace(reference: ServiceReference, pod: Path) -> str:
    named = reference.option("namespace")
    return named or read_file(pod / "namespace").decode("ascii", "replace").strip()


def _server_of_pod(environment: Mapping[str, str]) -> str:
    host = environment.get("KUBERNETES_SERVICE_HOST", "")
    port = environment.get("KUBERNETES_SERVICE_PORT", "443")
    return f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"


def _server(address: str) -> str:
    try:
        parts = urlsplit(address)
        is_right = parts.scheme == "https" and parts.hostname and parts.port != 0
    except ValueError:
        is_right = False
    if not is_right or parts.username or not address.isprintable() or not address.isascii():
        raise MachineError(
            FailureCode.INVALID_INPUT,
            "Where the Kubernetes API is, is not said.",
            "Name it by the option server as https://HOST:PORT; within a pod it is known.",
        )
    return address


def _checked(name: str, option: str) -> str:
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise MachineError(
            FailureCode.INVALID_INPUT,
            f"The option {option} is no name that Kubernetes takes.",
            f"Give the option {option}: lower-case letters, digits, '-' and '.', no more than "
            f"{_LONGEST_NAME} of them.",
        )
    return name
