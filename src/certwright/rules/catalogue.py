"""All rules there are, in the order in which the documentation lists them."""

from certwright.rules.chain import CHAIN_INCOMPLETE
from certwright.rules.keys import KEY_MISMATCH, PRIVATE_KEY_MISSING
from certwright.rules.names import CN_LACKS_NAME, SAN_LACKS_NAME
from certwright.rules.origin import PRIVATE_CA_FOR_CLOUD, SELF_SIGNED_IN_PRODUCTION
from certwright.rules.rule import Rule
from certwright.rules.usage import SERVER_AUTH_MISSING
from certwright.rules.validity import EXPIRED, NOT_YET_VALID

RULES: tuple[Rule, ...] = (
    SAN_LACKS_NAME,
    CN_LACKS_NAME,
    EXPIRED,
    NOT_YET_VALID,
    SERVER_AUTH_MISSING,
    CHAIN_INCOMPLETE,
    SELF_SIGNED_IN_PRODUCTION,
    PRIVATE_CA_FOR_CLOUD,
    PRIVATE_KEY_MISSING,
    KEY_MISMATCH,
)
