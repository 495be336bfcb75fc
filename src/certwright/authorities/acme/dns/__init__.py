"""Answers to dns-01: TXT records put where the authority looks, by one of three ways."""
