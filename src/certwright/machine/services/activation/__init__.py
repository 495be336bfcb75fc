"""Making a running program use what was selected: a reload, or a restart by Windows."""
