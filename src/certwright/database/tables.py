"""The tables. Every time is UTC; every certificate is named by its SHA-256 fingerprint."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Interval,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

metadata = MetaData()

_STORE = ("machine", "location", "store")

TIME = DateTime(timezone=True)

# What knows its node does so by the session that wrote it (see `node_views`).
_THIS_NODE = text("current_setting('certwright.node')")


def _node() -> Column[str]:
    return Column("node", Text, nullable=False, server_default=_THIS_NODE)


certificates = Table(
    "certificates",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("thumbprint", Text, nullable=False, index=True),
    Column("der", LargeBinary, nullable=False),
    Column("subject", Text, nullable=False),
    Column("common_name", Text, nullable=False),
    Column("names", ARRAY(Text), nullable=False),
    # For looking issuers up: the subject as `sort_key` bounds it, since an index row is bounded.
    Column("subject_key", Text(collation="C"), nullable=False, index=True),
    Column("issuer", Text, nullable=False),
    Column("issuer_name", Text, nullable=False),
    Column("serial", Text, nullable=False),
    Column("not_before", TIME, nullable=False),
    Column("not_after", TIME, nullable=False),
    Column("key_fingerprint", Text, nullable=False, index=True),
    Column("is_authority", Boolean, nullable=False),
    Column("added_at", TIME, nullable=False),
)

# Pages of a store with a million certificates are read from this table and its indices alone, so
# what they are sorted, filtered and searched by stands here beside what names the entry.
store_entries = Table(
    "store_entries",
    metadata,
    Column("machine", Text, nullable=False),
    Column("location", Text, nullable=False),
    Column("store", Text, nullable=False),
    Column(
        "fingerprint",
        Text,
        ForeignKey("certificates.fingerprint", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("friendly_name", Text, nullable=False),
    Column("archived", Boolean, nullable=False),
    Column("added_at", TIME, nullable=False),
    Column("number", BigInteger, Identity(), nullable=False),
    Column("has_private_key", Boolean, nullable=False),
    Column("not_before", TIME, nullable=False),
    Column("not_after", TIME, nullable=False),
    Column("name_key", Text(collation="C"), nullable=False),
    Column("issuer_key", Text(collation="C"), nullable=False),
    Column("search_words", TSVECTOR, nullable=False),
    # What foreign keys and look-ups ask for comes first.
    PrimaryKeyConstraint("fingerprint", "machine", "location", "store"),
    Index("store_entries_by_name", *_STORE, "name_key", "number"),
    Index("store_entries_by_issuer", *_STORE, "issuer_key", "number"),
    Index("store_entries_by_not_before", *_STORE, "not_before", "number"),
    Index("store_entries_by_not_after", *_STORE, "not_after", "number"),
    Index("store_entries_by_added_at", *_STORE, "added_at", "number"),
    Index(
        "store_entries_with_private_key",
        *(*_STORE, "not_after", "number"),
        postgresql_where=text("has_private_key"),
    ),
    Index(
        "store_entries_archived",
        *(*_STORE, "not_after", "number"),
        postgresql_where=text("archived"),
    ),
    # Without a list of pending words, which would make every search slower until it is merged.
    Index(
        "store_entries_by_search_words",
        "search_words",
        postgresql_using="gin",
        postgresql_with={"fastupdate": False},
    ),
)

# How many entries of a store expire on a day (UTC); triggers on store_entries keep it, because
# counting a million rows for every page takes too long.
expiry_counts = Table(
    "expiry_counts",
    metadata,
    Column("machine", Text, primary_key=True),
    Column("location", Text, primary_key=True),
    Column("store", Text, primary_key=True),
    Column("expires_on", Date, primary_key=True),
    Column("number", BigInteger, nullable=False),
)

private_keys = Table(
    "private_keys",
    metadata,
    Column("key_fingerprint", Text, primary_key=True),
    Column("encrypted", LargeBinary, nullable=False),
    Column("exportable", Boolean, nullable=False),
    Column("created_at", TIME, nullable=False),
)

import_drafts = Table(
    "import_drafts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    # Holds private keys, so it is encrypted as they are, and soon forgotten.
    Column("encrypted", LargeBinary, nullable=False),
    Column("created_at", TIME, nullable=False, index=True),
)

authorities = Table(
    "authorities",
    metadata,
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    # Of our own authority alone: others are known by what they issue.
    Column("root", Text, ForeignKey("certificates.fingerprint")),
    Column("intermediate", Text, ForeignKey("certificates.fingerprint")),
    Column("settings", JSONB, nullable=False, server_default=text("'{}'")),
    # Passwords and keys for the authority and for what proves to it that a name is ours.
    Column("encrypted_secrets", LargeBinary),
    Column("created_at", TIME, nullable=False),
)

# What the publication port answers an authority that looks whether a name is ours (RFC 8555 8.3).
challenge_answers = Table(
    "challenge_answers",
    metadata,
    Column("token", Text, primary_key=True),
    Column("key_authorization", Text, nullable=False),
    Column("created_at", TIME, nullable=False),
)

issuances = Table(
    "issuances",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("authority", Text, ForeignKey("authorities.name"), nullable=False),
    Column("serial", Text, nullable=False, unique=True),
    Column("names", ARRAY(Text), nullable=False),
    Column("actor", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("failure", Text),
    Column("fingerprint", Text, ForeignKey("certificates.fingerprint")),
    _node(),
    Column("intended_at", TIME, nullable=False),
    Column("finished_at", TIME),
)

# What waits for an answer that a person brings. Answered ones stay until their authority goes.
by_hand_requests = Table(
    "by_hand_requests",
    metadata,
    Column("id", Text, primary_key=True),
    Column("authority", Text, ForeignKey("authorities.name"), nullable=False, index=True),
    Column("names", ARRAY(Text), nullable=False),
    Column("key_fingerprint", Text, nullable=False, index=True),
    Column("signing_request", LargeBinary, nullable=False),
    Column("lifetime", Interval, nullable=False),
    Column("actor", Text, nullable=False),
    Column("created_at", TIME, nullable=False),
    # One of the two, once there is an answer: certificates in PEM, or why there are none.
    Column("answer", Text),
    Column("refusal", Text),
    Column("answered_at", TIME),
    Column("profile", Text, nullable=False, server_default="server"),
)

revocation_lists = Table(
    "revocation_lists",
    metadata,
    Column("issuer", Text, ForeignKey("certificates.fingerprint"), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("der", LargeBinary, nullable=False),
    Column("next_update", TIME, nullable=False),
)

# Programs that use certificates, on this machine or another.
services_of_nodes = Table(
    "services_of_nodes",
    metadata,
    _node(),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("machine", Text, nullable=False),
    Column("configuration", Text, nullable=False),
    Column("options", JSONB, nullable=False),
    Column("environment", Text, nullable=False),
    # What was found when it was looked at last: version, what activating does, notes.
    Column("found", JSONB, nullable=False),
    Column("created_at", TIME, nullable=False),
    # What its node took on, sealed by a key that is not in this database.
    Column("seal", Text),
    PrimaryKeyConstraint("node", "name"),
)

# Each node's own two, and those of services, whose name begins with the service's.
endpoints_of_nodes = Table(
    "endpoints_of_nodes",
    metadata,
    _node(),
    Column("name", Text, nullable=False),
    Column("service", Text),
    # Of a service's endpoint: by which names, and where, it is to be reached.
    Column("names", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("addresses", JSONB, nullable=False, server_default=text("'[]'")),
    # How its certificate is renewed: by which authority, with which key, and activated when.
    Column("authority", Text, ForeignKey("authorities.name")),
    Column("renewal_key", Text, nullable=False, server_default=text("'new'")),
    Column("window", Text, nullable=False, server_default=text("''")),
    Column("saved_protocol", Text, nullable=False),
    Column("active_protocol", Text),
    Column("saved_certificate", Text, ForeignKey("certificates.fingerprint")),
    Column("active_certificate", Text, ForeignKey("certificates.fingerprint")),
    Column("proof", JSONB),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("node", "name"),
    ForeignKeyConstraint(
        ["node", "service"],
        ["services_of_nodes.node", "services_of_nodes.name"],
        ondelete="CASCADE",
    ),
)

# The whole way of one certificate: asked for, issued, checked, stored, and put to use.
renewals = Table(
    "renewals",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    # The one that is replaced; None for a certificate that is the first of its kind.
    Column("certificate", Text, ForeignKey("certificates.fingerprint", ondelete="SET NULL")),
    Column("names", ARRAY(Text), nullable=False),
    Column("authority", Text, nullable=False),
    Column("renewal_key", Text, nullable=False),
    Column("key_type", Text, nullable=False),
    Column("lifetime_seconds", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("key_fingerprint", Text),
    Column("profile", Text, nullable=False, server_default="server"),
    # Of a key that lies elsewhere: PKCS#10 in DER, by whoever has it.
    Column("signing_request", LargeBinary),
    # Who began it, and goes on with it unless that node falls silent.
    _node(),
    # Until when a node waits that waits for itself alone, by its name.
    Column("waits", JSONB, nullable=False, server_default=text("'{}'")),
    # Where it is only tried, and undone at the end: an endpoint of a node.
    Column("rehearsed_on", Text),
    Column("rehearsed_at", Text),
    # What the authority remembers of it.
    Column("memory", JSONB, nullable=False),
    Column("issued", Text, ForeignKey("certificates.fingerprint", ondelete="SET NULL")),
    # Whether somebody agreed to what the new one lacks.
    Column("agreed", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("again_at", TIME),
    Column("steps", JSONB, nullable=False),
    Column("started_at", TIME, nullable=False),
    Column("finished_at", TIME),
    # At most one at work for a certificate, however many ask for it.
    Index(
        "renewals_at_work",
        "certificate",
        unique=True,
        postgresql_where=text("finished_at is null"),
    ),
    Index("renewals_by_issued", "issued"),
    Index("renewals_by_certificate", "certificate", text("id desc")),
    Index("renewals_by_state", "state", "id"),
    Index("renewals_by_end", "finished_at"),
    ForeignKeyConstraint(
        ["rehearsed_on", "rehearsed_at"],
        ["endpoints_of_nodes.node", "endpoints_of_nodes.name"],
        ondelete="CASCADE",
    ),
)

# When authorities want their certificates renewed (RFC 9773), by the certificate itself.
suggested_windows = Table(
    "suggested_windows",
    metadata,
    Column(
        "certificate",
        Text,
        ForeignKey("certificates.fingerprint", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("starts_at", TIME),
    Column("ends_at", TIME),
    Column("explanation", Text, nullable=False),
    Column("look_again_at", TIME, nullable=False),
)

settings = Table(
    "settings",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", JSONB),
    Column("encrypted_secret", LargeBinary),
    Column("changed_at", TIME, nullable=False),
)

activations_of_nodes = Table(
    "activations_of_nodes",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _node(),
    Column("endpoint", Text, nullable=False),
    Column("renewal", BigInteger, ForeignKey("renewals.id")),
    # Whether the former is put back in any case.
    Column("rehearsal", Boolean, nullable=False, server_default=text("false")),
    Column("actor", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("certificate", Text, ForeignKey("certificates.fingerprint")),
    Column("protocol", Text, nullable=False),
    Column("former_certificate", Text, ForeignKey("certificates.fingerprint")),
    Column("former_protocol", Text),
    Column("steps", JSONB, nullable=False),
    Column("proof", JSONB),
    Column("started_at", TIME, nullable=False),
    Column("finished_at", TIME),
    ForeignKeyConstraint(
        ["node", "endpoint"],
        ["endpoints_of_nodes.node", "endpoints_of_nodes.name"],
        ondelete="CASCADE",
    ),
    Index("activations_by_endpoint", "node", "endpoint", text("id desc")),
    Index("activations_by_renewal", "renewal"),
    Index("activations_by_certificate", "certificate"),
)

events = Table(
    "events",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    _node(),
    Column("at", TIME, nullable=False, index=True),
    Column("actor", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("good", Boolean, nullable=False),
    Index("events_by_node", "node", "id"),
    Index("events_by_subject", "subject", "id"),
)

# Ways to people: how far each has come in its node's events, and how its sending went last.
telling_channels_of_nodes = Table(
    "telling_channels_of_nodes",
    metadata,
    _node(),
    Column("channel", Text, nullable=False),
    Column("upto", BigInteger, nullable=False),
    # What was told within a day, so that it is not told again.
    Column("told", JSONB, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("again_at", TIME),
    Column("failure", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("sent_at", TIME),
    PrimaryKeyConstraint("node", "channel"),
)
