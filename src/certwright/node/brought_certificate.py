"""The certificate given with --certificate, looked at before anything is made for it."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from certwright.lifecycle.debian_weak_keys import debian_weak_keys
from certwright.lifecycle.importing import require_private_key
from certwright.lifecycle.known_roots import machine_roots, public_roots
from certwright.lifecycle.selection import RulesFailed
from certwright.node.option_files import read_file, read_password_file
from certwright.node.settings import NodeSettings
from certwright.rules.candidate import Candidate, Requirement
from certwright.rules.engine import check, is_right
from certwright.rules.environment import Environment
from certwright.x509.chains import complete_chain
from certwright.x509.reading import LARGEST_FILE, Bundle, read_bundle


def brought_certificate(settings: NodeSettings) -> Callable[[], Bundle] | None:
    """Reads the file when asked; None if none was given."""
    file = settings.certificate
    if file is None:
        return None
    return lambda: _read(file, settings.certificate_password_file)


def refuse_unusable(settings: NodeSettings, now: datetime) -> None:
    """Raise, before a data folder has anything in it, for a file that could not be used."""
    read = brought_certificate(settings)
    if read is None:
        return
    bundle = read()
    require_private_key(bundle)
    roots = [certificate for certificate in bundle.others if certificate.is_self_issued]
    if settings.environment is Environment.CLOUD:
        roots = []
    findings = check(
        Candidate(
            certificate=bundle.leaf,
            chain=complete_chain(bundle.leaf, bundle.others)[1:],
            has_private_key=True,
            private_key_fingerprint=bundle.leaf.key_fingerprint,
        ),
        Requirement(
            names=settings.names[:1],
            environment=settings.environment,
            at=now,
            trusted_roots=(*roots, *machine_roots()),
            public_roots=public_roots(),
            debian_weak_keys=debian_weak_keys(),
        ),
    )
    if not is_right(findings):
        raise RulesFailed(findings)


def _read(file: Path, password_file: Path | None) -> Bundle:
    password = None
    if password_file is not None:
        password = read_password_file(password_file, "--certificate-password-file")
    return read_bundle(read_file(file, "--certificate", LARGEST_FILE + 1), password)
