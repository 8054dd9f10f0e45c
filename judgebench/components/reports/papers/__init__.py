"""The tables of papers, as reports: one file a paper, with nothing but its numbers and what they mean."""
