"""The README of a set: its files, the configuration's exact lines, and how to check it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap

from certwright.x509.text import day
from certwright.x509.writing.sets.ready_set import FOR_OWNER, Material, SetFile

NAME = "README.txt"
_INDENT = "    "
_WIDTH = 88


@dataclass(frozen=True)
class Section:
    """A heading, a sentence perhaps, and lines to be copied as they are."""

    title: str
    lines: Sequence[str]
    sentence: str = ""


def with_readme(
    material: Material, program: str, files: Sequence[SetFile], sections: Sequence[Section]
) -> tuple[SetFile, ...]:
    """`files` and the README that tells of them."""
    text = "\n".join(_text(material, program, files, sections)) + "\n"
    return (*files, SetFile(NAME, text.encode(), "this text"))


def check_served(material: Material, port: int = 443) -> Section:
    """The section Check of a server that speaks TLS at once."""
    host = material.host
    trust = " -CAfile root.crt" if material.root else ""
    return Section(
        "Check",
        (
            f"openssl s_client -connect {host}:{port} -servername {host}{trust} "
            "-verify_return_error < /dev/null",
            f"certwright check {host}:{port} --for {host}",
        ),
    )


def _text(
    material: Material, program: str, files: Sequence[SetFile], sections: Sequence[Section]
) -> Iterator[str]:
    leaf = material.leaf
    title = f"{leaf.short_name} for {program}"
    issuer = "itself (self-signed)" if leaf.is_self_signed else leaf.issuer_name
    yield title
    yield "=" * len(title)
    yield ""
    yield f"From {issuer}, good from {day(leaf.not_before)} until {day(leaf.not_after)}."
    yield f"Fingerprint (SHA-256): {leaf.fingerprint}"
    if material.root is None:
        top = (leaf, *material.chain)[-1]
        yield ""
        yield from wrap(
            f"The chain is not complete: {top.issuer_name}, which issued {top.short_name}, is not "
            "in the stores. Clients may refuse it; import that certificate and export again.",
            _WIDTH,
        )
    yield from _heading("Files")
    width = max(len(file.name) for file in files)
    for file in files:
        only = " (0600)" if file.mode == FOR_OWNER else ""
        yield f"{_INDENT}{file.name:<{width}}  {file.use}{only}"
    for section in sections:
        yield from _heading(section.title)
        if section.sentence:
            yield from wrap(section.sentence, _WIDTH)
            yield ""
        yield from (f"{_INDENT}{line}".rstrip() for line in section.lines)


def _heading(title: str) -> Iterator[str]:
    yield ""
    yield title
    yield "-" * len(title)
