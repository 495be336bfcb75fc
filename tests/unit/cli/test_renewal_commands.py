"""`certwright renew`, `request` and `renewals`: what they ask of the node and how they end."""

from pathlib import Path
from typing import Any

import pytest

from .conftest import Certwright, Node
from .documents import ENDPOINT, STATUS

STEP = {
    "at": "2026-11-24T09:00:00Z",
    "name": "issue",
    "ok": True,
    "sentence": "internal issued todd.corp.example.",
    "endpoint": None,
}
PROVEN = STEP | {"name": "prove", "sentence": "It is served.", "endpoint": "web-server"}
REFUSAL = "The policy forbids todd. Ask the IT network team."
REFUSED = STEP | {"name": "attempt", "ok": False, "sentence": REFUSAL}
RENEWAL: dict[str, Any] = {
    "id": 7,
    "state": "working",
    "failed": False,
    "sentence": "",
    "next": {"at": None, "sentence": "It goes on within seconds."},
    "certificate": "ab" * 32,
    "issued": None,
    "names": ["todd.corp.example"],
    "authority": "internal",
    "key": "new",
    "key_elsewhere": False,
    "requested_by": "ada",
    "reason": "It was asked for.",
    "started_at": "2026-11-24T09:00:00Z",
    "steps": [STEP],
}
DONE = RENEWAL | {
    "state": "done",
    "issued": "cd" * 32,
    "issued_thumbprint": "ab" * 20,
    "next": {"at": None, "sentence": "It is done."},
    "steps": [STEP, PROVEN],
}
PUT_OFF = RENEWAL | {
    "state": "waiting",
    "failed": True,
    "sentence": REFUSAL,
    "next": {"at": "2099-11-24T09:10:00Z", "sentence": "It is tried again by itself."},
    "steps": [STEP, REFUSED],
}
ASKING = RENEWAL | {
    "state": "asking",
    "sentence": "The new one is no longer for localhost.",
    "next": {"at": None, "sentence": "Decide: certwright renewals agree 7, or decline 7"},
}
AT_ITS_WINDOW = RENEWAL | {
    "state": "waiting",
    "sentence": "The new certificate is ready.",
    "next": {"at": "2099-11-24T02:00:00Z", "sentence": "It goes on by itself."},
}
PLAN: dict[str, Any] = {
    "certificate": "ab" * 32,
    "thumbprint": "ab" * 20,
    "common_name": "todd.corp.example",
    "names": ["todd.corp.example"],
    "not_after": "2099-12-24T09:00:00Z",
    "outlook": "planned",
    "at": "2099-12-01T09:00:00Z",
    "reason": "About two thirds of its lifetime are over then.",
    "authority": "internal",
    "renewal": None,
    "endpoints": [
        {"name": "web-server", "window": "", "activated_at": "2099-12-01T09:00:00Z"},
        {
            "name": "configuration-server",
            "window": "Sun 02:00-04:00",
            "activated_at": "2099-12-06T02:00:00Z",
        },
    ],
}


def answer(node: Node, story: dict[str, Any], path: str = "renewals") -> None:
    node.answer("POST", path, {key: story[key] for key in story if key != "steps"}, 201)
    node.answer("GET", "renewals/7", story)


def test_renew_tells_each_step_and_the_end(node: Node, data: Path, certwright: Certwright) -> None:
    answer(node, DONE)
    outcome = certwright("renew", "AB CD", "--same-key", "--authority", "corp", "--data", data)
    assert outcome.exit_code == 0, outcome.errors
    assert node.received[0].document == {
        "certificate": "abcd",
        "key": "same",
        "authority": "corp",
    }
    assert outcome.output.splitlines() == [
        "✓ internal issued todd.corp.example.",
        "✓ Web Server: It is served.",
        "Done: the new certificate for todd.corp.example has the thumbprint abababababab.",
    ]


def test_renew_as_json_is_the_story_alone(node: Node, data: Path, certwright: Certwright) -> None:
    answer(node, DONE)
    assert certwright("renew", "abcd", "--json", "--data", data).document == DONE


