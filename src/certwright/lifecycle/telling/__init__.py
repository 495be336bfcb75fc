"""Telling people what is not right, and that it is right again: by mail, webhook and syslog."""
