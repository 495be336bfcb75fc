"""Taking services on: found by their configuration, looked at as a plan, and only then recorded."""
