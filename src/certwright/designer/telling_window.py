"""Telling people: which channels are set up, whether each reached somebody lately, and a test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response

from certwright.designer.error_pages import status_of
from certwright.designer.pages import Pages
from certwright.designer.route import DesignerRoute
from certwright.designer.visitor import Door, Visitor
from certwright.errors import CertwrightError
from certwright.lifecycle.server import Server
from certwright.lifecycle.settings import hindrances
from certwright.lifecycle.telling.channels import CHANNELS
from certwright.lifecycle.telling.record import ChannelRecord, list_records
from certwright.lifecycle.telling.settings import shown_telling_settings
from certwright.lifecycle.telling.telling import Tried, try_channels

_SET = "certwright settings set"


@dataclass(frozen=True)
class _Kind:
    """A kind of channel: its title, what sets it up, what says where it leads, and how to begin."""

    title: str
    decisive: str
    shown: tuple[tuple[str, str], ...]
    commands: tuple[str, ...]


@dataclass(frozen=True)
class ChannelView:
    """One channel: where it leads if it is set up, how its sending went, and how to set it up.

    `facts` hold no secret. `record` is None where nothing was to be told over it yet.
    """

    name: str
    title: str
    is_set_up: bool
    facts: tuple[tuple[str, str], ...]
    commands: tuple[str, ...]
    record: ChannelRecord | None
    tried: Tried | None
    hindrances: tuple[str, ...]
    """Why nothing can be told over it as it is set up, a sentence each."""

    @property
    def health(self) -> str:
        """For colour and icon; good only where it reached somebody."""
        if self.record is not None and self.record.attempts > 0:
            return "broken"
        return "good" if self.record is not None and self.record.sent_at else "running"


_KINDS: Mapping[str, _Kind] = {
    "mail": _Kind(
        "Mail",
        "mail.server",
        (("From", "mail.from"), ("To", "mail.to"), ("By", "mail.server"), ("User", "mail.user")),
        (
            f"{_SET} mail.server mail.corp.example",
            f"{_SET} mail.from certwright@corp.example",
            f"{_SET} mail.to team@corp.example",
        ),
    ),
    "webhook": _Kind(
        "Webhook",
        "webhook.url",
        (("To", "webhook.url"), ("Signed", "webhook.secret")),
        (
            f"{_SET} webhook.url --value-file FILE",
            f"{_SET} webhook.secret --value-file FILE",
        ),
    ),
    "syslog": _Kind(
        "Syslog",
        "syslog.address",
        (("To", "syslog.address"),),
        (f"{_SET} syslog.address tls://log.corp.example:6514",),
    ),
}


def telling_router(server: Server) -> APIRouter:
    """`/telling`, and `/telling/test`."""
    router = APIRouter(route_class=DesignerRoute)
    door = Door(server)
    pages = Pages(server)

    def show(
        visitor: Visitor,
        tried: Sequence[Tried] = (),
        problem: CertwrightError | None = None,
    ) -> Response:
        with server.database.connect() as connection:
            settings = shown_telling_settings(connection)
            records = {one.channel: one for one in list_records(connection)}
        by_channel = {one.channel: one for one in tried}
        return pages.show(
            "telling.html",
            visitor,
            status=status_of(problem) if problem else 200,
            problem=problem,
            channels=[
                channel_view(
                    *(name, settings, records.get(name), by_channel.get(name)),
                    hindrances(server, f"{name}."),
                )
                for name in CHANNELS
            ],
        )

    @router.get("/telling")
    def show_channels(visitor: Annotated[Visitor, Depends(door.visitor)]) -> Response:
        return show(visitor)

    @router.post("/telling/test")
    def send_test(
        visitor: Annotated[Visitor, Depends(door.sender)],
        channel: Annotated[str, Form(max_length=100)] = "",
    ) -> Response:
        try:
            return show(visitor, try_channels(server, channel or None, visitor.caller))
        except CertwrightError as problem:
            return show(visitor, problem=problem)

    return router


def channel_view(
    name: str,
    settings: Mapping[str, str],
    record: ChannelRecord | None,
    tried: Tried | None,
    hindered_by: Sequence[str] = (),
) -> ChannelView:
    """Pure: how the channel `name` is told; `settings` as they may be shown."""
    kind = _KINDS[name]
    is_set_up = bool(settings[kind.decisive])
    facts = [(label, settings[key]) for label, key in kind.shown if settings[key]]
    return ChannelView(
        name=name,
        title=kind.title,
        is_set_up=is_set_up,
        facts=tuple(facts) if is_set_up else (),
        commands=kind.commands,
        record=record if is_set_up else None,
        tried=tried,
        hindrances=tuple(hindered_by),
    )
