"""The commands of the certificate store: what each asks of the node, prints, and writes."""

import stat
from pathlib import Path
from typing import Any

import pytest

from certwright.cli.certificate_export import FORMATS, SETS
from certwright.x509.writing.formats import ExportFormat
from certwright.x509.writing.sets.ready_set import ReadySet

from .conftest import Certwright, Node
from .documents import CERTIFICATE, FINDING, IMPORTED

PEM = b"-----BEGIN CERTIFICATE-----\n"
URL = "certificates/720e95b9"


def test_certificates_of_one_store(node: Node, data: Path, certwright: Certwright) -> None:
    node.answer("GET", "certificates?location=LocalMachine&store=My&limit=500", [CERTIFICATE])
    outcome = certwright(
        "certificates", "list", "--location", "LocalMachine", "--store", "My", "--data", data
    )
    assert "720e 95b9" in outcome.output


@pytest.mark.parametrize(
    ("options", "query"),
    [
        ([], "limit=500"),
        (["--search", "todd corp"], "search=todd+corp&limit=500"),
        (["--expired"], "status=expired&limit=500"),
        (["--status", "expires-soon", "--limit", "7"], "status=expires-soon&limit=8"),
        (["--expires-within", "30", "--archived"], "expires_within=30&archived=true&limit=500"),
        (["--with-key", "--sort", "issuer"], "has_private_key=true&sort=issuer&limit=500"),
        (["--descending"], "descending=true&limit=500"),
    ],
)
def test_list_is_narrowed(
    node: Node, data: Path, certwright: Certwright, options: list[str], query: str
) -> None:
    node.answer("GET", f"certificates?{query}", [CERTIFICATE])
    outcome = certwright("certificates", "list", *options, "--json", "--data", data)
    assert outcome.document == [CERTIFICATE]


def answer_in_pages(node: Node, size: str) -> None:
    """Two pages, of two certificates and of one."""
    second = f"certificates?limit={size}&after=0.abc"
    node.answer("GET", f"certificates?limit={size}", [CERTIFICATE] * 2, following=second)
    node.answer("GET", second, [CERTIFICATE])


def test_all_pages_are_one_document(node: Node, data: Path, certwright: Certwright) -> None:
    answer_in_pages(node, "500")
    outcome = certwright("certificates", "list", "--json", "--data", data)
    assert outcome.document == [CERTIFICATE] * 3
    assert outcome.output.startswith("[\n  {\n    ")


def test_limit_ends_the_list_and_people_are_told_of_more(
    node: Node, data: Path, certwright: Certwright
) -> None:
    answer_in_pages(node, "3")
    outcome = certwright("certificates", "list", "--limit", "2", "--data", data)
    assert outcome.output.count("720e 95b9") == 2
    assert "These are the first 2; more fit." in outcome.output
    as_json = certwright("certificates", "list", "--limit", "2", "--json", "--data", data)
    assert as_json.document == [CERTIFICATE] * 2


def test_list_that_fits_says_nothing_of_more(
    node: Node, data: Path, certwright: Certwright
) -> None:
    answer_in_pages(node, "500")
    assert "more fit" not in certwright("certificates", "list", "--data", data).output


def test_empty_list_is_an_empty_array(node: Node, data: Path, certwright: Certwright) -> None:
    node.answer("GET", "certificates?limit=500", [])
    assert certwright("certificates", "list", "--json", "--data", data).document == []


def test_answer_that_is_no_list_is_told(node: Node, data: Path, certwright: Certwright) -> None:
    node.answer("GET", "certificates?limit=500", {"certificates": []})
    outcome = certwright("certificates", "list", "--json", "--data", data)
    assert outcome.exit_code == 1
    assert "same version" in outcome.errors


def test_status_that_contradicts_itself_is_wrong_usage(
    node: Node, data: Path, certwright: Certwright
) -> None:
    outcome = certwright("certificates", "list", "--expired", "--status", "valid", "--data", data)
    assert outcome.exit_code == 2


def test_certificate_by_a_pasted_thumbprint(node: Node, data: Path, certwright: Certwright) -> None:
    node.answer("GET", URL, CERTIFICATE)
    outcome = certwright("certificates", "show", "72:0E:95:B9", "--data", data)
    assert "CN=todd.corp.example" in outcome.output


# Import


def test_import_sends_file_and_password(
    node: Node, data: Path, certwright: Certwright, tmp_path: Path
) -> None:
    node.answer("POST", "certificates", IMPORTED)
    (tmp_path / "todd.pfx").write_bytes(b"\x30\x82")
    (tmp_path / "password").write_text("of the file\n")
    outcome = certwright(
        *("certificates", "import", tmp_path / "todd.pfx"),
        *("--password-file", tmp_path / "password", "--store", "My", "--data", data),
    )
    assert outcome.exit_code == 0
    assert "Imported: todd.corp.example" in outcome.output
    body = node.received[0].body
    for part in (
        b'name="file"; filename="todd.pfx"',
        b"\x30\x82",
        b'name="password"\r\n\r\nof the file\r\n',
        b'name="store"\r\n\r\nMy\r\n',
    ):
        assert part in body
    for field in (b"location", b"friendly_name", b"trust_root", b"fetch_issuers", b"exportable"):
        assert b'name="' + field not in body


