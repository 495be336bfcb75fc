"""The certificate stores of a machine's own system: one room for each that has any."""
