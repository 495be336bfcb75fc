"""Ready-made sets: the files that one program wants, and what to write into its configuration."""
