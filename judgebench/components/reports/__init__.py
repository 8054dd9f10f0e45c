"""Renderings of a leaderboard, one a file."""
