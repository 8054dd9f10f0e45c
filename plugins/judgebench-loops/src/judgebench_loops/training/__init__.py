"""Training by TRL: what its trainers are given, in a process of its own."""
