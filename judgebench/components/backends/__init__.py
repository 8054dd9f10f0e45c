"""Ways to ask a model, one a file."""
