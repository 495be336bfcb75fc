"""Secrets on their way to Envoy."""

from pathlib import Path

from certwright.front.files import read_json
from certwright.front.secrets import make_empty_secret, secret_path, write_secret


def test_chain_and_key_stand_in_one_file_under_the_endpoints_name(tmp_path: Path) -> None:
    version = write_secret(tmp_path, "web-server", "chain", "key")
    content = read_json(secret_path(tmp_path, "web-server"))
    assert content["version_info"] == version
    (secret,) = content["resources"]
    assert secret["name"] == "web-server"
    assert secret["tls_certificate"] == {
        "certificate_chain": {"inline_string": "chain"},
        "private_key": {"inline_string": "key"},
    }


def test_version_tells_chain_and_key_apart(tmp_path: Path) -> None:
    pairs = [("chain", "key"), ("chain", "other"), ("other", "key"), ("chai", "nkey")]
    versions = [write_secret(tmp_path, "web-server", *pair) for pair in pairs]
    assert len(set(versions)) == len(pairs)
    assert write_secret(tmp_path, "web-server", "chain", "key") == versions[0]


def test_empty_secret_never_replaces_a_real_one(tmp_path: Path) -> None:
    make_empty_secret(tmp_path, "web-server")
    assert read_json(secret_path(tmp_path, "web-server"))["resources"] == []
    write_secret(tmp_path, "web-server", "chain", "key")
    make_empty_secret(tmp_path, "web-server")
    assert len(read_json(secret_path(tmp_path, "web-server"))["resources"]) == 1
