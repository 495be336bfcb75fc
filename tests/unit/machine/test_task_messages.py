"""Tasks and answers as lines: each comes back as it went, and nothing else is taken for one."""

import json
import tracemalloc
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certwright.machine import task_messages, tasks
from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.task_messages import (
    LONGEST_MESSAGE,
    read_answer,
    read_task,
    write_answer,
    write_task,
)

from .task_values import NOT_A_NUL, values_of


@given(task=values_of(tasks.Task))
def test_task_comes_back_as_it_went(task: tasks.Task) -> None:
    line = write_task(task)
    assert line.isascii()
    assert line.index(b"\n") == len(line) - 1
    assert read_task(line) == task


@given(result=values_of(tasks.Result))
def test_result_comes_back_as_it_went(result: tasks.Result) -> None:
    assert read_answer(write_answer(result)) == result


@given(code=st.sampled_from(FailureCode), message=st.text(NOT_A_NUL), remedy=st.text(NOT_A_NUL))
def test_failure_comes_back_as_it_went(code: FailureCode, message: str, remedy: str) -> None:
    answer = read_answer(write_answer(MachineError(code, message, remedy)))
    assert isinstance(answer, MachineError)
    assert (answer.code, answer.message, answer.remedy) == (code, message, remedy)


def test_wire_is_what_it_was() -> None:
    """An agent of another release reads it: names and forms stay."""
    task = tasks.ImportPfx("LocalMachine", "My", b"\x01\xff", "pässword", tasks.KeyProvider.CAPI)
    assert json.loads(write_task(task)) == {
        "task": "import-pfx",
        "location": "LocalMachine",
        "store": "My",
        "pfx": "Af8=",
        "password": "pässword",
        "provider": "capi",
        "friendly_name": "",
        "exportable": False,
    }
    readers = tasks.KeyReaders((tasks.KeyReader("S-1-5-20", "Netz", reads=True, denied=False),))
    assert json.loads(write_answer(readers)) == {
        "result": "key-readers",
        "readers": [{"sid": "S-1-5-20", "account": "Netz", "reads": True, "denied": False}],
    }


GOOD = {
    "task": "find-certificates",
    "location": "LocalMachine",
    "store": "My",
    "thumbprint": "",
    "subject": "",
    "issuer": "",
    "expires_before": None,
    "with_archived": False,
}


OTHERS: dict[str, dict[str, object]] = {
    "certificate": {"task": "add-certificate", "friendly_name": ""},
    "known": {"task": "wait-for-changes", "seconds": 1},
    "provider": {
        "task": "import-pfx",
        "pfx": "",
        "password": "",
        "friendly_name": "",
        "exportable": True,
    },
}
"""The rest of the task that has this field, beside location and store."""


def line_of(**changes: object) -> bytes:
    """The good one with changes, or another task with that field."""
    for field, others in OTHERS.items():
        if field in changes:
            return json.dumps({"location": "", "store": "", **others, **changes}).encode()
    return json.dumps(GOOD | changes).encode()


def test_the_good_one_is_read() -> None:
    """So that what the others are refused for is what they change."""
    assert read_task(line_of()) == tasks.FindCertificates("LocalMachine", "My")
    assert read_task(line_of(certificate="AA==")) == tasks.AddCertificate("", "", b"\0")
    assert read_task(line_of(known=["00"])) == tasks.WaitForChanges("", "", ("00",), 1)
    pfx = tasks.ImportPfx("", "", b"", "", tasks.KeyProvider.CNG, exportable=True)
    assert read_task(line_of(provider="cng")) == pfx


