"""Xtract Universal and Board Connector of Theobald Software."""
