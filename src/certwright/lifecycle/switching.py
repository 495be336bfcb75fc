"""Making what serves an endpoint use a choice, and go back: the front, or a service's program."""

import secrets

from sqlalchemy import Connection

from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.judging import served_chain
from certwright.lifecycle.proving import is_served
from certwright.lifecycle.server import Server
from certwright.lifecycle.services.sealing import require_sealed
from certwright.machine.failures import MachineError
from certwright.machine.services.service import Material, MaterialForm
from certwright.machine.services.tasks import (
    ActivateService,
    Changed,
    ConfirmSelection,
    SelectCertificate,
    UndoSelection,
)
from certwright.machine.tasks import Result, Task
from certwright.services.endpoints import Choice, EndpointName, OwnEndpoint, ServiceEndpoint
from certwright.services.registered import RegisteredService, get_service
from certwright.stores.database import get_certificate
from certwright.x509.keys import private_key_to_pem
from certwright.x509.text import printable
from certwright.x509.writing.pfx import write_pfx


def switch(server: Server, endpoint: EndpointName, choice: Choice, former: Choice | None) -> None:
    """Make the running program serve `choice` in the place of `former`; proves nothing."""
    if isinstance(endpoint, ServiceEndpoint):
        _switch_service(server, endpoint, choice, former)
    else:
        apply_choice(server, endpoint, choice)


def switch_back(server: Server, endpoint: EndpointName, former: Choice) -> None:
    """Make it serve what it served before the switch; proves nothing."""
    if not isinstance(endpoint, ServiceEndpoint):
        apply_choice(server, endpoint, former)
        return
    service = _service(server, endpoint)
    undone = perform(server, service, UndoSelection(service.reference, endpoint.endpoint))
    # Where nothing had been changed there is no reason to restart anything.
    if undone != Changed(()) or not is_served(server, endpoint, former):
        perform(server, service, ActivateService(service.reference, endpoint.endpoint))


def confirm(server: Server, endpoint: EndpointName) -> None:
    """It is proven: a service need not keep the way back any longer."""
    if isinstance(endpoint, ServiceEndpoint):
        service = _service(server, endpoint)
        perform(server, service, ConfirmSelection(service.reference, endpoint.endpoint))


def left_to_people(server: Server, endpoint: EndpointName, choice: Choice) -> str:
    """What the node does not do for `choice` to be served there, "" where it does it all."""
    if not isinstance(endpoint, ServiceEndpoint) or choice.certificate is None:
        return ""
    with server.database.connect() as connection:
        service = get_service(connection, endpoint.service)
        certificate = get_certificate(connection, choice.certificate)
    if service.takes is not MaterialForm.THUMBPRINT:
        return ""
    return (
        f"{service.name} takes certificates from the store of its own machine, and this node does "
        f"not put them there. See that this one lies in Local Machine > Personal of that machine, "
        f"with its private key, which the service's account may read: certwright certificates "
        f"export {certificate.thumbprint} --format pfx --with-key --password-file FILE --out FILE, "
        "import it there, then try again."
    )


def apply_choice(server: Server, endpoint: OwnEndpoint, choice: Choice) -> None:
    """Hand certificate, chain and key to the front, and the protocol; proves nothing."""
    if choice.protocol.is_encrypted and choice.certificate is not None:
        with server.database.connect() as connection:
            chain, key = _material(server, connection, choice.certificate)
        server.front.switch_certificate(endpoint, chain, key)
    if endpoint is OwnEndpoint.WEB_SERVER:
        server.front.set_web_protocol(choice.protocol)


def perform(server: Server, service: RegisteredService, task: Task) -> Result:
    """Have a task done on the machine of `service`, as it was taken on.

    Raises its failure in our own terms, and NOT_PERMITTED where the seal does not fit.
    """
    require_sealed(server, service)
    return perform_on(server, service.machine, task)


def perform_on(server: Server, machine: str, task: Task) -> Result:
    """Have a task done on a machine; raises its failure in our own terms."""
    try:
        return server.machine(machine).run(task)
    except MachineError as failure:
        raise CertwrightError(
            ErrorCode(failure.code.value), printable(failure.message), printable(failure.remedy)
        ) from None


def _switch_service(
    server: Server, endpoint: ServiceEndpoint, choice: Choice, former: Choice | None
) -> None:
    service = _service(server, endpoint)
    if choice.certificate is None:
        return
    with server.database.connect() as connection:
        replaced = former.certificate if former else None
        material = _material_for(server, connection, service.takes, choice.certificate, replaced)
    perform(server, service, SelectCertificate(service.reference, endpoint.endpoint, material))
    perform(server, service, ActivateService(service.reference, endpoint.endpoint))


def _service(server: Server, endpoint: ServiceEndpoint) -> RegisteredService:
    with server.database.connect() as connection:
        return get_service(connection, endpoint.service)


def _material_for(
    server: Server,
    connection: Connection,
    form: MaterialForm,
    fingerprint: str,
    former: str | None,
) -> Material:
    """No more than the service needs: a private key goes only where it has to be."""
    thumbprint = get_certificate(connection, fingerprint).thumbprint
    former_thumbprint = get_certificate(connection, former).thumbprint if former else ""
    if form is MaterialForm.THUMBPRINT:
        return Material(thumbprint, former_thumbprint)
    if form is MaterialForm.PEM:
        pem, key = _material(server, connection, fingerprint)
        return Material(thumbprint, former_thumbprint, pem, key)
    leaf = get_certificate(connection, fingerprint)
    password = secrets.token_urlsafe(32)
    private_key = server.vault.get(connection, leaf.key_fingerprint)
    chain = served_chain(connection, leaf)[1:]
    pfx = write_pfx(leaf, chain, private_key, password, leaf.short_name)
    return Material(thumbprint, former_thumbprint, pfx=pfx, pfx_password=password)


def _material(server: Server, connection: Connection, fingerprint: str) -> tuple[str, str]:
    leaf = get_certificate(connection, fingerprint)
    key = server.vault.get(connection, leaf.key_fingerprint)
    chain = "".join(certificate.pem for certificate in served_chain(connection, leaf))
    return chain, private_key_to_pem(key)
