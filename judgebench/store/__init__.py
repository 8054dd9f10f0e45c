"""The record and the cache on disk: append-only, self-contained, safe against kill -9.

Imports `core`. Nothing here asks a model or computes a statistic.
"""
