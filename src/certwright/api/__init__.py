"""REST, the mirror of the command line."""
