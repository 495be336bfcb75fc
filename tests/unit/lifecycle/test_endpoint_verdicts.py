"""What an endpoint does with a certificate."""

import pytest

from certwright.lifecycle.endpoint_verdicts import Use, use_of, used_by
from certwright.services.endpoints import (
    Choice,
    Endpoint,
    OwnEndpoint,
    WebServerProtocol,
)

HTTP, HTTPS = WebServerProtocol.HTTP, WebServerProtocol.HTTPS
WEB = OwnEndpoint.WEB_SERVER


def endpoint(saved: Choice, active: Choice | None) -> Endpoint:
    return Endpoint(WEB, saved, active, None, 1)


@pytest.mark.parametrize(
    ("saved", "active", "use"),
    [
        (Choice(HTTPS, "a"), Choice(HTTPS, "a"), Use.SERVED),
        (Choice(HTTPS, "a"), Choice(HTTPS, "b"), Use.SAVED),
        (Choice(HTTPS, "a"), None, Use.SAVED),
        (Choice(HTTPS, "a"), Choice(HTTP, "a"), Use.SAVED),
        (Choice(HTTPS, "b"), Choice(HTTPS, "a"), Use.FORMER),
        (Choice(HTTP, "a"), Choice(HTTP, "a"), Use.KEPT),
        (Choice(HTTPS, "b"), Choice(HTTPS, "b"), Use.NONE),
        (Choice(HTTPS, "b"), Choice(HTTP, "a"), Use.NONE),
    ],
)
def test_use_of_a_certificate(saved: Choice, active: Choice | None, use: Use) -> None:
    one = endpoint(saved, active)
    assert use_of(one, "a") is use
    assert used_by([one], "a") == (() if use is Use.NONE else ((WEB, use),))
