"""A program of one's own: what it is given, and what is made of its answers."""

import dataclasses
import json
import shlex
import sys
from pathlib import Path

import pytest

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.services.kinds import open_service
from certwright.machine.services.service import Option, Service, ServiceReference

from .materials import material

NEW = material()


def python(script: str) -> str:
    return shlex.join([sys.executable, "-c", script])


def service(**options: str) -> Service:
    given = tuple(Option(name, value) for name, value in options.items())
    return open_service(ServiceReference("command", "", given))


def test_it_finds_the_certificate_on_its_input_and_not_among_its_arguments(tmp_path: Path) -> None:
    saved = tmp_path / "given"
    save = python(f"import sys; open({str(saved)!r}, 'w').write(sys.stdin.read()); print('there')")
    made = service(command=save, endpoint="load-balancer")
    given = dataclasses.replace(NEW, former_thumbprint="ab")
    assert made.select("load-balancer", given) == ("there",)
    assert json.loads(saved.read_text()) == {
        "step": "select",
        "endpoint": "load-balancer",
        "thumbprint": NEW.thumbprint,
        "former_thumbprint": "ab",
        "chain": NEW.chain,
        "private_key": NEW.private_key,
    }


@pytest.mark.parametrize("show", ["print(key)", "print(repr(key))", "sys.exit(repr(key))"])
def test_a_key_that_it_prints_reaches_nobody(show: str) -> None:
    script = f"import json, sys; key = json.load(sys.stdin)['private_key']; {show}; sys.exit(3)"
    with pytest.raises(MachineError) as failed:
        service(command=python(script)).select("command", NEW)
    assert failed.value.code is FailureCode.SERVICE_FAILED
    for line in NEW.private_key.splitlines():
        assert line not in failed.value.message
    assert "exit code" in failed.value.message


def test_what_it_says_is_repeated() -> None:
    script = python("import sys; sys.exit('the appliance is full')")
    with pytest.raises(MachineError, match="and said: the appliance is full"):
        service(command=script).select("command", NEW)


def test_a_wrong_pair_is_not_even_given() -> None:
    wrong = dataclasses.replace(NEW, private_key=material().private_key)
    with pytest.raises(MachineError, match="does not belong"):
        service(command="/no/such/program").select("command", wrong)


def test_a_program_that_is_not_there_is_told_of() -> None:
    with pytest.raises(MachineError, match="is not there") as failed:
        service(command="/no/such/program").select("command", NEW)
    assert failed.value.code is FailureCode.NOT_FOUND


@pytest.mark.parametrize(
    ("printed", "thumbprint"),
    [
        (NEW.thumbprint, NEW.thumbprint),
        (NEW.thumbprint.upper(), NEW.thumbprint),
        (" ".join(NEW.thumbprint[at : at + 2] for at in range(0, 40, 2)), NEW.thumbprint),
        (NEW.chain, NEW.thumbprint),
        ("", ""),
    ],
    ids=["lower case", "upper case", "spaced", "PEM", "nothing"],
)
def test_what_is_in_use_is_printed_in_many_ways(printed: str, thumbprint: str) -> None:
    made = service(command="x", current=python(f"print({printed!r})"), address="todd:443")
    (endpoint,) = made.find().endpoints
    assert endpoint.thumbprint == thumbprint
    assert bool(endpoint.certificate) == ("BEGIN" in printed)


def test_anything_else_is_not_believed() -> None:
    with pytest.raises(MachineError, match="neither a thumbprint nor a certificate"):
        service(command="x", current=python("print('todd')")).find()


def test_without_undo_the_only_way_back_is_told() -> None:
    made = service(command="x")
    with pytest.raises(MachineError, match="no way back") as refused:
        made.undo("command")
    assert "together with its key" in refused.value.remedy
    assert len(made.find().endpoints[0].notes) == 2
    assert made.activate("command").startswith("Nothing was run")
    made.confirm("command")


def test_the_places_that_it_prints_are_bounded() -> None:
    script = python("print('x' * 9000); print('\\x1b[2J'); print('y\\n' * 9000)")
    places = service(command=script).select("command", NEW)
    assert len(places) == 100
    assert places[:2] == ("x" * 500, "y")


def test_without_a_command_it_is_asked_for() -> None:
    with pytest.raises(MachineError, match="not said") as refused:
        service(activate="x")
    assert refused.value.code is FailureCode.INVALID_INPUT
