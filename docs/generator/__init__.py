"""Writes docs/reference from the code: docstrings, options, commands, hooks, kinds. `python -m docs.generator`."""
