"""Options and arguments that the commands of the certificate store share."""

from typing import Annotated

import typer

Identifier = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="Thumbprint, fingerprint, or an unambiguous beginning of either."
    ),
]
Location = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Location: LocalMachine or CurrentUser."),
]
Store = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Store: My (Personal), Root, CA (Intermediate), TrustedPeople or WebHosting.",
    ),
]


def place_fields(location: str | None, store: str | None) -> dict[str, str]:
    """The store as REST wants it named; nothing for what was left out."""
    named = {"location": location, "store": store}
    return {name: value for name, value in named.items() if value is not None}
