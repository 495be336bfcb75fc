"""A public authority, or any other that speaks ACME (RFC 8555)."""
