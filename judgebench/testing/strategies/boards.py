"""Boards as reports meet them: odd names, bounds, missing comparisons."""

import random
from collections.abc import Sequence
from itertools import combinations

from hypothesis import strategies as st

from judgebench.core.leaderboard import Comparison, Estimate, Leaderboard, Series

NAMES = (
    "step-1", "step-20", "gpt-4", "a | b", "two\nlines", "**bold**", "<b>html</b> & more", "`code`", "[link](x)",
    "日本語", "ünï 😀", "a,b;c", '"quoted"', "it's", "=1+1", "_under_", "# head", "$x$", "\\", "long " * 30 + "name",
    "m@v1:x=2",
)  # fmt: skip
"""What policies and judges may be called."""
MEASURES = {
    "win-rate": ("%", "higher", (0.0, 100.0)),
    "losses": ("%", "lower", (0.0, 100.0)),
    "bradley-terry": ("points", "higher", (400.0, 1600.0)),
    "accuracy/a part": ("%", "higher", (0.0, 100.0)),
    "average-length": ("characters", None, (0.0, 5000.0)),
    "tokens": ("tokens", "lower", (0.0, 900.0)),
    "position-bias": ("%", None, (-100.0, 100.0)),
}
"""Unit, direction and range of the measures on drawn boards."""


def boards() -> st.SearchStrategy[Leaderboard]:
    """Boards of up to 3 measures, 2 judges and 5 subjects, with and without a training: see `board_of`."""
    return st.builds(
        board_of,
        st.integers(0, 2**32 - 1),
        measures=st.integers(0, 3),
        judges=st.integers(0, 2),
        subjects=st.integers(1, 5),
    )


def board_of(seed: int, *, measures: int = 2, judges: int = 1, subjects: int = 3) -> Leaderboard:
    """A board that is the same for the same arguments, in every process.

    Estimates of a measure stand best first under each judge (without judges, once); some have no ranks, are bounds, or
    have details. Some of the pairs are compared. No measure: the board has no estimate.
    """
    chance = random.Random(f"{seed}-{measures}-{judges}-{subjects}")
    names = chance.sample(NAMES, subjects + judges)
    under: Sequence[str | None] = names[subjects:] or [None]
    estimates: list[Estimate] = []
    comparisons: list[Comparison] = []
    for measure in chance.sample(sorted(MEASURES), measures):
        for judge in under:
            rows = _estimates(chance, measure, judge, names[:subjects])
            estimates += rows
            comparisons += _comparisons(chance, rows)
    series = (Series("step-*", "policy", tuple(names[:subjects])),) if chance.random() < 0.5 else ()
    mode = chance.choice(("corrected", "official"))
    runs = {
        "benchmark": "drawn",
        "options": {"path": "own | data.jsonl"},
        "items": 64,
        "seed": chance.choice((0, {"drawn": 1})),
        "interval": "bca",
        "replicates": 1000,
        "measures": {name: {"unit": MEASURES[name][0], "better": MEASURES[name][1]} for name in MEASURES},
        "software": {"judgebench": ["0.1.0"]},
        "sources": {"data.jsonl": ["0" * 12]},
        "subjects": {name: {"policy": "chat"} for name in names},
        "evidence": "0" * 64,
        "notes": chance.choice(([], ["a note | with a bar", "two\nlines"])),
    }
    return Leaderboard(
        chance.choice(("drawn", "a | b\nc")),
        "drawn",
        mode,
        tuple(estimates),
        tuple(comparisons),
        {"runs": [runs]},
        series,
    )


def _estimates(chance: random.Random, measure: str, judge: str | None, subjects: Sequence[str]) -> list[Estimate]:
    """One of each subject, or of all but one, the best first."""
    _, better, (low, high) = MEASURES[measure]
    there = [subject for subject in subjects if chance.random() < 0.9]
    values = sorted((round(chance.uniform(low, high), 3) for _ in there), reverse=better != "lower")
    ranked = better is not None and chance.random() < 0.8
    found = []
    for place, (subject, value) in enumerate(zip(there, values, strict=True), start=1):
        width = chance.choice((0.0, 1.5, 12.0))
        found.append(
            Estimate(
                benchmark="drawn",
                subject=subject,
                judge=judge,
                measure=measure,
                value=value,
                low=max(low, value - width),
                high=min(high, value + 2 * width),
                confidence=0.95,
                n=chance.randrange(1, 500),
                missing=chance.choice((0, 0, 7)),
                method=chance.choice(("bca", "wilson", "percentile", "at least", "at most", "limits", "official")),
                standard_error=width / 2,
                rank_low=max(1, place - 1) if ranked else None,
                rank_high=min(len(there), place + 1) if ranked else None,
                details=chance.choice(({}, {"p": 0.03}, {"truncated": 2.0})),
            )
        )
    return found


def _comparisons(chance: random.Random, rows: Sequence[Estimate]) -> list[Comparison]:
    """Most of the pairs."""
    found = []
    for a, b in combinations(rows, 2):
        if chance.random() < 0.2:
            continue
        difference, p = a.value - b.value, chance.choice((0.0, 0.004, 0.3, 1.0))
        found.append(
            Comparison(
                benchmark=a.benchmark,
                judge=a.judge,
                measure=a.measure,
                a=a.subject,
                b=b.subject,
                difference=difference,
                low=difference - 3,
                high=difference + 3,
                confidence=0.95,
                standard_error=1.5,
                clusters=64,
                test=chance.choice(("bootstrap", "permutation")),
                p=p,
                p_adjusted=min(1.0, 2 * p),
                family=len(rows) * (len(rows) - 1) // 2,
            )
        )
    return found
