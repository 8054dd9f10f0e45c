"""Ways to answer items, one a file."""