WITHOUT_A_STORE = json.dumps({key: value for key, value in GOOD.items() if key != "store"}).encode()
MALFORMED = {
    "empty": b"",
    "no JSON": b"hello\n",
    "no UTF-8": b'{"task": "\xff"}',
    "half": line_of()[:-5],
    "two objects": line_of() + line_of(),
    "a list": b"[]",
    "a number": b"7",
    "NaN": line_of(expires_before=float("nan")),
    "no task": b"{}",
    "unknown task": line_of(task="format-disk"),
    "task that is no text": line_of(task=["find-certificates"]),
    "a Python name": line_of(task="FindCertificates"),
    "field too many": line_of(more=1),
    "field too few": WITHOUT_A_STORE,
    "field twice": line_of()[:-1] + b', "store": "Root"}',
    "text for a number": line_of(expires_before="1"),
    "number for a text": line_of(store=7),
    "true for a number": line_of(expires_before=True),
    "fraction": line_of(expires_before=1.5),
    "number for a flag": line_of(with_archived=0),
    "nothing for a text": line_of(store=None),
    "NUL in a text": line_of(store="M\0y"),
    "long text": line_of(subject="x" * 70_000),
    "large number": line_of(expires_before=2**60),
    "huge number": line_of()[:-1].replace(b"null", b"9" * 10_000) + b"}",
    "deep": b"[" * 100_000,
    "deep object": b'{"task":' * 100_000,
    "no base64": line_of(certificate="*"),
    "spaces in base64": line_of(certificate="AA =="),
    "list that is none": line_of(known="ab"),
    "list of other things": line_of(known=[1]),
    "long list": line_of(known=[""] * 100_001),
    "provider that is not known": line_of(provider="tpm"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_task_is_refused(name: str) -> None:
    refuses(lambda: read_task(MALFORMED[name]))


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_answer_is_refused(name: str) -> None:
    refuses(lambda: read_answer(MALFORMED[name]))


def test_message_of_many_empty_lists_takes_no_memory() -> None:
    line = b'{"task":[' + b"[]," * 1_000_000 + b"[]]}\n"
    tracemalloc.start()
    try:
        refuses(lambda: read_task(line))
        assert tracemalloc.get_traced_memory()[1] < 10 * 1024 * 1024
    finally:
        tracemalloc.stop()


@given(line=st.binary())
def test_any_bytes_are_refused(line: bytes) -> None:
    refuses(lambda: read_task(line))


@given(
    document=st.dictionaries(
        st.sampled_from([*GOOD, "failure", "message", "remedy", "result", "entries"]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(max_size=5)
        | st.lists(st.text(max_size=5)),
    )
)
def test_any_object_is_read_or_refused(document: dict[str, Any]) -> None:
    line = json.dumps(document).encode()
    for read in (read_task, read_answer):
        try:
            read(line)
        except MachineError as error:
            assert error.code is FailureCode.INVALID_INPUT  # noqa: PT017 - it may also be read


def test_what_is_refused_is_not_quoted() -> None:
    secret = "hunter2hunter2"
    for line in (
        line_of(password=secret),
        line_of(store=[secret]),
        b'{"task": "import-pfx", "password": "' + secret.encode(),
        line_of(task=secret),
    ):
        error = refuses(lambda line=line: read_task(line))
        assert secret not in error.message + error.remedy


def test_message_that_is_too_long_is_neither_written_nor_read() -> None:
    task = tasks.AddCertificate("LocalMachine", "My", b"x" * LONGEST_MESSAGE)
    with pytest.raises(MachineError) as raised:
        write_task(task)
    assert raised.value.code is FailureCode.TOO_LARGE
    refuses(lambda: read_task(b" " * (LONGEST_MESSAGE + 1)))


def test_secrets_are_not_shown() -> None:
    """What is printed by mistake, in a log or a traceback, holds no key and no password."""
    secret = "hunter2"
    for value in (
        tasks.ImportPfx("l", "s", secret.encode(), secret, tasks.KeyProvider.CNG),
        tasks.ImportRsaKey("l", "s", b"", secret.encode()),
        tasks.ExportPrivateKey("l", "s", "00", secret),
        tasks.ExportedKey(tasks.KeyFormat.PFX, secret.encode()),
    ):
        assert secret not in repr(value)


def test_each_task_and_result_has_a_name_of_its_own() -> None:
    assert len(task_messages._kinds(tasks.Task)) == len(get_args(tasks.Task))
    assert len(task_messages._kinds(tasks.Result)) == len(get_args(tasks.Result))


def refuses(read: Any) -> MachineError:
    with pytest.raises(MachineError) as raised:
        read()
    assert raised.value.code is FailureCode.INVALID_INPUT
    return raised.value
