"""Several imports at one moment: each is done as if it were alone, and not too many at once."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import ExitStack
from datetime import timedelta
from threading import Barrier

import pytest
from cryptography.hazmat.primitives.serialization import PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

from certwright.access.rights import Caller
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.deleting import delete_certificate
from certwright.lifecycle.importing import ImportFile, import_files, plan_import
from certwright.lifecycle.server import Server
from certwright.stores.database import count_by_place, list_certificates
from certwright.stores.place import PERSONAL
from certwright.stores.turns import changing_stores

from ..foreign_authority import ForeignAuthority, Issued

AT_ONCE = 8
ROUNDS = 3


@pytest.fixture
def issued(company: ForeignAuthority, server: Server) -> list[Issued]:
    """Certificates that expire on a day of their own each."""
    ends = [server.now() + timedelta(days=100 + number) for number in range(AT_ONCE)]
    return [company.issue([f"web{end.day}.corp.example"], not_after=end) for end in ends]


def all_at_once(actions: Sequence[Callable[[], object]]) -> list[BaseException | None]:
    """How each action ended, all of them begun at the same moment."""
    start = Barrier(len(actions))

    def act(action: Callable[[], object]) -> None:
        start.wait()
        action()

    with ThreadPoolExecutor(len(actions)) as pool:
        return [one.exception() for one in [pool.submit(act, action) for action in actions]]


def importing(server: Server, caller: Caller, contents: Sequence[bytes]) -> Callable[[], object]:
    file = ImportFile("all.pem", b"".join(contents))
    return lambda: import_files(server, [file], None, friendly_name="", caller=caller)


def test_same_certificates_in_any_order(
    server: Server, admin: Caller, issued: list[Issued]
) -> None:
    contents = [one.pem_without_key for one in issued]
    orders = [contents[turn:] + contents[:turn] for turn in range(AT_ONCE)]
    ends = all_at_once([importing(server, admin, order) for order in orders])
    assert ends == [None] * AT_ONCE
    with server.database.connect() as connection:
        assert len(list_certificates(connection, [PERSONAL])) == len(issued)
        assert count_by_place(connection)[PERSONAL] == len(issued)


def test_import_and_deletion_of_the_same_certificate(
    server: Server, admin: Caller, issued: list[Issued]
) -> None:
    one = issued[0]

    def delete() -> None:
        try:
            delete_certificate(server, one.leaf.fingerprint, caller=admin)
        except CertwrightError as error:
            if error.code is not ErrorCode.NOT_FOUND:
                raise

    for _ in range(ROUNDS):
        actions = [importing(server, admin, [one.pem]), delete] * (AT_ONCE // 2)
        assert all_at_once(actions) == [None] * AT_ONCE


def test_files_of_one_import_share_the_rounds_of_derivation(
    server: Server, admin: Caller, issued: list[Issued]
) -> None:
    encryption = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(600_000).build(b"secret")
    leaf, key = issued[0].leaf.cryptography, issued[0].key
    content = serialize_key_and_certificates(b"web", key, leaf, None, encryption)
    file = ImportFile("web.pfx", content)
    plan_import(server, [file], "secret", caller=admin)
    with pytest.raises(CertwrightError) as error:
        plan_import(server, [file] * 20, "secret", caller=admin)
    assert error.value.code is ErrorCode.TOO_LARGE


def test_no_more_imports_than_leave_room_for_others(
    server: Server, admin: Caller, issued: list[Issued]
) -> None:
    actions = [importing(server, admin, [one.pem]) for one in issued]
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(AT_ONCE + 1))
        with changing_stores(server.database):
            waiting = [pool.submit(action) for action in [*actions, actions[0]]]
            (refused,) = wait(waiting, return_when=FIRST_COMPLETED).done
        ends = [one.exception() for one in waiting if one is not refused]
    assert isinstance(failure := refused.exception(), CertwrightError)
    assert failure.code is ErrorCode.BUSY
    assert ends == [None] * AT_ONCE