@pytest.mark.parametrize(
    ("story", "exit_code", "words"),
    [
        (PUT_OFF, 1, f"✗ {REFUSAL}\nPut off: It is tried again by itself 24 Nov 2099, 09:10"),
        (ASKING, 1, "no longer for localhost. Decide: certwright renewals agree 7, or decline 7\n"),
        (AT_ITS_WINDOW, 0, "The new certificate is ready. It goes on by itself 24 Nov 2099, 02:00"),
        (RENEWAL | {"state": "declined"}, 1, "declined"),
    ],
)
def test_renew_says_why_it_is_not_done(
    story: dict[str, Any],
    exit_code: int,
    words: str,
    node: Node,
    data: Path,
    certwright: Certwright,
) -> None:
    answer(node, story)
    outcome = certwright("renew", "abcd", "--data", data)
    assert words in outcome.output
    assert outcome.output.endswith("\nTo look at it: certwright renewals show 7\n")
    assert outcome.exit_code == exit_code


def test_what_takes_longer_than_the_wait_goes_on_but_a_rehearsal_is_not_known_to_succeed(
    node: Node, data: Path, certwright: Certwright
) -> None:
    answer(node, RENEWAL)
    assert certwright("renew", "abcd", "--wait", "1", "--data", data).exit_code == 0
    answer(node, RENEWAL | {"rehearsed_at": "web-server"}, "endpoints/web-server/rehearsal")
    assert certwright("rehearse", "web-server", "--wait", "1", "--data", data).exit_code == 1


def test_a_reason_that_ends_with_a_command_stands_alone(
    node: Node, data: Path, certwright: Certwright
) -> None:
    reason = "It is not there. Make it: certwright authorities create"
    answer(node, PUT_OFF | {"sentence": reason})
    output = certwright("renewals", "show", "7", "--data", data).output
    assert f"\n{reason}\nIt is tried again by itself" in output


def test_a_dry_run_says_that_nothing_is_due_and_what_is_planned(
    node: Node, data: Path, certwright: Certwright
) -> None:
    node.answer("POST", "renewals/due", {"plans": [PLAN], "renewals": []})
    outcome = certwright("renew", "--due", "--dry-run", "--data", data)
    assert outcome.exit_code == 0, outcome.errors
    assert node.received[0].document == {"dry_run": True}
    assert outcome.output.startswith("Nothing is due.")
    assert "1 Dec 2099, 09:00 (in " in outcome.output
    assert "Configuration Server, activated 6 Dec 2099, 02:00" in outcome.output


@pytest.mark.parametrize(
    ("outlook", "words"),
    [
        ({"outlook": "due"}, "due now"),
        ({"outlook": "at-work", "renewal": 7}, "renewal 7 is at work"),
        ({"outlook": "at-work", "renewal": 7, "waits_for": "time"}, "renewal 7 goes on 1 Dec 2099"),
        (
            {"outlook": "at-work", "renewal": 7, "waits_for": "retry"},
            "renewal 7 failed, and is tried again 1 Dec 2099",
        ),
        (
            {"outlook": "at-work", "renewal": 7, "waits_for": "agreement"},
            "renewal 7 waits for somebody's agreement",
        ),
        ({"outlook": "held"}, "held back"),
        ({"outlook": "declined"}, "declined"),
        ({"outlook": "nobody", "authority": None}, "by nobody"),
    ],
)
def test_each_outlook_has_its_words(
    outlook: dict[str, Any], words: str, node: Node, data: Path, certwright: Certwright
) -> None:
    node.answer("POST", "renewals/due", {"plans": [PLAN | outlook], "renewals": []})
    assert words in certwright("renew", "--due", "--dry-run", "--data", data).output


def test_all_that_are_due_are_followed(node: Node, data: Path, certwright: Certwright) -> None:
    due = {"plans": [PLAN | {"outlook": "due"}], "renewals": [RENEWAL]}
    node.answer("POST", "renewals/due", due)
    node.answer("GET", "renewals/7", PUT_OFF)
    outcome = certwright("renew", "--due", "--data", data)
    assert outcome.exit_code == 1
    assert outcome.output.count(REFUSAL) == 1
    assert certwright("renew", "--due", "--json", "--data", data).document["renewals"] == [PUT_OFF]


