"""The way of a certificate: request, check, store, select, activate, prove."""
