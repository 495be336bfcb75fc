"""Where the node keeps what it knows: PostgreSQL, its tables, and the keys that only it can read."""