@pytest.mark.parametrize(
    "arguments",
    [
        ("renew",),
        ("renew", "abcd", "--due"),
        ("renew", "abcd", "--dry-run"),
        ("renew", "--due", "--same-key"),
        ("renew", "--due", "--authority", "corp"),
        ("request",),
        ("request", "a.corp.example", "--profile", "mail"),
        ("request", "--csr", "file", "--key-type", "rsa-2048"),
        ("request", "a.corp.example", "--days", "0"),
        ("renewals", "postpone", "7", "--until", "tomorrow"),
        ("renewals", "postpone", "--until", "2099-11-24T03:00:00+01:00"),
        ("renewals", "postpone", "7", "--certificate", "ab", "--until", "2099-11-24T03:00:00Z"),
        ("renewals", "show", "0"),
    ],
)
def test_wrong_usage_asks_the_node_nothing(
    arguments: tuple[str, ...], node: Node, data: Path, certwright: Certwright
) -> None:
    assert certwright(*arguments, "--data", data).exit_code == 2
    assert node.received == []


@pytest.mark.parametrize("text", ["shop", "0", "7.5", "\N{SUPERSCRIPT TWO}", "9" * 30])
@pytest.mark.parametrize("command", ["show", "now"])
def test_a_renewal_is_named_by_its_number(
    text: str, command: str, data: Path, certwright: Certwright
) -> None:
    outcome = certwright("renewals", command, text, "--data", data)
    assert outcome.exit_code == 2
    assert "Name a renewal by its number: certwright renewals list" in outcome.errors


def test_request_writes_the_certificate_where_it_is_wanted(
    node: Node, data: Path, certwright: Certwright, tmp_path: Path
) -> None:
    answer(node, DONE | {"certificate": None}, "requests")
    node.answer("POST", f"certificates/{'cd' * 32}/export", b"-----BEGIN CERTIFICATE-----\n")
    out = tmp_path / "out.pem"
    order = ("request", "a.corp.example", "*.b.corp.example", "--days", "10", "--cn", "c", "--out")
    outcome = certwright(*order, out, "--key-type", "rsa-3072", "--data", data)
    assert outcome.exit_code == 0, outcome.errors
    assert node.received[0].document == {
        "names": ["a.corp.example", "*.b.corp.example"],
        "key_type": "rsa-3072",
        "common_name": "c",
        "lifetime_seconds": 864000,
    }
    assert out.read_bytes() == b"-----BEGIN CERTIFICATE-----\n"
    assert f"Written: {out}" in outcome.output
    asked = len(node.received)
    assert certwright(*order, out, "--data", data).exit_code == 1
    assert len(node.received) == asked


def test_request_that_is_put_off_writes_nothing(
    node: Node, data: Path, certwright: Certwright, tmp_path: Path
) -> None:
    out = tmp_path / "out.pem"
    for story in (PUT_OFF, AT_ITS_WINDOW):
        answer(node, story, "requests")
        outcome = certwright("request", "a.corp.example", "--out", out, "--data", data)
        assert outcome.exit_code == 1
        assert not out.exists()


def test_request_sends_a_signing_request_of_others(
    node: Node, data: Path, certwright: Certwright, tmp_path: Path
) -> None:
    answer(node, DONE | {"certificate": None, "key_elsewhere": True}, "requests")
    file = tmp_path / "request"
    texts = []
    for content in (b"-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n", b"\x30\x01\x00"):
        file.write_bytes(content)
        outcome = certwright("request", "--csr", file, "--data", data)
        assert outcome.exit_code == 0, outcome.errors
        assert "certwright select" not in outcome.output
        sent = next(one for one in reversed(node.received) if one.method == "POST").document
        assert sent["names"] == []
        texts.append(sent["signing_request"])
    assert texts[0] == "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n"
    assert texts[1].startswith("-----BEGIN CERTIFICATE REQUEST-----\nMAEA\n")


