"""How often intervals of Arena-Hard's scores cover the truth: rows drawn as if independent, and prompts."""

import numpy as np
import pytest

from judgebench.stats import bootstrap_counts, percentile, ratio, rescaling
from judgebench.stats.style_control import style_control

pytestmark = pytest.mark.slow
STUDIES, PROMPTS, REPLICATES = 2_000, 500, 300


def games(rng, studies, prompts, level):
    """Outcomes and weights [studies, prompts, 2] of two games a prompt, which share how well the prompt suits.

    What is one-sided is strong: it counts as three.
    """
    suits = level + 2.0 * rng.normal(size=(studies, prompts, 1))
    seen = suits + rng.logistic(size=(studies, prompts, 2))
    outcome = np.where(np.abs(seen) < 0.4, 0.5, (seen > 0).astype(float))
    return outcome, np.where(np.abs(seen) > 2.5, 3.0, 1.0)


@pytest.mark.parametrize("level", [-2.4, 0.0, 2.4])
def test_prompts_cover_and_rows_do_not(level):
    rng = np.random.default_rng(7)
    outcome, weight = games(rng, 400_000, 1, level)
    truth = 100 * (outcome * weight).sum() / weight.sum()
    strata = np.zeros(PROMPTS, dtype=np.int64)
    counts = bootstrap_counts(strata, REPLICATES, 1) * rescaling(strata)
    covered = {"prompts": 0, "rows, 95 %": 0, "rows, 90 %": 0}
    for _ in range(STUDIES):
        outcome, weight = (part[0] for part in games(rng, 1, PROMPTS, level))
        top, bottom = (outcome * weight).sum(axis=1), weight.sum(axis=1)
        low, high = percentile(100 * ratio(counts, top[:, None], bottom[:, None]), 0.95)
        covered["prompts"] += bool(low[0] <= truth <= high[0])
        rows = np.repeat(outcome.ravel(), weight.ravel().astype(int))
        drawn = 100 * rows[rng.integers(0, len(rows), (100, len(rows)))].mean(axis=1)  # as many as officially
        for share, ends in (("rows, 95 %", (2.5, 97.5)), ("rows, 90 %", (5, 95))):
            least, most = np.percentile(drawn, ends)
            covered[share] += bool(least <= truth <= most)
    shares = {name: 100 * count / STUDIES for name, count in covered.items()}
    print(f"score {truth:.1f}: " + ", ".join(f"{name} {share:.1f} %" for name, share in shares.items()))
    assert 93 <= shares["prompts"] <= 97
    assert shares["rows, 95 %"] < 85
    assert shares["rows, 90 %"] < 75


def study(rng, prompts, subjects=3):
    """Rows of a few policies whose games share the prompt and differ in style, strong verdicts counted as three."""
    features = rng.normal(size=(subjects, prompts, 2))
    suits = np.array([-1.0, 0.0, 1.0])[:, None] + rng.normal(size=prompts) + rng.normal(size=(subjects, prompts))
    seen = (suits + features @ np.array([0.8, -0.3]))[..., None] + rng.logistic(size=(subjects, prompts, 2))
    outcome, weight = (seen > 0).astype(float).ravel(), np.where(np.abs(seen) > 2.5, 3.0, 1.0).ravel()
    subject = np.repeat(np.arange(subjects), 2 * prompts)
    cluster = np.tile(np.repeat(np.arange(prompts), 2), subjects)
    return subject, cluster, outcome, weight, np.repeat(features.reshape(-1, 2), 2, axis=0), subjects, prompts


def test_scores_at_equal_style_are_covered():
    rng = np.random.default_rng(8)
    truth = style_control(*study(rng, 200_000)).intercepts
    prompts, studies = 300, 2_000
    strata = np.zeros(prompts, dtype=np.int64)
    counts = bootstrap_counts(strata, 200, 2) * rescaling(strata)
    covered = np.zeros(3)
    for _ in range(studies):
        intercepts, _ = style_control(*study(rng, prompts)).refits(counts)
        low, high = percentile(intercepts, 0.95)
        covered += (low <= truth) & (truth <= high)
    shares = 100 * covered / studies
    print("intercepts at equal style: " + ", ".join(f"{share:.1f} %" for share in shares))
    assert ((shares >= 93) & (shares <= 97)).all()
