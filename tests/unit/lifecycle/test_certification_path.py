"""How each link of a chain stands."""

from datetime import timedelta

from certwright.lifecycle.certification_path import Link, draw_path
from certwright.x509.certificate import Certificate
from certwright.x509.chains import verify_chain
from certwright.x509.refusal import Cause

from ..x509.pki import AT, Authority


def draw(
    leaf: Certificate, above: list[Certificate], roots: list[Certificate], later: int = 0
) -> tuple[Link, ...]:
    at = AT + timedelta(later)
    verdict = verify_chain(leaf, above, roots, None, at, for_any_purpose=True)
    return draw_path(verdict)


def test_sound_chain_from_root_to_leaf() -> None:
    root = Authority.root()
    issuing = root.authority()
    links = draw(issuing.leaf(), [issuing.certificate], [root.certificate])
    assert [(link.name, link.role) for link in links] == [
        ("Root", "Root"),
        ("Issuing", "Intermediate"),
        ("todd.corp.example", "Leaf"),
    ]
    assert all(link.health == "good" and not link.refusals for link in links)


def test_expired_link_bears_its_reason() -> None:
    root = Authority.root()
    issuing = root.authority(days=30)
    links = draw(issuing.leaf(days=400), [issuing.certificate], [root.certificate], later=20)
    assert [link.health for link in links] == ["good", "broken", "broken"]
    assert [one.sentence for one in links[1].refusals] == ["Issuing expired on 1 December 2026."]


def test_missing_issuer_is_a_link_of_its_own() -> None:
    issuing = Authority.root().authority()
    links = draw(issuing.leaf(), [], [])
    assert [(link.name, link.role, link.health) for link in links] == [
        ("Issuing", "Missing issuer", "broken"),
        ("todd.corp.example", "Leaf", "good"),
    ]
    assert links[0].certificate is None


def test_root_that_nobody_trusts_is_at_fault() -> None:
    root = Authority.root()
    issuing = root.authority()
    links = draw(issuing.leaf(), [issuing.certificate, root.certificate], [])
    assert [link.health for link in links] == ["broken", "good", "good"]
    assert [one.cause for one in links[0].refusals] == [Cause.UNTRUSTED_ROOT]


def test_fault_stands_at_the_link_at_fault() -> None:
    root = Authority.root()
    upper = root.authority("Upper", path_length=0)
    lower = upper.authority("Lower")
    above = [upper.certificate, lower.certificate]
    links = draw(lower.leaf(), above, [root.certificate])
    broken = [link for link in links if link.health == "broken"]
    assert [link.name for link in broken] == ["Upper"]
    assert broken[0].refusals[0].cause is Cause.PATH_LENGTH


def test_self_signed_certificate_is_alone() -> None:
    root = Authority.root()
    (link,) = draw(root.certificate, [], [root.certificate])
    assert (link.role, link.health) == ("Root", "good")