def test_a_certificate_for_a_client_is_asked_for_and_to_be_exported(
    node: Node, data: Path, certwright: Certwright
) -> None:
    answer(node, DONE | {"certificate": None, "profile": "client"}, "requests")
    outcome = certwright("request", "a.corp.example", "--profile", "client", "--data", data)
    assert outcome.exit_code == 0, outcome.errors
    sent = next(one for one in reversed(node.received) if one.method == "POST").document
    assert sent["profile"] == "client"
    assert "certwright certificates export" in outcome.output
    assert "certwright select" not in outcome.output


def test_list_and_show(node: Node, data: Path, certwright: Certwright) -> None:
    node.answer("GET", "renewals?limit=100", [PUT_OFF, ASKING, DONE])
    listed = certwright("renewals", "list", "--data", data).output
    assert "put off" in listed
    assert "somebody's agreement" in listed
    node.answer("GET", "renewals?limit=5&state=done", [])
    none = certwright("renewals", "list", "--state", "done", "--limit", "5", "--data", data)
    assert none.output == "Nothing was renewed or requested yet.\n"
    node.answer("GET", "renewals/7", PUT_OFF)
    shown = certwright("renewals", "show", "7", "--data", data).output
    assert "It was asked for. (ada)" in shown
    assert "✗" in shown
    assert shown.count(REFUSAL) == 1
    assert shown.rstrip().splitlines()[-1].startswith("It is tried again by itself")


@pytest.mark.parametrize("what", ["agree", "decline", "now"])
def test_decide(what: str, node: Node, data: Path, certwright: Certwright) -> None:
    node.answer("POST", f"renewals/7/{what}", RENEWAL)
    outcome = certwright("renewals", what, "7", "--data", data)
    assert outcome.output == (
        "Renewal 7 for todd.corp.example is working. It goes on within seconds.\n"
    )


def test_postpone(node: Node, data: Path, certwright: Certwright) -> None:
    node.answer("POST", "renewals/7/postpone", AT_ITS_WINDOW)
    until = "2099-11-24T03:00:00+01:00"
    outcome = certwright("renewals", "postpone", "7", "--until", until, "--data", data)
    assert outcome.exit_code == 0, outcome.errors
    assert node.received[0].document == {"until": "2099-11-24T02:00:00+00:00"}


def test_postpone_one_that_is_only_planned(node: Node, data: Path, certwright: Certwright) -> None:
    node.answer("POST", "renewals/of/abcd/postpone", AT_ITS_WINDOW)
    wanted = ("--certificate", "AB CD", "--until", "2099-11-24T03:00:00+01:00")
    outcome = certwright("renewals", "postpone", *wanted, "--data", data)
    assert outcome.exit_code == 0, outcome.errors
    assert node.received[0].document == {"until": "2099-11-24T02:00:00+00:00"}
    assert outcome.output.startswith("Renewal 7 for todd.corp.example is waiting.")


def test_status_tells_of_renewals(node: Node, data: Path, certwright: Certwright) -> None:
    own = ENDPOINT | {"next_renewal": PLAN}
    foreign = {
        "name": "nginx/a.corp.example",
        "environment": "test",
        "names": ["a.corp.example"],
        "addresses": [{"host": "127.0.0.1", "port": 443, "starttls": ""}],
        "saved": None,
        "active": None,
        "version": 1,
        "proof": None,
        "next_renewal": None,
    }
    services = [
        {"name": "node", "kind": "certwright", "machine": "local", "endpoints": [own]},
        {"name": "nginx", "kind": "nginx", "machine": "local", "endpoints": [foreign]},
    ]
    sentence = "Renewal 7 was put off. The policy forbids todd."
    unused = {"fingerprint": "ef" * 32, "not_after": "2099-12-24T09:00:00Z", "sentence": "It ends."}
    told = {"renewal_sentence": sentence, "renewals": [PUT_OFF], "services": services}
    told |= {"unused": [unused]}
    node.answer("GET", "status", STATUS | told)
    output = certwright("status", "--data", data).output
    assert "1 Dec 2099, 09:00 (in " in output
    assert "a.corp.example of nginx  :443 " in output
    assert f"Renewals: {sentence}" in output
    assert "\nIt ends.\n" in output
    assert "put off" in output.rpartition("Renewals:")[2]
