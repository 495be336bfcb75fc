"""Where a rule's source can be read: its reference with links in it, as Markdown."""

import re

_REQUIREMENTS = "https://cabforum.org/working-groups/server/baseline-requirements/requirements/"
_BALLOTS = "https://cabforum.org/working-groups/server/ballots/"
_LINKS = (
    (
        re.compile(r"RFC (\d+) sections? ([0-9A-Z.]*[0-9A-Z])"),
        r"https://www.rfc-editor.org/rfc/rfc\1#section-\2",
    ),
    (
        re.compile(r"RFC (\d+) appendix ([A-Z])"),
        r"https://www.rfc-editor.org/rfc/rfc\1#appendix-\2",
    ),
    (re.compile(r"RFC (\d+)"), r"https://www.rfc-editor.org/rfc/rfc\1"),
    (re.compile(r"CVE-\d{4}-\d+"), r"https://nvd.nist.gov/vuln/detail/\g<0>"),
    (re.compile(r"NIST SP 800-(\d+)A?"), r"https://csrc.nist.gov/pubs/sp/800/\1"),
    (re.compile(r"support\.apple\.com/\d+"), r"https://\g<0>"),
    (re.compile(r"CA/Browser Forum Baseline Requirements"), _REQUIREMENTS),
    (re.compile(r"CA/Browser Forum ballot|ballots"), _BALLOTS),
)
_ANY = re.compile("|".join(f"(?:{pattern.pattern})" for pattern, _ in _LINKS))


def with_links(reference: str) -> str:
    """`reference` with each document that it names as a link to it."""
    return _ANY.sub(_link, reference)


def _link(found: re.Match[str]) -> str:
    text = found[0]
    for pattern, address in _LINKS:
        whole = pattern.fullmatch(text)
        if whole:
            return f"[{text}]({whole.expand(address)})"
    return text
