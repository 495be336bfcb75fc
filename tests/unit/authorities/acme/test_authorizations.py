"""What a directory may ask for when it was sent an order: proofs of the names in it, no others."""

from typing import Any, cast

import pytest

from certwright.authorities.acme.authorizations import Authorizing
from certwright.authorities.acme.challenges import ChallengeKind
from certwright.authorities.acme.client import AcmeClient
from certwright.authorities.acme.documents import NotUnderstood
from certwright.authorities.acme.orders import Order, OrderStatus
from certwright.authorities.acme.patience import Patience
from certwright.authorities.acme.proofs import Proofs
from certwright.authorities.acme.settings import AcmeSettings
from certwright.x509.names import ServerName, parse_certificate_name

from .test_proofs import Recorder

HERE = "https://acme.corp.example/authorization"


class Directory:
    """One whose only authorization is for `name`, and that waits for a proof."""

    thumbprint = "thumbprint"

    def __init__(self, name: str) -> None:
        self.document: dict[str, Any] = {
            "identifier": {"type": "dns", "value": name},
            "status": "pending",
            "challenges": [
                {"type": "http-01", "url": f"{HERE}/1", "status": "pending", "token": "token"}
            ],
        }

    def read(self, url: str) -> "Directory":
        assert url == HERE
        return self


def authorizing(name: str, recorder: Recorder, wanted: frozenset[ServerName]) -> Authorizing:
    def settle(_: object) -> None:
        raise TimeoutError  # this far it comes

    client = cast("AcmeClient", Directory(name))
    settings = AcmeSettings("https://acme.corp.example", ChallengeKind.HTTP_01)
    proofs = Proofs(recorder, (), recorder.keep)
    return Authorizing(client, settings, wanted, proofs, settle, cast("Patience", None))


def order(*names: ServerName) -> Order:
    return Order(HERE, OrderStatus.PENDING, frozenset(names), (HERE,), HERE, None, None)


def test_a_name_of_the_request_is_proven() -> None:
    todd, recorder = parse_certificate_name("todd.corp.example"), Recorder()
    with pytest.raises(TimeoutError):
        authorizing("todd.corp.example", recorder, frozenset({todd})).authorize(order(todd))
    assert recorder.said == ["keep token", "up token"]


@pytest.mark.parametrize("name", ["bank.example", "todd.corp.example; reboot", "$(reboot)\0"])
def test_no_name_is_proven_that_only_the_directory_put_into_the_order(name: str) -> None:
    todd, recorder = parse_certificate_name("todd.corp.example"), Recorder()
    said = order(todd, ServerName(todd.kind, name))
    with pytest.raises(NotUnderstood):
        authorizing(name, recorder, frozenset({todd})).authorize(said)
    assert recorder.said == []
