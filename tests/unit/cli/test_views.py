"""What people read, word by word, at a moment of the test's choosing."""

from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from rich.console import Console, RenderableType

from certwright.cli.certificate_view import certificate_view, list_view
from certwright.cli.import_view import imported_view, plan_view
from certwright.cli.nodes_view import nodes_view
from certwright.cli.proof_view import activation_view, proof_view
from certwright.cli.right_view import rights_view
from certwright.cli.status_view import status_view
from certwright.cli.wording import moment, title

from .documents import (
    ACTIVATION,
    CERTIFICATE,
    ENDPOINT,
    FAILED_PROOF,
    FINDING,
    FORMER,
    IMPORTED,
    PROOF,
    ROOT,
    STATUS,
)

NOW = datetime(2026, 11, 24, 9, 2, tzinfo=UTC)


def shown(content: RenderableType) -> str:
    console = Console(file=StringIO(), width=200, markup=False, highlight=False, emoji=False)
    console.print(content)
    file = console.file
    assert isinstance(file, StringIO)
    return file.getvalue()


def status_of(**endpoint: Any) -> Any:
    service = STATUS["services"][0] | {"endpoints": [ENDPOINT | endpoint]}
    return STATUS | {"services": [service]}


NODES: Any = [
    {
        "name": name,
        "server_name": f"{name}.corp.example",
        "version": "0.1.0",
        "seen_at": seen_at,
        "silent": silent,
        "this": this,
    }
    for name, seen_at, silent, this in (
        ("todd-1", "2026-11-24T09:01:58Z", False, True),
        ("todd-2", "2026-11-24T08:02:00Z", True, False),
    )
]


def test_nodes_are_listed_with_when_they_were_seen() -> None:
    text = shown(nodes_view(NODES, NOW))
    assert "todd-1 (this one)  todd-1.corp.example" in text
    assert "silent, 1 hour ago" in text


def test_status_tells_of_other_nodes_alone() -> None:
    status: Any = STATUS | {"nodes": NODES}
    text = shown(status_view(status, NOW))
    assert "node todd-1" not in text
    assert "todd-2.corp.example, silent, 1 hour ago" in text


def test_status_says_in_words_how_things_stand() -> None:
    text = shown(status_view(status_of(), NOW))
    assert "todd.corp.example" in text
    assert "ready, Certwright 0.1.0" in text
    assert "PostgreSQL 18.4" in text
    assert "efef efef efef" in text
    assert ROOT not in text
    assert "Web Server" in text
    assert "https :8165  720e 95b9 …" in text
    assert "9 Jan 2027 (46 days)" in text
    assert "pass, 2 min ago" in text
    assert "Web Server: Right for todd.corp.example until 9 January 2027 (46 days)." in text
    assert "activate" not in text


def test_status_says_what_to_run_when_saved_and_active_differ() -> None:
    command = "Web Server: to use what is saved, run certwright activate web-server"
    assert command in shown(status_view(status_of(saved=FORMER), NOW))
    assert command in shown(status_view(status_of(protocol="http"), NOW))


def test_status_of_a_node_that_serves_nothing_yet() -> None:
    text = shown(
        status_view(
            status_of(active=None, active_thumbprint=None, active_protocol=None, proof=None)
            | {"ready": False},
            NOW,
        )
    )
    assert "not ready" in text
    assert "none yet" in text


def test_status_of_an_endpoint_whose_proof_failed() -> None:
    assert "fail, 2 min ago" in shown(status_view(status_of(proof=FAILED_PROOF), NOW))


def test_list_of_certificates() -> None:
    heading, line = shown(list_view([CERTIFICATE], False, NOW)).splitlines()
    assert heading.split() == [
        "Thumbprint",
        "Name",
        "Issuer",
        "Good",
        "until",
        "Key",
        "Store",
        "Status",
    ]
    assert "720e 95b9" in line
    assert "9 Jan 2027 (46 days)" in line
    assert line.rstrip().endswith("Personal  valid")


def test_empty_list_says_what_to_do_first() -> None:
    assert "certwright certificates import FILE" in shown(list_view([], False, NOW))


def test_one_certificate_whole() -> None:
    text = shown(certificate_view(CERTIFICATE | {"findings": [FINDING]}, NOW))
    for words in (
        "CN=Certwright Issuing CA 1",
        "192.0.2.1",
        "720e 95b9 0000",
        "abab abab abab",
        "Local Machine > Personal, machine local",
        "error  Its names lack todd.corp.example. Ask for one that has it. [san-lacks-name]",
    ):
        assert words in text


def test_import_names_the_next_step_or_what_is_wrong() -> None:
    imported: Any = IMPORTED
    text = shown(imported_view(imported, NOW))
    assert text.startswith("Imported: todd.corp.example")
    assert "certwright select web-server 720e95b90000" in text
    again = shown(imported_view(imported | {"added": False, "findings": [FINDING]}, NOW))
    assert again.startswith("Already in the store: todd.corp.example")
    with_key = shown(imported_view(imported | {"added": False, "private_key_added": True}, NOW))
    assert with_key.startswith("Its private key was added: todd.corp.example")
    assert "Its names lack todd.corp.example." in again
    assert "certwright select" not in again


