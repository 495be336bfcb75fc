"""Xtract Universal and Board Connector of Theobald Software: a thumbprint in settings files.

The certificate itself lies in the Windows Certificate Store. Sources: the vendor's help centre,
pages "Install an X.509 Certificate", "Server", "Server Settings" and "Certificate Renewal" of
either product; docs/services.md says what they tell and what is assumed.
"""

import os
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...failures import FailureCode, MachineError
from ..activation.windows_service import restart_service
from ..options import command_of, names_of, no_endpoint, run_or_fail
from ..service import Address, FoundEndpoint, FoundService, Material, MaterialForm, ServiceReference
from ..service_files.reading import read_file
from ..service_files.replacing import keep_as_previous, put_back, set_aside
from .settings import (
    Choice,
    Endpoint,
    SettingsFile,
    likely_choices,
    only_thumbprint,
    port_of,
    reset_files,
    server_settings,
    settings_files,
    switched_files,
)
from .switching import confirm_switch, undo_switch, write_all

_TLS_SETTINGS = ("servers/tls.json", "server/tls.json")
_THUMBPRINT = re.compile(r"[0-9a-f]{40}")
_STORE = (
    "It takes certificates from the Windows Certificate Store of its machine: each has to lie in "
    "Local Machine > Personal, with its private key, before it is activated."
)
_TABS = {Endpoint.CONFIGURATION_SERVER: "Configuration Server", Endpoint.WEB_SERVER: "Web Server"}


@dataclass(frozen=True)
class Product:
    """What the vendor's pages say of one product: customary folder, ports and service name."""

    kind: str
    name: str
    folder: str
    windows_service: str
    ports: Mapping[Endpoint, int]
    notes: tuple[str, ...] = ()


XTRACT_UNIVERSAL = Product(
    "xtract-universal",
    "Xtract Universal",
    "XtractUniversal",
    "XtractUniversal Service",
    {Endpoint.CONFIGURATION_SERVER: 8064, Endpoint.WEB_SERVER: 8165},
)
BOARD_CONNECTOR = Product(
    "board-connector",
    "Board Connector",
    "BOARDConnector",
    "BOARD Connector Service",
    {Endpoint.CONFIGURATION_SERVER: 8096, Endpoint.WEB_SERVER: 8197},
    (
        "Board Cloud takes certificates of public authorities only: where it calls this Web "
        "Server, the endpoint's environment is cloud.",
    ),
)


