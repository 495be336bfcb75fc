"""What the preview of an import tells."""

from certwright.designer.import_preview import Preview, preview_of
from certwright.lifecycle.import_plan import ImportPlan, PlannedEntry
from certwright.rules.finding import Finding, Severity
from certwright.stores.place import INTERMEDIATE, PERSONAL
from certwright.x509.certificate import Certificate
from certwright.x509.chains import ChainVerdict
from certwright.x509.refusal import Cause, Refusal

from ..x509.pki import Authority

ISSUING = Authority.root().authority()
LEAF = ISSUING.leaf()
EXPIRED = Finding("expired", Severity.ERROR, "It expired.", "Renew it.", "RFC 5280")


def entry(certificate: Certificate, *, key: bool, new: bool, origin: str) -> PlannedEntry:
    place = PERSONAL if key else INTERMEDIATE
    return PlannedEntry(certificate, place, "", key, new, origin)


def made(
    *entries: PlannedEntry,
    ok: bool = True,
    findings: tuple[Finding, ...] = (),
    fetched: bool = False,
) -> Preview:
    path = tuple(one.certificate for one in entries)
    missing = Refusal(Cause.ISSUER_MISSING, path[-1], "It is missing.", "Import it.")
    verdict = ChainVerdict(ok, path, () if ok else (missing,))
    plan = ImportPlan("PEM", entries, None, findings, verdict, ())
    return preview_of(plan, fetched=fetched)


def test_rows_tell_where_each_comes_from_and_goes() -> None:
    preview = made(
        entry(LEAF, key=True, new=True, origin="file"),
        entry(ISSUING.certificate, key=False, new=False, origin="store"),
        entry(ISSUING.certificate, key=False, new=True, origin="http://pki.example/ca.crt"),
    )
    assert [(row.outcome, row.origin) for row in preview.rows] == [
        ("New in Local Machine > Personal", "from the file"),
        ("Already in Local Machine > Intermediate", "found in a store"),
        ("New in Local Machine > Intermediate", "fetched from http://pki.example/ca.crt"),
    ]
    assert preview.concerns_server
    assert preview.brings_key


def test_missing_issuers_are_offered_once_and_only_where_there_is_an_address() -> None:
    leaf = entry(LEAF, key=True, new=True, origin="file")
    assert made(leaf, ok=False).issuers_could_be_fetched
    assert not made(leaf, ok=False, fetched=True).issuers_could_be_fetched
    assert not made(leaf).issuers_could_be_fetched
    root = entry(Authority.root().certificate, key=False, new=True, origin="file")
    assert not made(root, ok=False).issuers_could_be_fetched


def test_nothing_is_told_twice() -> None:
    leaf = entry(LEAF, key=True, new=True, origin="file")
    assert made(leaf, ok=False).tells_chain
    assert not made(leaf, ok=False, findings=(EXPIRED,)).tells_chain
    assert made(leaf, findings=(EXPIRED,)).tells_chain


def test_authority_alone_concerns_no_server_and_long_lists_end() -> None:
    authority = entry(ISSUING.certificate, key=False, new=True, origin="file")
    preview = made(*[authority] * 60)
    assert not preview.concerns_server
    assert (len(preview.rows), preview.hidden) == (50, 10)
