"""The documentation's pages, and `docs.generator`, which writes the reference from the code."""
