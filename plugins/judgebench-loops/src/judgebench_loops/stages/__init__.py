"""The steps of the loops: each asks models or trains one, applies a rule, and writes what the next one reads."""
