"""How the texts of a certificate are sorted and searched: keys and words kept beside its row."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice

from certwright.x509.certificate import Certificate

_LONGEST_KEY = 120
_LONGEST_WORD = 100
_MOST_WORDS = 1000
_LONGEST_SEARCH = 200
_MOST_TERMS = 8
_ATTRIBUTE_TYPE = re.compile(r"(?:^|[,+])[A-Za-z0-9.]+=")
"""Of a name as RFC 4514 writes it: every certificate has them, so nobody looks for them."""


def sort_key(text: str) -> str:
    """What `text` is sorted by, bytewise: case and accents do not count, nor does a long end."""
    decomposed = unicodedata.normalize("NFKD", text[:_LONGEST_KEY])
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return bare.casefold()[:_LONGEST_KEY]


def search_words(texts: Iterable[str]) -> list[str]:
    """What `texts` are found by: every end of every word in them, so a beginning finds a middle.

    Of `web-01.corp.example` these are itself, `01.corp.example`, `corp.example` and `example`.
    A wildcard's name stands among them whole, `*` included. At most 1000, without repetition.
    """
    words = (word for text in texts for chunk in text.split() for word in _ends(_plain(chunk)))
    return list(islice(dict.fromkeys(words), _MOST_WORDS))


def certificate_words(certificate: Certificate, friendly_name: str) -> list[str]:
    """What a certificate is found by: its names, its subject and issuer, its serial number.

    The word that its name begins with is marked: in the order of names such rows stand together.
    """
    name = certificate.short_name
    texts = (
        name,
        friendly_name,
        *certificate.common_names,
        *(_ATTRIBUTE_TYPE.sub(" ", text) for text in (certificate.subject, certificate.issuer)),
        *certificate.names,
    )
    words = search_words(texts)
    if words and sort_key(name).startswith(words[0]):
        words[0] = first_word(words[0])
    return [serial_word(certificate.serial), *words]


def first_word(word: str) -> str:
    """How the word that a name begins with is marked."""
    return f"^{word}"


def serial_word(serial: str) -> str:
    """What a serial number (hex) is found by: marked, so that no other search finds it."""
    return f"#{serial}"[:_LONGEST_WORD]


def search_terms(search: str) -> tuple[str, ...]:
    """What somebody typed, as beginnings of `search_words`; all of them must be found.

    Empty where nothing that could be found was typed.
    """
    chunks = (_plain(chunk) for chunk in search[:_LONGEST_SEARCH].split())
    terms = (next(_ends(chunk), "") for chunk in chunks)
    return tuple(dict.fromkeys(term for term in terms if term))[:_MOST_TERMS]


def _plain(chunk: str) -> str:
    # Quotes and backslashes mean something where PostgreSQL reads a list of words, and taking a
    # character apart can bring a space.
    return "".join(c for c in sort_key(chunk) if c.isprintable() and c not in " '\"\\")


def _ends(word: str) -> Iterator[str]:
    before = ""
    for position, character in enumerate(word):
        if _begins_word(before, character):
            yield word[position:][:_LONGEST_WORD]
        before = character


def _begins_word(before: str, character: str) -> bool:
    if not character.isalnum():
        return character == "*" and not before
    return not before.isalnum() or (character.isdigit() and not before.isdigit())
