"""What a plugin is made of: kinds, options, hooks, templates, and the registry that finds them.

Imports `core` and `stats` (for the table that measures read). Loads third-party code, so only
commands that need components come here.
"""
