"""The second half of the way: selected, activated and proven at each endpoint of the former one."""

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from sqlalchemy import Connection, select

from certwright.access.rights import Caller, Right
from certwright.authorities.authority import IssuanceFailed
from certwright.database.node_views import activations
from certwright.lifecycle.activation import begin_activation, run_activation
from certwright.lifecycle.activation_record import Activation, ActivationState
from certwright.lifecycle.renewal.obtaining import new_errors, own_endpoints_using
from certwright.lifecycle.renewal.record import (
    OUTCOME,
    Renewal,
    get_renewal,
    keep_renewal,
    with_step,
)
from certwright.lifecycle.renewal.windows import next_opening
from certwright.lifecycle.server import Server
from certwright.services.endpoints import (
    Choice,
    Endpoint,
    EndpointName,
    endpoints_using,
    get_endpoint,
    save_choice,
)
from certwright.stores.database import get_certificate


@dataclass(frozen=True)
class Installed:
    """How it went: `failures` of endpoints by their own words, `opens_at` the next window.

    `is_former_served` tells whether all that failed serve what they served before.
    """

    failures: tuple[str, ...]
    opens_at: datetime | None
    is_former_served: bool


def install(server: Server, renewal: Renewal, zone: tzinfo) -> Installed:
    """Bring the new certificate to every endpoint that still uses the former one.

    One endpoint's failure keeps no other from it; each that fails serves the former one again.
    """
    failures: list[str] = []
    is_former_served = True
    opening: list[datetime] = []
    with server.database.connect() as connection:
        endpoints = own_endpoints_using(connection, renewal.wanted.certificate, renewal.issued)
    for endpoint in endpoints:
        if _is_installed(endpoint, renewal) or _was_chosen_otherwise(endpoint, renewal):
            continue
        opens_at = _opens_at(server, endpoint, renewal, zone)
        if opens_at > server.now():
            opening.append(opens_at)
            continue
        _refuse_unfit(server, endpoint, renewal)
        activation = _activate(server, endpoint.name, renewal)
        is_proven = activation.state is ActivationState.PROVEN
        if not is_proven:
            _select_former(server, endpoint.name, renewal)
            failures.append(f"{endpoint.name.label}: {activation.failure}")
            is_former_served &= activation.state is ActivationState.PUT_BACK
        _record_outcome(server, renewal, activation, is_proven=is_proven)
    return Installed(tuple(failures), min(opening, default=None), is_former_served)


def what_is_served(*, is_former: bool) -> str:
    """Said of an endpoint at which a switch failed."""
    if is_former:
        return "The former certificate is served."
    return "The former certificate is not served there either: mend that first."


def _is_installed(endpoint: Endpoint, renewal: Renewal) -> bool:
    active = endpoint.active.certificate if endpoint.active else None
    return active == renewal.issued and endpoint.saved.certificate == renewal.issued


def _was_chosen_otherwise(endpoint: Endpoint, renewal: Renewal) -> bool:
    """Whether somebody selected another certificate meanwhile: that is not to be undone."""
    return endpoint.saved.certificate not in {renewal.wanted.certificate, renewal.issued}


def _opens_at(server: Server, endpoint: Endpoint, renewal: Renewal, zone: tzinfo) -> datetime:
    """At once where somebody asked for that after all."""
    if not endpoint.renewal.window or renewal.is_wanted_now or endpoint.active is None:
        return server.now()
    with server.database.connect() as connection:
        served = endpoint.active.certificate
        certificate = get_certificate(connection, served) if served else None
    return next_opening(endpoint.renewal.window, server.now(), zone, certificate)


def _refuse_unfit(server: Server, endpoint: Endpoint, renewal: Renewal) -> None:
    """Judge it where it is to be served: the node that obtained it may have been another one."""
    assert renewal.issued is not None  # noqa: S101 - the way here leads by its issuance
    if unfinished_activation(server, endpoint.name, renewal) is not None:
        return
    with server.database.connect() as connection:
        leaf = get_certificate(connection, renewal.issued)
        wrong = new_errors(server, connection, renewal, leaf, [endpoint])
        is_in_use = bool(endpoints_using(connection, renewal.issued))
    if wrong:
        raise IssuanceFailed(
            f"{endpoint.name.label}: the new certificate is not right. {' '.join(wrong)}",
            what_is_served(is_former=True),
            starts_over=not is_in_use,
        )


def _activate(server: Server, name: EndpointName, renewal: Renewal) -> Activation:
    identifier = unfinished_activation(server, name, renewal)
    if identifier is None:
        with server.database.begin() as connection:
            _save(server, connection, name, renewal)
        caller = Caller(renewal.wanted.actor, Right.ADMIN)
        identifier = begin_activation(server, name, caller, renewal.id)
    return run_activation(server, identifier)


def _record_outcome(
    server: Server, renewal: Renewal, activation: Activation, *, is_proven: bool
) -> None:
    title = activation.endpoint.label
    sentence = f"{title} proven." if is_proven else f"{title} not proven. {activation.failure}"
    with server.database.begin() as connection:
        current = get_renewal(connection, renewal.id)
        keep_renewal(connection, with_step(current, OUTCOME, sentence, server.now(), ok=is_proven))


def unfinished_activation(server: Server, name: EndpointName, renewal: Renewal) -> int | None:
    """The activation at `name` that a killed process left half-way, None if there is none."""
    with server.database.connect() as connection:
        identifier: int | None = connection.execute(
            select(activations.c.id).where(
                activations.c.endpoint == name,
                activations.c.renewal == renewal.id,
                activations.c.state == ActivationState.RUNNING.value,
            )
        ).scalar_one_or_none()
    return identifier


def _save(server: Server, connection: Connection, name: EndpointName, renewal: Renewal) -> None:
    endpoint = get_endpoint(connection, name)
    if endpoint.saved.certificate == renewal.issued:
        return
    choice = Choice(endpoint.saved.protocol, renewal.issued)
    save_choice(connection, name, choice, endpoint.version)
    current = get_renewal(connection, renewal.id)
    sentence = f"Selected for {name.in_words}."
    keep_renewal(connection, with_step(current, "select", sentence, server.now(), ok=True))


def _select_former(server: Server, name: EndpointName, renewal: Renewal) -> None:
    """What is saved is what the next start serves, so it must not be what just failed."""
    with server.database.begin() as connection:
        endpoint = get_endpoint(connection, name)
        if endpoint.saved.certificate == renewal.issued and renewal.wanted.certificate is not None:
            former = replace(endpoint.saved, certificate=renewal.wanted.certificate)
            save_choice(connection, name, former, endpoint.version)
