"""What a plugin is made of: kinds, options, hooks, prompt templates, files of the hub.

Everything that a third party's component is written against comes from here, by the public door `judgebench`. Imports
`core` and `stats` (for the table that measures read).
"""
