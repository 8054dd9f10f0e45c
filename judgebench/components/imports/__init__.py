"""Readers of what other tools recorded, one a file."""
