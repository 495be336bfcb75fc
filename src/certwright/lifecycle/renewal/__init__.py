"""Keeping it right: when a certificate is renewed, and every step of its way, on record."""
