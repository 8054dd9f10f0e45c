"""The command line: one file per command. Imports nothing heavy; commands import what they run."""
