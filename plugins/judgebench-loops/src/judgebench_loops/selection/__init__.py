"""Rules that choose training rows out of candidates, scores and judgments: pure and seeded."""
