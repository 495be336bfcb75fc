"""The command `certwright`."""
