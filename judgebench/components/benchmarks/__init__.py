"""Sets of items with their defaults, one a file; data that ships stands in data/."""
