"""A board of three checkpoints, small enough to be checked by eye."""

from judgebench.core.leaderboard import Comparison, Estimate, Leaderboard, Series


def estimate(subject, measure, value, judge, n=64, missing=0):
    return Estimate("starter", subject, judge, measure, value, value - 4, value + 4.5, 0.95, n, missing, "bca", 2.0)


def comparison(a, b, measure, difference, judge):
    p = 0.01 if abs(difference) > 3 else 0.4
    low, high = difference - 3, difference + 3
    return Comparison("starter", judge, measure, a, b, difference, low, high, 0.95, 1.5, 64, "bootstrap", p, p, 3)


def board():
    """step-30 is told apart from the first under `gpt`; only step-10 has a length; `other` is no checkpoint."""
    estimates = (
        estimate("step-30", "win-rate", 55.0, "gpt", 63, 1),
        estimate("other", "win-rate", 50.0, "gpt"),
        estimate("step-10", "win-rate", 47.0, "gpt"),
        estimate("step-9", "win-rate", 45.0, "gpt"),
        estimate("step-10", "average-length", 300.0, None),
    )
    comparisons = (
        comparison("step-30", "step-10", "win-rate", 8.0, "gpt"),
        comparison("step-30", "step-9", "win-rate", 10.0, "gpt"),
        comparison("step-10", "step-9", "win-rate", 2.0, "gpt"),
    )
    runs = {
        "benchmark": "starter",
        "items": 64,
        "seed": 0,
        "interval": "bca",
        "replicates": 100,
        "software": {"judgebench": ["0.1.0"]},
        "evidence": "0" * 64,
        "notes": ["a note"],
    }
    series = (Series("step-*", "policy", ("step-9", "step-10", "step-30")),)
    return Leaderboard("starter", "starter", "corrected", estimates, comparisons, {"runs": [runs]}, series)
