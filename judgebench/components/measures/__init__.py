"""Numbers about policies and judges, one a file."""
