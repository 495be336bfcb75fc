"""Keystores of Java, which any program that runs on it may serve from."""
