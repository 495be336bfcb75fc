"""Certwright gives every server a TLS certificate that is right, and keeps it right."""

__version__ = "0.1.0"