class TheobaldService:
    """An installation of one of the products, by its folder."""

    def __init__(self, product: Product, reference: ServiceReference) -> None:
        self._product = product
        self._reference = reference

    def find(self) -> FoundService:
        """Both endpoints, and the thumbprint that stands for each in the server settings."""
        files = self._server_settings()
        choices = {one: likely_choices(files, one) for one in Endpoint}
        return FoundService(
            kind=self._product.kind,
            configuration=str(self._folder),
            version=self._version(),
            takes=MaterialForm.THUMBPRINT,
            activation=self._activation,
            interrupts=True,
            endpoints=tuple(
                self._endpoint(one, choices[one], _is_shared(choices), files) for one in Endpoint
            ),
            notes=(*self._product.notes, _STORE, *self._cut_off()),
        )

    def select(self, endpoint: str, material: Material) -> tuple[str, ...]:
        """Exchange the thumbprint in every settings file that holds the former one.

        A reset that was cut off before the restart is taken back first: whoever selects wants to
        keep the settings, and the program still runs with them.

        Raises NOT_FOUND where none does, CHANGED_MEANWHILE where another was chosen by somebody
        else, and what `write_all` raises; nothing is changed then.
        """
        one, chosen = _endpoint(endpoint), _checked(material.thumbprint)
        named = _checked(material.former_thumbprint) if material.former_thumbprint else ""
        for path, _ in list(reset_files(self._config)):
            put_back(path)
        formers = self._formers(one, named)
        changes: list[tuple[SettingsFile, bytes]] = []
        is_there = False
        for file in settings_files(self._config):
            is_there = is_there or bool(file.choices(one, chosen))
            found = [each for former in formers - {chosen} for each in file.choices(one, former)]
            if found:
                changes.append((file, file.exchanged((each, chosen) for each in found)))
        if not changes and not is_there:
            raise self._not_there(one, named)
        return write_all(changes)

    def activate(self, endpoint: str) -> str:
        """Restart it: by the option `restart`, else its Windows service."""
        _endpoint(endpoint)
        are_reset = [path for path, _ in reset_files(self._config)]
        command = command_of(self._reference, "restart")
        if command:
            run_or_fail(command)
        else:
            restart_service(self._windows_service)
        for path in are_reset:  # it runs without them now: no later switch goes back to them
            keep_as_previous(path)
        return f"{self._product.name} was restarted ({self._activation})."

    def confirm(self, endpoint: str) -> None:
        """Keep the former settings as the previous ones, but for what the other endpoint needs."""
        one = _endpoint(endpoint)
        for path, former in list(switched_files(self._config)):
            confirm_switch(path, former, one)

    def undo(self, endpoint: str) -> tuple[str, ...]:
        """Put the former thumbprint back; other settings saved since stay as they are.

        Raises CHANGED_MEANWHILE where they were changed so much that it has no place there.
        """
        one = _endpoint(endpoint)
        switched = list(switched_files(self._config))
        return tuple(str(path) for path, former in switched if undo_switch(path, former, one))

    def reset(self) -> tuple[str, ...]:
        """Remove `tls.json`, which resets all TLS settings, and keep it beside; returns places.

        The vendor's way out for whoever is locked out by an expired certificate. One that was cut
        off is brought to its end.
        """
        files = [self._config / name for name in _TLS_SETTINGS]
        return tuple(str(path) for path in files if set_aside(path))

    @property
    def _folder(self) -> Path:
        if self._reference.configuration:
            return Path(self._reference.configuration)
        return Path(os.environ.get("PROGRAMFILES", "C:\\Program Files")) / self._product.folder

    @property
    def _config(self) -> Path:
        config = self._folder / "config"
        if not config.is_dir():
            raise MachineError(
                FailureCode.NOT_FOUND,
                f"{self._folder} holds no {self._product.name}: its folder config is not there.",
                "Name the installation folder, the one that holds config.",
            )
        return config

    @property
    def _windows_service(self) -> str:
        return self._reference.option("service", self._product.windows_service)

    @property
    def _activation(self) -> str:
        command = shlex.join(command_of(self._reference, "restart"))
        return command or f"restart of the Windows service {self._windows_service}"

    def _version(self) -> str:
        path = self._config / "version.txt"
        if not path.is_file():
            return ""
        words = read_file(path)[:200].decode("utf-8-sig", "replace").split()
        return f"{self._product.name} {words[0]}" if words else ""

    def _endpoint(
        self, one: Endpoint, choices: Sequence[Choice], is_shared: bool, files: list[SettingsFile]
    ) -> FoundEndpoint:
        thumbprint = only_thumbprint(choices)
        places = [str(file.path) for file in files if thumbprint and file.choices(one, thumbprint)]
        return FoundEndpoint(
            name=one.value,
            names=names_of(self._reference),
            addresses=(self._address(one, files),),
            place=", ".join(places),
            thumbprint=thumbprint,
            certificate=b"",
            notes=_notes(one, choices, is_shared),
        )

    def _address(self, one: Endpoint, files: list[SettingsFile]) -> Address:
        given = self._reference.option(f"{one.value}-port")
        if given and not (given.isascii() and given.isdecimal() and 0 < int(given) < 65536):
            raise MachineError(
                FailureCode.INVALID_INPUT,
                f"{given!r} is not a port.",
                f"Give a number from 1 to 65535 in the option {one.value}-port.",
            )
        port = int(given) if given else port_of(files, one) or self._product.ports[one]
        return Address(self._reference.option("host", "127.0.0.1"), port)

    def _formers(self, one: Endpoint, named: str) -> set[str]:
        """What is replaced: the named or found one, and what a switch cut off has left over."""
        formers = {named} if named else self._likely(self._server_settings(), one)
        return formers | self._likely((kept for _, kept in switched_files(self._config)), one)

    def _server_settings(self) -> list[SettingsFile]:
        """As the program has read them: with those that a reset has only just removed."""
        removed = (file for _, file in reset_files(self._config))
        return [*server_settings(self._config), *removed]

    def _cut_off(self) -> tuple[str, ...]:
        paths = [str(path) for path, _ in reset_files(self._config)]
        if not paths:
            return ()
        return (
            f"A reset of the TLS settings was cut off before the restart; {', '.join(paths)} is "
            "kept beside. Selecting a certificate puts it back, another reset ends it.",
        )

    def _likely(self, files: Iterable[SettingsFile], one: Endpoint) -> set[str]:
        return {only_thumbprint(likely_choices(files, one))} - {""}

    def _not_there(self, one: Endpoint, named: str) -> MachineError:
        others = self._likely(self._server_settings(), one)
        if named and others:
            return MachineError(
                FailureCode.CHANGED_MEANWHILE,
                f"The {_TABS[one]} of {self._product.name} uses {others.pop()} now, not {named}.",
                "Somebody selected another certificate: look at the service again, then select.",
            )
        return MachineError(
            FailureCode.NOT_FOUND,
            f"No settings file below {self._config} tells the certificate of the {_TABS[one]}.",
            f"Select one in the Designer once, under Server > Settings > {_TABS[one]}.",
        )


def _endpoint(name: str) -> Endpoint:
    try:
        return Endpoint(name)
    except ValueError:
        raise no_endpoint(name, tuple(Endpoint)) from None


def _checked(thumbprint: str) -> str:
    if not _THUMBPRINT.fullmatch(thumbprint):
        raise MachineError(
            FailureCode.INVALID_INPUT,
            f"{thumbprint[:80]!r} is not a thumbprint.",
            "Give the 40 hexadecimal digits, in lower case.",
        )
    return thumbprint


def _is_shared(choices: Mapping[Endpoint, Sequence[Choice]]) -> bool:
    return all(found and found[0].endpoint is None for found in choices.values())


def _notes(one: Endpoint, choices: Sequence[Choice], is_shared: bool) -> tuple[str, ...]:
    notes = []
    if not choices:
        notes.append(
            f"No settings file names a certificate for it: select one in the Designer once, under "
            f"Server > Settings > {_TABS[one]}."
        )
    elif not only_thumbprint(choices):
        notes.append("Several thumbprints stand there, and nothing tells which of them is its.")
    elif is_shared:
        notes.append("Both endpoints share this choice: selecting for one selects for both.")
    return tuple(notes)
