"""Small components that each break one rule of their kind, and good ones beside them.

A room a kind: `GOOD` conforms; `BROKEN` is, by what a check says, the class that it must find, and which other checks
cannot but find it too.
"""