def test_plan_tells_each_certificate_and_what_to_mind() -> None:
    root = {"fingerprint": ROOT, "subject": "CN=Corp Root", "common_name": "Corp Root"}
    entries = [
        CERTIFICATE | {"is_new": True, "origin": "file"},
        CERTIFICATE
        | {"common_name": "Corp Issuing", "store": "CA", "has_private_key": False}
        | {"is_new": True, "origin": "http://pki.example/ca.cer"},
        CERTIFICATE | {"common_name": "Corp Root", "is_new": False, "origin": "store"},
    ]
    plan: Any = IMPORTED | {
        "entries": entries,
        "root": root,
        "chain": {"ok": False, "reason": "Nobody knows the root.", "path": []},
        "notes": ["A private key was left out."],
        "findings": [FINDING],
    }
    text = shown(plan_view(plan, NOW))
    assert text.startswith("PEM. Nothing is saved yet")
    lines = [line.split() for line in text.splitlines()]
    assert any(
        line[:1] == ["todd.corp.example"] and line[-3:] == ["new", "the", "file"] for line in lines
    )
    assert "Intermediate  new            http://pki.example/ca.cer" in text
    assert "there already  the stores" in text
    assert "chain  Nobody knows the root." in text
    assert "note  A private key was left out." in text
    assert "Corp Root issues, import it again with --trust-root." in text
    assert "Its names lack todd.corp.example." in text
    assert "todd.corp.example" in shown(imported_view(plan, NOW))


def test_empty_list_says_what_to_do() -> None:
    assert "Import one" in shown(list_view([], False, NOW))
    assert "No certificate fits" in shown(list_view([], False, NOW, is_filtered=True))


def test_archived_and_friendly_name_are_told() -> None:
    archived: Any = CERTIFICATE | {"archived": True, "friendly_name": "Reporting"}
    assert "valid, archived" in shown(list_view([archived], False, NOW))
    assert "Reporting" in shown(certificate_view(archived, NOW))


def test_proof_shows_verdict_checks_and_what_was_served() -> None:
    text = shown(proof_view(PROOF, NOW))
    assert text.startswith("Proven: todd.corp.example at 127.0.0.1 port 8165")
    assert "ok  protocol  TLS 1.3 with X25519MLKEM768." in text
    assert "TLSv1.3, TLS_AES_256_GCM_SHA384, X25519MLKEM768" in text
    assert "CN=todd.corp.example, until 9 Jan 2027 (46 days)" in text


def test_proof_that_failed_before_any_handshake() -> None:
    text = shown(proof_view(FAILED_PROOF, NOW))
    assert text.startswith("Not proven")
    assert "failed  handshake  Nothing answers on port 8165." in text
    remedy = "See whether nginx runs, and start it."
    assert remedy in shown(proof_view(FAILED_PROOF | {"remedy": remedy}, NOW))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("proven", "Activated and proven: the Web Server serves what is saved."),
        ("put-back", "Put back: the Web Server serves what it served before."),
        ("failed", "Failed: what the Web Server serves is not proven."),
    ],
)
def test_activation_ends_with_its_outcome(state: str, words: str) -> None:
    text = shown(activation_view(ACTIVATION | {"state": state}, NOW))
    assert words in text
    assert text.index("Switched.") < text.index(words)


def test_users_and_tokens() -> None:
    user: Any = {"name": "ada", "right": "admin", "created_at": "2026-11-24T09:00:00Z"}
    lines = shown(rights_view([user], "user", NOW)).splitlines()
    assert lines[1].split() == ["ada", "admin", "2", "min", "ago"]
    assert shown(rights_view([], "token", NOW)) == "There is no token.\n"


def test_markup_in_a_subject_is_only_text() -> None:
    hostile = CERTIFICATE | {"common_name": "[red]x[/red] :smile:"}
    assert "[red]x[/red] :smile:" in shown(list_view([hostile], False, NOW))


def test_times_need_an_offset() -> None:
    assert moment("2026-11-24T10:00:00+01:00") == datetime(2026, 11, 24, 9, tzinfo=UTC)
    with pytest.raises(ValueError, match="offset"):
        moment("2026-11-24T10:00:00")


def test_title_of_an_endpoint() -> None:
    assert title("configuration-server") == "Configuration Server"


def test_list_tells_certificates_of_one_name_apart() -> None:
    named: Any = CERTIFICATE | {"friendly_name": "From the network team"}
    assert "From the network team" in shown(list_view([named], has_more=False, now=NOW))


def test_status_names_the_services_that_are_not_as_they_are_on_record() -> None:
    sentence = "Its configuration has a server that is not cared for yet: shop."
    text = shown(status_view(status_beside(sentence), NOW))
    assert f"nginx: {sentence} Look at it: certwright services look nginx" in text
    assert "services look" not in shown(status_view(status_beside(""), NOW))


def status_beside(sentence: str) -> Any:
    look = {"sentence": sentence}
    beside = {"name": "nginx", "kind": "nginx", "machine": "local", "endpoints": [], "look": look}
    return STATUS | {"services": [*STATUS["services"], beside]}
