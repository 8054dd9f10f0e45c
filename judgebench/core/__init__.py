"""Nouns and errors: what every other room speaks of. Imports the standard library only.

Frozen values without behaviour beyond small derived properties. Nothing here reads a file, opens a
connection, draws a random number or knows that plugins exist.
"""
