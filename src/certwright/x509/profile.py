"""What a certificate is for: a server, a client, or whoever is both."""

from enum import StrEnum

from certwright.x509.certificate import Certificate
from certwright.x509.refusals import ANY_USAGE, CLIENT_AUTH, SERVER_AUTH


class Profile(StrEnum):
    """The extended key usages of a certificate (RFC 5280 4.2.1.12), by what it is for."""

    SERVER = "server"
    CLIENT = "client"
    SERVER_AND_CLIENT = "server-and-client"

    @property
    def usages(self) -> tuple[str, ...]:
        """The object identifiers of its extended key usages."""
        return {
            Profile.SERVER: (SERVER_AUTH,),
            Profile.CLIENT: (CLIENT_AUTH,),
            Profile.SERVER_AND_CLIENT: (SERVER_AUTH, CLIENT_AUTH),
        }[self]

    @property
    def is_for_servers(self) -> bool:
        """Whether a server shows it to its clients."""
        return SERVER_AUTH in self.usages

    @property
    def is_for_clients(self) -> bool:
        """Whether a client shows it to the servers that it calls."""
        return CLIENT_AUTH in self.usages


def profile_of(certificate: Certificate) -> Profile:
    """What `certificate` is for, so that a new one can be for the same.

    One that may be used for anything, or for neither, counts as a server's.
    """
    usages = certificate.extended_key_usages or ()
    for profile in (Profile.SERVER_AND_CLIENT, Profile.CLIENT):
        if set(profile.usages) <= set(usages):
            return profile
    return Profile.SERVER


def allows(certificate: Certificate, usage: str) -> bool:
    """Whether `certificate` may be used for the extended key usage `usage`.

    RFC 5280 4.2.1.12: where the extension is absent, it may be used for every purpose.
    """
    usages = certificate.extended_key_usages
    return usages is None or usage in usages or ANY_USAGE in usages
