"""Certificates that nobody vouches for."""

from datetime import timedelta

import pytest

from certwright.authorities.authority import IssuedCertificate, Progress, request_for
from certwright.authorities.records import AuthorityKind, AuthorityRecord
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.server import Server
from certwright.x509.keys import KeyType, generate_private_key
from certwright.x509.names import parse_server_name

from ..composed_server import VAULT, Clock


def test_it_signs_with_the_requests_own_key_for_as_long_as_was_asked(
    server: Server, clock: Clock
) -> None:
    authority = server.authorities.make(AuthorityRecord("alone", AuthorityKind.SELF_SIGNED))
    key = generate_private_key(KeyType.EC_P256)
    names = (parse_server_name("todd.corp.example"),)
    request = request_for(key, names, timedelta(hours=6), "ada")
    with pytest.raises(CertwrightError) as missing:
        authority.issue(request, Progress(), clock())
    assert missing.value.code is ErrorCode.NO_PRIVATE_KEY
    with server.database.begin() as connection:
        VAULT.add(connection, key, clock())
    issued = authority.issue(request, Progress(), clock())
    assert isinstance(issued, IssuedCertificate)
    assert issued.leaf.is_self_signed
    assert issued.leaf.not_before == clock() - timedelta(minutes=5)
    assert issued.leaf.not_after == clock() + timedelta(hours=6)
    assert issued.root == issued.leaf
