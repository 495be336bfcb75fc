"""Measurements of what is claimed; `python -m benchmarks [NAME...]` runs them."""
