"""docs/rules.md says what the code does."""

import re

import pytest
from documentation.rules_page import PAGE, rules_page
from documentation.sources import with_links

from certwright.rules.catalogue import RULES


@pytest.fixture(scope="module")
def page() -> str:
    return rules_page()


def test_page_is_current(page: str) -> None:
    assert PAGE.read_text("utf-8") == page, "Run `make docs`."


def test_every_rule_is_there_with_a_sentence_a_remedy_and_a_source(page: str) -> None:
    sections = dict(re.findall(r"^### ([a-z0-9-]+)\n(.*?)(?=^#|\Z)", page, re.M | re.S))
    assert list(sections) == [rule.code for rule in RULES]
    for rule in RULES:
        assert rule.title in sections[rule.code]
        assert rule.remedy in sections[rule.code].replace("\\", "")
        assert "**Says, for example:** “" in sections[rule.code]


@pytest.mark.parametrize(
    ("reference", "linked"),
    [
        (
            "RFC 5280 section 4.1.2.5",
            "[RFC 5280 section 4.1.2.5](https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5)",
        ),
        (
            "RFC 9155; RFC 6762 appendix G",
            "[RFC 9155](https://www.rfc-editor.org/rfc/rfc9155); "
            "[RFC 6762 appendix G](https://www.rfc-editor.org/rfc/rfc6762#appendix-G)",
        ),
        ("CVE-2017-15361", "[CVE-2017-15361](https://nvd.nist.gov/vuln/detail/CVE-2017-15361)"),
        ("The product's requirement: none", "The product's requirement: none"),
    ],
)
def test_sources_are_links(reference: str, linked: str) -> None:
    assert with_links(reference) == linked
