"""Forms of data: files of users, and data sets as they are published.

A form that both a benchmark and an import read stands here: a component imports none of another kind. A form that one
component alone reads stays in it.
"""
