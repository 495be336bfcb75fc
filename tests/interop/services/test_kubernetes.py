"""TLS secrets, over real HTTPS, at a server that is no cluster."""

import base64
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.machine.services.materials import material

from certwright.machine.failures import FailureCode, MachineError
from certwright.machine.services.kubernetes.secrets import read_secret
from certwright.machine.services.kubernetes.service import KubernetesSecret
from certwright.machine.services.service import Material, Option, ServiceReference

from .kubernetes_server import NAMESPACE, TOKEN, KubernetesServer, kubernetes_server

FIRST, NEW = material(), material()
FORMER, PREVIOUS = "web-tls-certwright-former", "web-tls-certwright-previous"


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[KubernetesServer]:
    with kubernetes_server(tmp_path) as server:
        server.put("web-tls", FIRST.chain, FIRST.private_key)
        yield server


def service(cluster: KubernetesServer, **options: str) -> KubernetesSecret:
    return KubernetesSecret(cluster.reference(**options))


def found(cluster: KubernetesServer) -> str:
    return service(cluster).find().endpoints[0].thumbprint


def select(cluster: KubernetesServer, new: Material = NEW) -> tuple[str, ...]:
    return service(cluster).select("web-tls", new)


def refused(cluster: KubernetesServer, new: Material = NEW) -> MachineError:
    with pytest.raises(MachineError) as raised:
        select(cluster, new)
    assert NEW.private_key not in raised.value.message
    return raised.value


def test_what_was_activated_last_is_a_secret_of_its_own(cluster: KubernetesServer) -> None:
    cluster.secrets["web-tls"]["data"]["ca.crt"] = "AAAA"
    assert select(cluster) == (f"secret {NAMESPACE}/web-tls",)
    assert select(cluster, material())
    assert cluster.text(FORMER) == FIRST.chain
    assert cluster.text(FORMER, "tls.key") == FIRST.private_key
    assert cluster.secrets[FORMER]["type"] == "kubernetes.io/tls"
    assert cluster.secrets["web-tls"]["data"]["ca.crt"] == "AAAA"
    service(cluster).confirm("web-tls")
    assert set(cluster.secrets) == {"web-tls", PREVIOUS}
    assert cluster.text(PREVIOUS) == FIRST.chain


def test_confirming_again_takes_the_place_of_the_previous_one(cluster: KubernetesServer) -> None:
    for new in (NEW, material()):
        select(cluster, new)
        service(cluster).confirm("web-tls")
    assert cluster.text(PREVIOUS) == NEW.chain


def test_somebody_elses_change_meanwhile_is_seen_and_it_is_tried_again(
    cluster: KubernetesServer,
) -> None:
    other = material()
    cluster.before_patch = [lambda: cluster.put("web-tls", other.chain, other.private_key)] * 2
    assert select(cluster)
    assert found(cluster) == NEW.thumbprint
    assert cluster.text(FORMER) == other.chain


def test_after_the_third_time_it_is_left_to_the_other(cluster: KubernetesServer) -> None:
    other = material()
    cluster.before_patch = [lambda: cluster.put("web-tls", other.chain, other.private_key)] * 3
    failure = refused(cluster)
    assert failure.code is FailureCode.CHANGED_MEANWHILE
    assert set(cluster.secrets) == {"web-tls"}
    assert found(cluster) == other.thumbprint


def test_a_refusal_keeps_nothing_and_repeats_the_words(cluster: KubernetesServer) -> None:
    cluster.secrets["web-tls"]["immutable"] = True
    failure = refused(cluster)
    assert "field is immutable" in failure.message
    assert set(cluster.secrets) == {"web-tls"}
    assert any("immutable" in note for note in service(cluster).find().endpoints[0].notes)


def test_words_that_repeat_the_secret_are_left_out(cluster: KubernetesServer) -> None:
    said = base64.b64encode(NEW.private_key.encode()).decode()
    content = json.dumps({"message": f"cannot read {said}"}).encode()
    cluster.before_patch = [lambda: cluster.answers.append((500, b""))]
    secret = json.dumps(cluster.secrets["web-tls"]).encode()
    cluster.answers = [(200, secret), (404, b""), (201, b""), (400, content)]
    failure = refused(cluster)
    assert said[:24] not in failure.message
    assert "left out" in failure.message


@pytest.mark.parametrize("status", [401, 403])
def test_an_account_without_the_right_is_told_which_it_lacks(
    status: int, cluster: KubernetesServer
) -> None:
    cluster.answers = [(status, b'{"message": "system:serviceaccount:a:b cannot get"}')]
    failure = refused(cluster)
    assert failure.code is FailureCode.NOT_PERMITTED
    assert "cannot get" in failure.message
    assert "verbs get, create, patch and delete" in failure.remedy


