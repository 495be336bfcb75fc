"""`python -m certwright` is the command `certwright`."""

from certwright.cli.main import run

run()
