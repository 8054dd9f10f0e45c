"""Protocols that say which response is better, one a file."""
