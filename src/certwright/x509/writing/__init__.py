"""Certificates and private keys as files for other programs. Pure functions over bytes."""
