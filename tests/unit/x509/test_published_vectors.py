"""Every vector of `cryptography_vectors` is imported, or refused for the reason that is right."""

from collections import defaultdict

from tests.vectors.published import PACKAGE, listed_vectors, outcome, published_files

from certwright.x509.certificate import Certificate
from certwright.x509.reading import read_bundle

from ...fuzz.showing import show

VECTORS = listed_vectors()


def test_every_file_is_used() -> None:
    assert sorted(vector.name for vector in VECTORS) == sorted(published_files())
    assert len(VECTORS) > 2000


def test_every_file_is_imported_or_refused_as_expected() -> None:
    found = defaultdict(list)
    for vector in VECTORS:
        found[outcome(vector.name, vector.password)].append(vector.name)
    expected = defaultdict(list)
    for vector in VECTORS:
        expected[vector.outcome].append(vector.name)
    assert found == expected


def test_what_is_imported_can_be_shown() -> None:
    shown: set[Certificate] = set()
    for vector in VECTORS:
        if vector.is_imported:
            bundle = read_bundle((PACKAGE / vector.name).read_bytes(), vector.password)
            for certificate in set(bundle.certificates) - shown:
                show(certificate, bundle.certificates)
                shown.add(certificate)
    assert len(shown) > 500
