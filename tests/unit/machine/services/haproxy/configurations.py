"""Configurations of HAProxy, read."""

from pathlib import Path

from certwright.machine.services.haproxy.configuration import Configuration, read_configuration

MAIN = Path("/etc/haproxy/haproxy.cfg")


def read(text: str, **environment: str) -> Configuration:
    return read_configuration([(MAIN, text)], environment)
