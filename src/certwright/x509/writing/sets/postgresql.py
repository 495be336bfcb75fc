"""A set for PostgreSQL."""

from certwright.x509.writing.sets.readme import Section, with_readme
from certwright.x509.writing.sets.ready_set import (
    Material,
    SetFile,
    certificate_file,
    key_file,
    root_files,
)


def postgresql_set(material: Material) -> tuple[SetFile, ...]:
    """Under the names PostgreSQL looks for (its manual, 18.9, Secure TCP/IP Connections)."""
    files = (
        certificate_file(material, "server.crt"),
        key_file(material, "server.key"),
        *root_files(material),
    )
    configuration = (
        "ssl = on",
        "ssl_cert_file = 'server.crt'",
        "ssl_key_file = 'server.key'",
        "ssl_min_protocol_version = 'TLSv1.2'",
    )
    install = (
        'install -o postgres -g postgres -m 0644 server.crt "$PGDATA/"',
        'install -o postgres -g postgres -m 0600 server.key "$PGDATA/"',
    )
    # Without a root file of its own, libpq takes the system's since version 16.
    trust = "root.crt" if material.root else "system"
    check = f'psql "host={_bare(material.host)} sslmode=verify-full sslrootcert={trust}"'
    sections = (
        Section("Install", install, "As root, into the data folder; others may not read the key:"),
        Section("Configuration", configuration, "In postgresql.conf:"),
        Section("Activate", ('psql -c "select pg_reload_conf()"',), "As postgres:"),
        Section("Check", (check,), "With a user name and a database of yours:"),
    )
    return with_readme(material, "PostgreSQL", files, sections)


def _bare(host: str) -> str:
    return host.strip("[]")
