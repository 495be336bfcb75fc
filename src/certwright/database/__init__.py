"""Where the node keeps what it knows: PostgreSQL, its tables, the keys only it can read."""