def test_import_of_several_files_with_every_wish(
    node: Node, data: Path, certwright: Certwright, tmp_path: Path
) -> None:
    node.answer("POST", "certificates", IMPORTED | {"findings": [FINDING]})
    for name in ("todd.pem", "todd.key", "chain.pem"):
        (tmp_path / name).write_bytes(PEM + name.encode())
    outcome = certwright(
        *("certificates", "import"),
        *(tmp_path / "todd.pem", tmp_path / "todd.key", tmp_path / "chain.pem"),
        *("--friendly-name", "Web", "--trust-root", "--fetch-issuers", "--not-exportable"),
        *("--data", data),
    )
    assert outcome.exit_code == 0
    body = node.received[0].body
    for sent in (b"todd.pem", b"todd.key", b"chain.pem"):
        assert b'name="file"; filename="' + sent in body
        assert PEM + sent in body
    for field, value in (
        (b"friendly_name", b"Web"),
        (b"trust_root", b"true"),
        (b"fetch_issuers", b"true"),
        (b"exportable", b"false"),
    ):
        assert b'name="' + field + b'"\r\n\r\n' + value + b"\r\n" in body
    assert b'name="password"' not in body
    assert b'name="preview"' not in body


def test_dry_run_only_asks(node: Node, data: Path, certwright: Certwright, tmp_path: Path) -> None:
    plan = {key: IMPORTED[key] for key in IMPORTED if key not in {"certificate", "added"}}
    node.answer("POST", "certificates", plan)
    (tmp_path / "todd.pem").write_bytes(PEM)
    arguments = ("certificates", "import", tmp_path / "todd.pem", "--dry-run", "--data", data)
    outcome = certwright(*arguments)
    assert "Nothing is saved yet" in outcome.output
    assert b'name="preview"\r\n\r\ntrue\r\n' in node.received[0].body
    assert certwright(*arguments, "--json").document == plan


def test_script_is_not_asked_for_a_password(
    node: Node, data: Path, certwright: Certwright, tmp_path: Path
) -> None:
    problem = {"code": "wrong-password", "detail": "It needs a password.", "remedy": "Give it."}
    node.answer("POST", "certificates", problem, 422)
    (tmp_path / "todd.pem").write_bytes(PEM)
    outcome = certwright("certificates", "import", tmp_path / "todd.pem", "--data", data)
    assert outcome.exit_code == 1
    assert "It needs a password." in outcome.errors
    assert len(node.received) == 1


def test_import_of_what_is_no_certificate_file(
    node: Node, data: Path, certwright: Certwright, tmp_path: Path
) -> None:
    (tmp_path / "large").write_bytes(bytes(1024 * 1024 + 1))
    for file, words in (
        (tmp_path / "large", "larger than 1 MiB"),
        (tmp_path / "none", "No such file"),
        (tmp_path, "Is a directory"),
    ):
        outcome = certwright("certificates", "import", file, "--data", data)
        assert outcome.exit_code == 1
        assert words in outcome.errors
        assert len(outcome.errors.splitlines()) == 1
    assert node.received == []


# Delete, rename, archive


def test_delete_by_a_script_is_not_asked_about(
    node: Node, data: Path, certwright: Certwright
) -> None:
    node.answer(
        "DELETE", f"{URL}?store=My", {"certificate": CERTIFICATE, "private_key_deleted": True}
    )
    outcome = certwright("certificates", "delete", "720E 95B9", "--store", "My", "--data", data)
    assert outcome.exit_code == 0
    assert outcome.output == "Deleted from Personal with its private key: todd.corp.example\n"


def test_certificate_in_use_is_told(node: Node, data: Path, certwright: Certwright) -> None:
    problem = {"code": "certificate-in-use", "detail": "It is in use.", "remedy": "Select."}
    node.answer("DELETE", URL, problem, 409)
    outcome = certwright("certificates", "delete", "720e95b9", "--yes", "--json", "--data", data)
    assert outcome.exit_code == 1
    assert '"code": "certificate-in-use"' in outcome.errors


@pytest.mark.parametrize(
    ("arguments", "wanted", "answer", "told"),
    [
        (
            ["rename", "720e95b9", "Web"],
            {"friendly_name": "Web"},
            {"friendly_name": "Web"},
            "todd.corp.example is called Web.\n",
        ),
        (
            ["rename", "720e95b9", ""],
            {"friendly_name": ""},
            {"friendly_name": ""},
            "todd.corp.example has no friendly name any longer.\n",
        ),
        (
            ["archive", "720e95b9"],
            {"archived": True},
            {"archived": True},
            "todd.corp.example is archived.\n",
        ),
        (
            ["archive", "720e95b9", "--undo"],
            {"archived": False},
            {"archived": False},
            "todd.corp.example is offered again.\n",
        ),
    ],
)
def test_rename_and_archive(
    node: Node,
    data: Path,
    certwright: Certwright,
    arguments: list[str],
    wanted: dict[str, Any],
    answer: dict[str, Any],
    told: str,
) -> None:
    node.answer("PATCH", URL, CERTIFICATE | answer)
    outcome = certwright("certificates", *arguments, "--data", data)
    assert outcome.output == told
    assert node.received[0].document == wanted


