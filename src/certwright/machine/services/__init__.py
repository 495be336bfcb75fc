"""Programs of this machine that serve with a certificate: one module for each kind."""