def test_a_token_that_was_renewed_is_read_anew(cluster: KubernetesServer) -> None:
    made = service(cluster)
    made.find()
    cluster.token = "another"
    (cluster.folder / "token").write_text("another")
    assert made.find().endpoints


@pytest.mark.parametrize("token", ["", "two words", "line\r\nX-Other: 1", "ä"])
def test_what_is_no_token_is_never_sent(token: str, cluster: KubernetesServer) -> None:
    (cluster.folder / "token").write_text(token)
    assert refused(cluster).code is FailureCode.INVALID_INPUT
    assert cluster.calls == []


def test_a_server_of_another_authority_gets_no_token(
    cluster: KubernetesServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with kubernetes_server(tmp_path_factory.mktemp("other")) as other:
        with pytest.raises(MachineError, match="does not vouch for"):
            service(cluster, server=f"https://127.0.0.1:{other.port}").find()
        assert other.calls == []


def test_one_that_is_not_there_is_told_how_to_be_made(cluster: KubernetesServer) -> None:
    with pytest.raises(MachineError, match=f"no secret {NAMESPACE}/api-tls") as missing:
        service(cluster, secret="api-tls").find()
    assert missing.value.code is FailureCode.NOT_FOUND
    assert "kubectl create secret tls" in missing.value.remedy


def test_a_secret_of_another_type_is_left_alone(cluster: KubernetesServer) -> None:
    cluster.secrets["web-tls"]["type"] = "Opaque"
    assert refused(cluster).code is FailureCode.INVALID_INPUT


def test_cert_manager_is_seen(cluster: KubernetesServer) -> None:
    cluster.secrets["web-tls"]["metadata"]["annotations"] = {
        "cert-manager.io/certificate-name": "web"
    }
    assert any("cert-manager" in note for note in service(cluster).find().endpoints[0].notes)


def test_nobody_there_is_told_of(cluster: KubernetesServer) -> None:
    with pytest.raises(MachineError, match="does not answer") as failed:
        service(cluster, server="https://127.0.0.1:1").find()
    assert failed.value.code is FailureCode.SERVICE_FAILED


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *(("secret", name) for name in ("", "../x", "A", "a" * 250, "a?b", "-a")),
        *(("namespace", name) for name in ("a/b", "a b")),
        *(("server", name) for name in ("http://x", "https://", "https://a:b@x", "https://x:0")),
    ],
)
def test_what_cannot_be_meant_is_refused(
    option: str, value: str, cluster: KubernetesServer
) -> None:
    with pytest.raises(MachineError) as raised:
        service(cluster, **{option: value or "-"})
    assert raised.value.code is FailureCode.INVALID_INPUT


def test_in_a_pod_all_is_found_by_itself(cluster: KubernetesServer) -> None:
    (cluster.folder / "namespace").write_text(NAMESPACE)
    environment = {
        "KUBERNETES_SERVICE_HOST": "127.0.0.1",
        "KUBERNETES_SERVICE_PORT": str(cluster.port),
    }
    reference = ServiceReference("kubernetes", "", (Option("secret", "web-tls"),))
    made = KubernetesSecret(reference, environment, cluster.folder)
    assert made.find().endpoints[0].thumbprint == FIRST.thumbprint
    with pytest.raises(MachineError, match="is not said"):
        KubernetesSecret(reference, {}, cluster.folder)


def test_a_key_of_another_certificate_is_not_even_sent(cluster: KubernetesServer) -> None:
    refused(cluster, dataclasses.replace(NEW, private_key=FIRST.private_key))
    assert cluster.calls == []


def test_a_flood_is_not_read(cluster: KubernetesServer) -> None:
    cluster.answers = [(200, b" " * (5 * 1024 * 1024))]
    assert "more than any secret holds" in refused(cluster).message


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
FIELDS = st.sampled_from(["metadata", "type", "data", "resourceVersion", "annotations"])


@given(
    st.binary()
    | st.just(b"[" * 100_000)
    | (VALUES | st.dictionaries(FIELDS, VALUES | st.dictionaries(FIELDS, VALUES))).map(
        lambda value: json.dumps(value).encode()
    )
)
def test_any_answer_is_a_secret_or_refused_in_words(document: bytes) -> None:
    try:
        secret = read_secret(document)
    except MachineError as failure:
        code: FailureCode | None = failure.code
    else:
        code = None
        assert isinstance(secret.version, str)
    assert code in (None, FailureCode.SERVICE_FAILED)


def test_the_token_stands_in_no_sentence(cluster: KubernetesServer) -> None:
    cluster.token = "another"
    failure = refused(cluster)
    assert TOKEN not in failure.message + failure.remedy
