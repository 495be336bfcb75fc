"""Each command: what it asks of the node, what it prints, how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import Certwright, Node, Remote
from .documents import (
    ACTIVATION,
    CERTIFICATE,
    ENDPOINT,
    FAILED_PROOF,
    FINDING,
    FORMER,
    PROOF,
    STATUS,
)

USER = {"name": "ada", "right": "read", "created_at": "2026-11-24T09:00:00Z"}
CHOSEN = "a password of hers"


def test_status(node: Node, data: Path, certwright: Certwright) -> None:
    node.answer("GET", "status", STATUS)
    outcome = certwright("status", "--data", data)
    assert outcome.exit_code == 0
    assert "todd.corp.example" in outcome.output
    assert outcome.errors == ""


def test_status_of_a_node_that_is_not_ready_fails(
    node: Node, data: Path, certwright: Certwright
) -> None:
    node.answer("GET", "status", STATUS | {"ready": False})
    assert certwright("status", "--data", data).exit_code == 1


def test_json_is_exactly_what_the_node_said(node: Node, data: Path, certwright: Certwright) -> None:
    node.answer("GET", "status", STATUS)
    outcome = certwright("status", "--json", "--data", data)
    assert outcome.document == STATUS
    assert outcome.errors == ""


def test_environment_names_the_node(
    node: Node, data: Path, certwright: Certwright, monkeypatch: pytest.MonkeyPatch
) -> None:
    node.answer("GET", "status", STATUS)
    monkeypatch.setenv("CERTWRIGHT_DATA", str(data))
    assert certwright("status").exit_code == 0


def test_remote_node(node: Node, remote: Remote, certwright: Certwright) -> None:
    node.answer("GET", "certificates?limit=500", [CERTIFICATE])
    outcome = certwright("certificates", "list", "--json", *remote.options)
    assert outcome.document == [CERTIFICATE]


def test_select_saves(node: Node, data: Path, certwright: Certwright) -> None:
    saved = {
        "certificate": CERTIFICATE,
        "endpoint": ENDPOINT | {"active": FORMER},
        "findings": [],
    }
    node.answer("PUT", "endpoints/web-server/selection", saved)
    outcome = certwright("select", "web-server", "720E 95B9", "--data", data)
    assert outcome.exit_code == 0
    assert "is to use todd.corp.example (thumbprint 720e 95b9 …)" in outcome.output
    assert "certwright activate web-server" in outcome.output
    wanted = {"certificate": "720e95b9", "confirmed": False, "version": None}
    assert node.received[0].document == wanted


def test_select_of_what_is_active_already(node: Node, data: Path, certwright: Certwright) -> None:
    saved = {"certificate": CERTIFICATE, "endpoint": ENDPOINT, "findings": [FINDING]}
    node.answer("PUT", "endpoints/web-server/selection", saved)
    outcome = certwright("select", "web-server", "720e95b9", "--despite-rules", "--data", data)
    assert "It is what it uses already." in outcome.output
    assert FINDING["message"] in outcome.output
    assert node.received[0].document["confirmed"] is True


def refuse_by_rules(node: Node, code: str = "san-lacks-name") -> None:
    problem = {
        "code": "rules-failed",
        "detail": "Not selected: its names lack todd.corp.example.",
        "remedy": "Ask for one that has it.",
        "findings": [FINDING | {"code": code}],
    }
    node.answer("PUT", "endpoints/web-server/selection", problem, 409)


def test_select_against_the_rules_says_how_to_insist(
    node: Node, data: Path, certwright: Certwright
) -> None:
    refuse_by_rules(node)
    outcome = certwright("select", "web-server", "720e95b9", "--data", data)
    assert outcome.exit_code == 1
    assert outcome.output == ""
    assert "its names lack todd.corp.example" in outcome.errors
    assert "--despite-rules" in outcome.errors


def test_select_without_the_private_key_cannot_be_insisted_on(
    node: Node, data: Path, certwright: Certwright
) -> None:
    refuse_by_rules(node, "private-key-missing")
    outcome = certwright("select", "web-server", "720e95b9", "--data", data)
    assert outcome.exit_code == 1
    assert "--despite-rules" not in outcome.errors


def test_select_against_the_rules_as_json(node: Node, data: Path, certwright: Certwright) -> None:
    refuse_by_rules(node)
    outcome = certwright("select", "web-server", "720e95b9", "--json", "--data", data)
    assert outcome.exit_code == 1
    assert outcome.output == ""
    told = json.loads(outcome.errors)
    assert told["code"] == "rules-failed"
    assert told["findings"] == [FINDING]


@pytest.mark.parametrize(("state", "exit_code"), [("proven", 0), ("put-back", 1), ("failed", 1)])
def test_activate_ends_well_only_when_proven(
    node: Node, data: Path, certwright: Certwright, state: str, exit_code: int
) -> None:
    activation = ACTIVATION | {"state": state, "proof": None if state == "failed" else PROOF}
    node.answer("POST", "endpoints/web-server/activation", activation)
    assert certwright("activate", "web-server", "--data", data).exit_code == exit_code
    as_json = certwright("activate", "web-server", "--json", "--data", data)
    assert (as_json.exit_code, as_json.document) == (exit_code, activation)


@pytest.mark.parametrize(("proof", "exit_code"), [(PROOF, 0), (FAILED_PROOF, 1)])
def test_prove(
    node: Node, data: Path, certwright: Certwright, proof: dict[str, Any], exit_code: int
) -> None:
    node.answer("POST", "proofs", proof)
    outcome = certwright("prove", "web-server", "--data", data)
    assert outcome.exit_code == exit_code
    assert node.received[0].document == {"target": "web-server"}
    assert certwright("prove", "web-server", "--json", "--data", data).document == proof


def test_a_secret_is_set_from_a_file_and_not_as_an_argument(
    node: Node, data: Path, certwright: Certwright, tmp_path: Path
) -> None:
    node.answer("PUT", "settings/mail.password", {"key": "mail.password", "value": "(secret)"})
    refused = certwright("settings", "set", "mail.password", "hunter2", "--data", data)
    assert (refused.exit_code, "hunter2" in refused.errors) == (2, False)
    assert node.received == []
    file = tmp_path / "password"
    file.write_text("hunter2\n")
    done = certwright("settings", "set", "mail.password", "--value-file", file, "--data", data)
    assert node.received[-1].document == {"value": "hunter2"}
    assert "To try it: certwright notify test" in done.output
    assert certwright("settings", "set", "mail.password", "--data", data).exit_code == 2


def test_what_hinders_a_setting_is_said_when_it_is_set(
    node: Node, data: Path, certwright: Certwright
) -> None:
    answer = {"key": "webhook.secret", "value": "", "hindrances": ["Nothing is delivered."]}
    node.answer("PUT", "settings/webhook.secret", answer)
    unset = certwright("settings", "set", "webhook.secret", "", "--data", data)
    assert "no longer set.\nNothing is delivered." in unset.output


def test_a_test_message_shows_what_each_other_side_said(
    node: Node, data: Path, certwright: Certwright
) -> None:
    mail = {"channel": "mail", "ok": True, "words": "250 OK id=1", "remedy": ""}
    node.answer("POST", "telling/test", [mail])
    done = certwright("notify", "test", "mail", "--data", data)
    assert (done.exit_code, "mail: 250 OK id=1" in done.output) == (0, True)
    assert node.received[-1].document == {"channel": "mail"}
    failed = mail | {"ok": False, "words": "535 No.", "remedy": "Mend it."}
    node.answer("POST", "telling/test", [mail, failed])
    result = certwright("notify", "test", "--data", data)
    assert (result.exit_code, "535 No. Mend it." in result.output) == (1, True)


def test_settings(node: Node, data: Path, certwright: Certwright) -> None:
    answer = {"key": "web-server.protocol", "value": "http"}
    node.answer("GET", "settings/web-server.protocol", answer)
    node.answer("PUT", "settings/web-server.protocol", answer)
    node.answer("GET", "settings", {"web-server.protocol": "http"})
    got = certwright("settings", "get", "web-server.protocol", "--data", data)
    assert got.output == "http\n"
    assert "web-server.protocol  http" in certwright("settings", "get", "--data", data).output
    put = certwright("settings", "set", "web-server.protocol", "http", "--data", data)
    assert "certwright activate web-server" in put.output
    assert node.received[-1].document == {"value": "http"}


def test_the_name_of_a_services_endpoint_keeps_its_slash(
    node: Node, data: Path, certwright: Certwright
) -> None:
    # The front refuses an escaped one.
    key = "nginx/a.corp.example.window"
    node.answer("PUT", f"settings/{key}", {"key": key, "value": "22:00-04:00"})
    put = certwright("settings", "set", key, "22:00-04:00", "--data", data)
    assert put.output == f"Saved: {key} is 22:00-04:00. Renewals go by it from now on.\n"
    node.answer("PUT", f"settings/{key}", {"key": key, "value": ""})
    assert "no longer set" in certwright("settings", "set", key, "", "--data", data).output
    node.answer("POST", "endpoints/nginx/a.corp.example/activation", ACTIVATION)
    assert certwright("activate", "nginx/a.corp.example", "--data", data).exit_code == 0


def test_token_goes_into_a_new_file_only(
    node: Node, data: Path, certwright: Certwright, tmp_path: Path
) -> None:
    node.answer("POST", "tokens", {"name": "m", "right": "read", "token": "cwt_made"}, 201)
    out = tmp_path / "token"
    arguments = ("tokens", "create", "m", "--right", "read", "--data", data, "--out")
    outcome = certwright(*arguments, out, "--json")
    assert outcome.document == {"name": "m", "right": "read", "out": str(out)}
    assert out.read_text() == "cwt_made\n"
    assert out.stat().st_mode & 0o777 == 0o600
    asked = len(node.received)
    again = certwright(*arguments, out)
    assert again.exit_code == 1
    assert len(node.received) == asked
    assert out.read_text() == "cwt_made\n"
    assert certwright(*arguments, "-").output == "cwt_made\n"


def test_refused_token_leaves_no_file(
    node: Node, data: Path, certwright: Certwright, tmp_path: Path
) -> None:
    node.answer("POST", "tokens", {"code": "invalid-input", "detail": "No such right."}, 422)
    out = tmp_path / "token"
    outcome = certwright("tokens", "create", "m", "--right", "r", "--out", out, "--data", data)
    assert outcome.exit_code == 1
    assert not out.exists()


def test_tokens_are_listed_and_removed(node: Node, data: Path, certwright: Certwright) -> None:
    node.answer("GET", "tokens", [USER])
    node.answer("DELETE", "tokens/m", None, 204)
    assert "ada" in certwright("tokens", "list", "--data", data).output
    assert certwright("tokens", "remove", "m", "--json", "--data", data).document == {
        "removed": "m"
    }


def test_users(node: Node, data: Path, certwright: Certwright, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(CHOSEN + "\n")
    node.answer("GET", "users", [USER])
    node.answer("POST", "users", USER, 201)
    node.answer("PUT", "users/ada/right", USER)
    node.answer("PUT", "users/ada/password", None, 204)
    node.answer("DELETE", "users/ada", None, 204)
    runs = (
        ("list",),
        ("add", "ada", "--right", "read", "--password-file", tmp_path / "password"),
        ("set-right", "ada", "read"),
        ("set-password", "ada", "--password-file", tmp_path / "password"),
        ("remove", "ada"),
    )
    for run in runs:
        outcome = certwright("users", *run, "--data", data)
        assert outcome.exit_code == 0, outcome.errors
        assert "ada" in outcome.output
        assert CHOSEN not in outcome.output
    assert node.received[1].document == {"name": "ada", "right": "read", "password": CHOSEN}
    assert node.received[2].document == {"right": "read"}
    assert node.received[3].document == {"password": CHOSEN}


def test_answer_of_another_shape_is_told_not_traced(
    node: Node, data: Path, certwright: Certwright
) -> None:
    node.answer("GET", "status", {"ready": True, "services": 5})
    outcome = certwright("status", "--data", data)
    assert outcome.exit_code == 1
    assert "same version" in outcome.errors


def test_hostile_subject_does_not_steer_the_terminal(
    node: Node, data: Path, certwright: Certwright
) -> None:
    hostile = CERTIFICATE | {"common_name": "\x1b]0;owned\x07"}
    node.answer("GET", "certificates?limit=500", [hostile])
    node.answer("GET", "certificates/00", {"detail": "No \x1b[2J."}, 404)
    assert "\x1b" not in certwright("certificates", "list", "--data", data).output
    assert "\x1b" not in certwright("certificates", "show", "00", "--data", data).errors
