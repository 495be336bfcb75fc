"""What kind of place a server stands in, which decides how much is demanded of it."""

from enum import StrEnum


class Environment(StrEnum):
    """From the least to the most demanding."""

    TEST = "test"
    """Self-signed certificates will do."""

    PRODUCTION = "production"
    """A certification authority must have issued it, the company's own or a public one."""

    CLOUD = "cloud"
    """Called from outside the company's network, so only public authorities are trusted."""
