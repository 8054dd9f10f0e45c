"""How components are found: what ships, what is installed, what a user names; broken plugins are set aside.

Loads third-party code, so only commands that need components come here.
"""
