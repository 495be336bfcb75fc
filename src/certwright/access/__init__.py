"""Who may do what: users, rights, sessions, tokens."""