# Export


def export(certwright: Certwright, data: Path, out: Path, *options: str | Path) -> Any:
    return certwright("certificates", "export", "720e95b9", "--out", out, *options, "--data", data)


def test_export_without_key_is_for_everybody_to_read(
    node: Node, data: Path, certwright: Certwright, tmp_path: Path
) -> None:
    node.answer("POST", f"{URL}/export", PEM)
    out = tmp_path / "todd.pem"
    outcome = export(certwright, data, out, "--format", "pem", "--store", "My")
    assert outcome.exit_code == 0, outcome.errors
    assert outcome.output == f"Written: {out} ({len(PEM)} bytes).\n"
    assert out.read_bytes() == PEM
    assert stat.S_IMODE(out.stat().st_mode) == 0o644
    assert list(tmp_path.iterdir()) == [out]
    assert node.received[0].document == {
        "store": "My",
        "format": "pem",
        "with_key": False,
        "older_encryption": False,
    }


def test_export_with_key_is_for_its_owner_only(
    node: Node, data: Path, certwright: Certwright, tmp_path: Path
) -> None:
    node.answer("POST", f"{URL}/export", b"\x30\x00")
    (tmp_path / "password").write_text("of the file\n")
    out = tmp_path / "todd.pfx"
    options = ("--format", "pfx", "--with-key", "--password-file", tmp_path / "password")
    outcome = export(certwright, data, out, *options, "--json")
    assert outcome.document == {"file": str(out), "bytes": 2, "private_key": True}
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    sent = node.received[0].document
    assert (sent["with_key"], sent["password"]) == (True, "of the file")
    assert "of the file" not in node.received[0].path


def test_export_never_writes_over_a_file_unasked(
    node: Node, data: Path, certwright: Certwright, tmp_path: Path
) -> None:
    node.answer("POST", f"{URL}/export", PEM)
    out = tmp_path / "todd.pem"
    out.write_text("mine")
    outcome = export(certwright, data, out, "--format", "pem", "--with-key")
    assert outcome.exit_code == 1
    assert "is there already" in outcome.errors
    assert out.read_text() == "mine"
    # Nothing was asked of the node: it would have recorded an export that never came about.
    assert node.received == []
    assert export(certwright, data, out, "--format", "pem", "--with-key", "--force").exit_code == 0
    assert out.read_bytes() == PEM
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_export_into_what_is_no_folder(
    node: Node, data: Path, certwright: Certwright, tmp_path: Path
) -> None:
    node.answer("POST", f"{URL}/export", PEM)
    outcome = export(certwright, data, tmp_path / "none" / "x", "--format", "pem")
    assert outcome.exit_code == 1
    assert "cannot be written" in outcome.errors


def test_refused_export_leaves_no_file(
    node: Node, data: Path, certwright: Certwright, tmp_path: Path
) -> None:
    problem = {"code": "not-permitted", "detail": "You may not.", "remedy": "Ask."}
    node.answer("POST", f"{URL}/export", problem, 403)
    outcome = export(certwright, data, tmp_path / "x", "--format", "pem", "--with-key")
    assert outcome.exit_code == 1
    assert "You may not." in outcome.errors
    assert list(tmp_path.iterdir()) == []


def test_formats_and_sets_are_those_of_the_node() -> None:
    assert list(ExportFormat) == list(FORMATS)
    assert list(ReadySet) == list(SETS)


@pytest.mark.parametrize(
    "options",
    [[], ["--format", "pem", "--set", "nginx"], ["--format", "exe"], ["--set", "iis"]],
)
def test_either_a_format_or_a_set(
    node: Node, data: Path, certwright: Certwright, tmp_path: Path, options: list[str]
) -> None:
    assert export(certwright, data, tmp_path / "x", *options).exit_code == 2
    assert node.received == []


def test_set_is_a_secret_too(
    node: Node, data: Path, certwright: Certwright, tmp_path: Path
) -> None:
    node.answer("POST", f"{URL}/export-set", b"PK")
    out = tmp_path / "todd.zip"
    assert export(certwright, data, out, "--set", "nginx").exit_code == 0
    assert node.received[0].document == {"set": "nginx"}
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


# Events


def test_events(node: Node, data: Path, certwright: Certwright) -> None:
    event = {
        "at": "2026-11-24T09:00:00Z",
        "actor": "ada",
        "kind": "private-key-exported",
        "subject": "ab",
        "message": "todd.corp.example exported with its private key",
        "good": True,
    }
    node.answer("GET", "events?limit=30", [event])
    outcome = certwright("events", "--data", data)
    assert "2026-11-24 09:00:00" in outcome.output
    assert "todd.corp.example exported with its private key" in outcome.output
    node.answer("GET", "events?limit=1", [])
    assert "Nothing has happened" in certwright("events", "--limit", "1", "--data", data).output
