"""The JSON shapes of an import, planned or done."""

from datetime import datetime

from certwright.api.documents import Document, certificate_document
from certwright.lifecycle.checking_document import finding_document
from certwright.lifecycle.importing import Imported, ImportPlan, PlannedEntry
from certwright.stores.store import StoredCertificate
from certwright.x509.certificate import Certificate
from certwright.x509.chains import ChainVerdict


def plan_document(plan: ImportPlan, now: datetime) -> Document:
    """What an import would do."""
    return {
        "format": plan.format,
        "entries": [_entry(entry, now) for entry in plan.entries],
        "root": plan.root and _name(plan.root),
        "findings": [finding_document(finding) for finding in plan.findings],
        "chain": _chain(plan.chain),
        "notes": list(plan.notes),
    }


def imported_document(imported: Imported, now: datetime) -> Document:
    """What an import did."""
    done = {
        "certificate": certificate_document(imported.leaf, now),
        "added": imported.added,
        "private_key_added": imported.key_added,
    }
    return done | plan_document(imported.plan, now)


def _entry(entry: PlannedEntry, now: datetime) -> Document:
    stored = StoredCertificate(
        certificate=entry.certificate,
        place=entry.place,
        friendly_name=entry.friendly_name,
        has_private_key=entry.has_private_key,
        archived=False,
        added_at=None,
    )
    return certificate_document(stored, now) | {"is_new": entry.is_new, "origin": entry.origin}


def _chain(chain: ChainVerdict) -> Document:
    return {
        "ok": chain.ok,
        "reason": chain.reason or None,
        "path": [_name(one) for one in chain.path],
    }


def _name(certificate: Certificate) -> Document:
    return {
        "fingerprint": certificate.fingerprint,
        "subject": certificate.subject,
        "common_name": certificate.common_name,
    }
