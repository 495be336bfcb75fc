"""Who may take on which service: a reload command is a command, wherever it comes from."""

import pytest

from certwright.access.rights import Caller, Right
from certwright.errors import CertwrightError, ErrorCode
from certwright.lifecycle.services.allowance import require_allowed
from certwright.machine.services.service import Option, ServiceReference

OWNER = Caller("local owner", Right.ADMIN, is_local=True)
FAR = Caller("ada", Right.ADMIN)
RELOAD = (Option("reload", "sh -c id"),)


@pytest.mark.parametrize(
    ("wanted", "allowed"),
    [
        (ServiceReference("nginx"), frozenset()),
        (ServiceReference("postgresql"), frozenset()),
        (ServiceReference("nginx", "/srv/nginx.conf"), frozenset({"nginx=/srv/nginx.conf"})),
        (ServiceReference("kubernetes"), frozenset({"kubernetes"})),
    ],
)
def test_from_afar_what_finds_itself_or_is_listed(
    wanted: ServiceReference, allowed: frozenset[str]
) -> None:
    require_allowed(FAR, wanted, allowed)


@pytest.mark.parametrize(
    ("wanted", "allowed"),
    [
        (ServiceReference("nginx", "/etc/passwd"), frozenset()),
        (ServiceReference("nginx", "", RELOAD), frozenset()),
        (ServiceReference("nginx", "", RELOAD), frozenset({"nginx"})),
        (ServiceReference("files"), frozenset()),
        (ServiceReference("command"), frozenset()),
        (ServiceReference("files", "/etc"), frozenset({"files"})),
        (ServiceReference("files", "/etc"), frozenset({"files=/etc/tls"})),
    ],
)
def test_from_afar_nothing_that_names_programs_or_places(
    wanted: ServiceReference, allowed: frozenset[str]
) -> None:
    with pytest.raises(CertwrightError) as refused:
        require_allowed(FAR, wanted, allowed)
    assert refused.value.code is ErrorCode.NOT_PERMITTED
    assert "--allow-service" in refused.value.remedy


def test_the_owner_of_the_data_folder_may_take_on_any() -> None:
    require_allowed(OWNER, ServiceReference("command", "", RELOAD), frozenset())


@pytest.mark.parametrize("right", [Right.READ, Right.MODIFY, Right.CREATE])
def test_lesser_rights_take_on_none(right: Right) -> None:
    with pytest.raises(CertwrightError) as refused:
        require_allowed(Caller("bob", right), ServiceReference("nginx"), frozenset({"nginx"}))
    assert refused.value.code is ErrorCode.NOT_PERMITTED
