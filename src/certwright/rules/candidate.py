"""What is judged, and what it is judged against."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from certwright.rules.environment import Environment
from certwright.rules.revocation import Revocation
from certwright.x509.certificate import Certificate
from certwright.x509.chains import Trust, trust_in
from certwright.x509.names import ServerName
from certwright.x509.profile import Profile


@dataclass(frozen=True)
class KeyAccess:
    """Whether the account that the service runs under may read the private key."""

    account: str
    readable: bool
    others_who_can: tuple[str, ...] = ()


@dataclass(frozen=True)
class EndpointChoice:
    """One endpoint, as people call it ("Web Server"), with what is saved and what is served."""

    title: str
    saved: Certificate | None
    active: Certificate | None


@dataclass(frozen=True)
class Deployment:
    """The endpoint whose certificate is judged, and the service's other ones."""

    here: EndpointChoice
    others: tuple[EndpointChoice, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """A certificate that a server might use, with what is at hand beside it.

    `chain` are other certificates at hand, its issuers among them, in any order.
    `private_key_fingerprint` is the SHA-256 of the public half (hex) of the private key that is
    there, None if there is none or it cannot be looked at.
    `given_chain` is what a server sends or a file holds above the leaf, in its order; None where
    there is no such order. `same_key` are other certificates with the same key. What was not
    looked at (revocation, key access, deployment) is None, and no rule speaks of it.
    """

    certificate: Certificate
    chain: tuple[Certificate, ...]
    has_private_key: bool
    private_key_fingerprint: str | None
    given_chain: tuple[Certificate, ...] | None = None
    same_key: tuple[Certificate, ...] = ()
    revocation: Revocation | None = None
    key_access: KeyAccess | None = None
    deployment: Deployment | None = None


@dataclass(frozen=True)
class Requirement:
    """What a server demands: its names, each to be covered, the first also as Common Name.
    `profile` is what the certificate is for: with that of a client, a client demands it.

    `at` is the moment to judge at (UTC), `trusted_roots` those a chain may end in,
    `public_roots` those that everybody trusts. `by_public_rules` says whether the rules for public
    authorities are asked of the certificate; None: if it is from one. `debian_weak_keys` are the
    entries (`debian_list_entry`) of the lists at hand of keys that Debian's OpenSSL made.
    `trusts_no_others` says that `trusted_roots` are all that its clients trust, not merely those
    known here: a chain that ends elsewhere is a fault in a test environment too.
    """

    names: tuple[ServerName, ...]
    environment: Environment
    at: datetime
    trusted_roots: tuple[Certificate, ...]
    public_roots: tuple[Certificate, ...]
    by_public_rules: bool | None = None
    debian_weak_keys: frozenset[str] = frozenset()
    trusts_no_others: bool = False
    profile: Profile = Profile.SERVER

    @cached_property
    def known_public_roots(self) -> frozenset[Certificate]:
        """The public roots, for looking one up."""
        return frozenset(self.public_roots)

    @cached_property
    def public_names(self) -> frozenset[str]:
        """The subjects of the public roots."""
        return frozenset(root.subject for root in self.public_roots)

    @cached_property
    def trust(self) -> Trust:
        """Trust in `trusted_roots`."""
        return trust_in(self.trusted_roots)
