"""One candidate before one requirement, with what several rules need worked out once."""

from dataclasses import dataclass
from functools import cached_property

from certwright.rules.candidate import Candidate, Requirement
from certwright.rules.environment import Environment
from certwright.x509.certificate import Certificate
from certwright.x509.chains import ChainVerdict, complete_chain
from certwright.x509.names import ServerName


@dataclass(frozen=True)
class Case:
    """What a rule is asked about. Nothing in it changes, so each fact is worked out once."""

    candidate: Candidate
    requirement: Requirement

    @property
    def certificate(self) -> Certificate:
        """The one that is judged."""
        return self.candidate.certificate

    @property
    def environment(self) -> Environment:
        """What kind of place the server stands in."""
        return self.requirement.environment

    @cached_property
    def lacking_names(self) -> tuple[ServerName, ...]:
        """The server's names that no entry of the Subject Alternative Name covers."""
        return tuple(name for name in self.requirement.names if not self.certificate.covers(name))

    @cached_property
    def verdict(self) -> ChainVerdict:
        """Whether the chain leads to a trusted root, names and usages of the leaf left out.

        Judged within the certificate's own time: its names, usages and dates are other rules'
        matter, and must not show a second time as a broken chain.
        """
        certificate, requirement = self.certificate, self.requirement
        at = max(certificate.not_before, min(requirement.at, certificate.not_after))
        return requirement.trust.verify(
            *(certificate, self.candidate.chain, None, at),
            usages=requirement.profile.usages,
            for_any_purpose=True,
        )

    @cached_property
    def path(self) -> tuple[Certificate, ...]:
        """Leaf first: the verified path, else as far as the certificates at hand lead."""
        return self.verdict.path

    @cached_property
    def is_public(self) -> bool:
        """Whether it leads to a root that everybody trusts."""
        requirement = self.requirement
        if self.path[-1] in requirement.known_public_roots:
            return True
        # Another way, by a cross-signature, matters only where public roots alone count.
        if self.verdict.ok and requirement.environment is not Environment.CLOUD:
            return False
        at_hand = (self.certificate, *self.candidate.chain)
        if requirement.public_names.isdisjoint(one.issuer for one in at_hand):
            return False
        pool = (*self.candidate.chain, *requirement.public_roots)
        return complete_chain(self.certificate, pool)[-1] in requirement.known_public_roots

    @property
    def by_public_rules(self) -> bool:
        """Whether the rules for public authorities are asked of it."""
        asked = self.requirement.by_public_rules
        return self.is_public if asked is None else asked
