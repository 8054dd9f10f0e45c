"""Plan, ask, execute, analyse. Imports `store`, `plugin`, `stats` and `core`, and no component:
components reach it through the registry.
"""
