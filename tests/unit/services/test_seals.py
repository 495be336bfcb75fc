"""What a node took on counts as it was then, and for that node alone."""

from dataclasses import replace

import pytest

from certwright.machine.services.service import MaterialForm, Option
from certwright.rules.environment import Environment
from certwright.services.registered import RegisteredService
from certwright.services.seals import ServiceSeals

SEALS = ServiceSeals("todd-0001", bytes(32))
SERVICE = SEALS.sealed(
    RegisteredService(
        name="nginx",
        kind="nginx",
        machine="local",
        configuration="/etc/nginx/nginx.conf",
        options=(Option("reload", "systemctl reload nginx"), Option("names", "a.example")),
        environment=Environment.TEST,
        takes=MaterialForm.PEM,
        version="1.22",
        activation="reload",
        interrupts=False,
        notes=(),
    )
)


def test_what_was_taken_on_fits() -> None:
    assert SEALS.fits(SERVICE)


def test_what_a_later_look_finds_changes_nothing() -> None:
    assert SEALS.fits(replace(SERVICE, version="1.24", interrupts=True, notes=("new",)))


@pytest.mark.parametrize(
    "changed",
    [
        replace(SERVICE, name="nginx2"),
        replace(SERVICE, kind="command"),
        replace(SERVICE, machine="other"),
        replace(SERVICE, configuration="/tmp/nginx.conf"),
        replace(SERVICE, options=(Option("reload", "/tmp/x"), Option("names", "a.example"))),
        replace(SERVICE, options=SERVICE.options[:1]),
        replace(SERVICE, options=()),
        replace(SERVICE, seal=None),
        replace(SERVICE, seal=""),
        replace(SERVICE, seal="ü"),
    ],
)
def test_what_was_changed_does_not_fit(changed: RegisteredService) -> None:
    assert not SEALS.fits(changed)


@pytest.mark.parametrize(
    "other", [ServiceSeals("todd-0002", SEALS.key), ServiceSeals(SEALS.node, b"\1" * 32)]
)
def test_what_another_node_took_on_does_not_fit(other: ServiceSeals) -> None:
    assert not SEALS.fits(other.sealed(SERVICE))


def test_the_key_is_not_shown() -> None:
    assert "key" not in repr(SEALS)
