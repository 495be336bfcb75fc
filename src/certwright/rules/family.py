"""What a rule looks at, as people choose it with --only and --ignore."""

from enum import StrEnum


class Family(StrEnum):
    """In the order in which the documentation lists them."""

    NAMES = "names"
    TIME = "time"
    KEYS = "keys"
    SIGNATURES = "signatures"
    USAGE = "usage"
    CHAIN = "chain"
    REVOCATION = "revocation"
    ENVIRONMENT = "environment"
    KEY_ACCESS = "key-access"
    DEPLOYMENT = "deployment"
