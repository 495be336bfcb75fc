"""The certificate stores of a machine's own system."""
