"""A set as the one file that it leaves in."""

import stat
from collections.abc import Callable, Sequence
from datetime import datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from certwright.x509.writing.passwords import password_refused
from certwright.x509.writing.sets.java import java_set
from certwright.x509.writing.sets.kubernetes import kubernetes_set
from certwright.x509.writing.sets.postgresql import postgresql_set
from certwright.x509.writing.sets.ready_set import Material, ReadySet, SetFile
from certwright.x509.writing.sets.sap import sap_set
from certwright.x509.writing.sets.web_servers import apache_set, haproxy_set, nginx_set

_UNIX = 3

_MAKERS: dict[ReadySet, Callable[[Material], tuple[SetFile, ...]]] = {
    ReadySet.NGINX: nginx_set,
    ReadySet.HAPROXY: haproxy_set,
    ReadySet.APACHE: apache_set,
    ReadySet.POSTGRESQL: postgresql_set,
    ReadySet.JAVA_KEYSTORE: java_set,
    ReadySet.KUBERNETES_SECRET: kubernetes_set,
    ReadySet.SAP_PSE: sap_set,
}


def write_set(ready_set: ReadySet, material: Material, at: datetime) -> bytes:
    """A ZIP of the set's files, made at `at`, with the permissions they are to have.

    Raises INVALID_INPUT for a password that is missing, or that nothing would be encrypted with.
    """
    if material.password and not ready_set.needs_password:
        raise password_refused(f"The private key for {ready_set.label}")
    return zip_files(_MAKERS[ready_set](material), material.stem, at)


def zip_files(files: Sequence[SetFile], folder: str, at: datetime) -> bytes:
    """`files` in a folder of their own."""
    archive = BytesIO()
    with ZipFile(archive, "w", ZIP_DEFLATED) as writer:
        for file in files:
            entry = ZipInfo(f"{folder}/{file.name}", at.timetuple()[:6])
            entry.create_system = _UNIX
            entry.external_attr = (stat.S_IFREG | file.mode) << 16
            entry.compress_type = ZIP_DEFLATED
            writer.writestr(entry, file.content)
    return archive.getvalue()
