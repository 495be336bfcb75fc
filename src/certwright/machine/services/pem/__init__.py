"""Certificates and keys in PEM, the files they stand in, and the endpoints that use those files."""
