"""How often a board's intervals (BCa, 95 %) hold the truth: simulated studies, as a markdown table.

    python bench/coverage.py [--studies 2000] [--resamples 2000] [--refits 400] [--only means|length]

Means and paired differences of right or wrong (binary) and of probabilities near 0 and 1 (soft), and length-controlled
win rates with C and the gamed rows held; intervals, and the warnings beside them, are made as for a board. Every study
has its own data; the studies of a batch share the resamples. Seeded; BLAS on one thread. Shares of 2,000 studies are
uncertain by 1 point (twice the standard error), of the means' 4,000 by 0.7.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from types import SimpleNamespace

import numpy as np
from threadpoolctl import threadpool_limits

from judgebench.components.measures.lc_win_rate import COMPONENT as LcWinRate
from judgebench.components.measures.win_rate import COMPONENT as WinRate
from judgebench.core.leaderboard import Estimate
from judgebench.engine.contrast import Family, intervals
from judgebench.engine.estimates import ends
from judgebench.engine.inference import Inference, Measured, Resampled
from judgebench.engine.notes import warnings
from judgebench.plugin.measure import Measure, Prepared, Support
from judgebench.stats import bootstrap_counts, jackknife_weights, ratio, rescaling
from judgebench.stats.length_control import GamedRows, Rows, length_control

SIZES = (50, 200, 805)
PAIRS = ((3, 5), (10, 15), (50, 55), (90, 85))
"""True rates in percent: the first alone, and the difference of the two."""
STEEP = 4.0
"""Of soft preferences: log-odds of a standard deviation of quality."""
POPULATION, STRENGTH = 20_000, 2.78
SHIFTS = {3: -4.03, 10: -2.53, 50: 0.13, 90: 2.93}
"""Log-odds by which a length-controlled win rate of the population is about so many percent."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One line of the table: percent of the studies whose interval holds the truth, and which were warned of."""

    what: str
    truth: float
    n: int
    studies: int
    bca: float
    percentile: float
    warned: float

    @property
    def line(self) -> str:
        shares = f"{self.bca:.1f} | {self.percentile:.1f} | {self.warned:.0f}"
        return f"| {self.what} | {self.truth:.1f} | {self.n} | {shares} |"


NOTHING = Prepared(lambda weights: np.empty((len(weights), 0)))
HEAD = "| what | truth | n | BCa | percentile | warned |\n|---|---|---|---|---|---|"


def resampled(
    measure: Measure, n: int, fit: Callable[[np.ndarray], np.ndarray], resamples: int, seed: int
) -> Resampled:
    """A measure of subjects with all n units, each its own cluster: by one call of `fit`, from weights to values."""
    strata = np.zeros(n, dtype=np.intp)
    drawn = bootstrap_counts(strata, resamples, seed) * rescaling(strata)
    values = fit(np.concatenate([np.ones((1, n)), drawn, jackknife_weights(strata)]))
    one = measured(measure, n, values.shape[1])
    return Resampled(one, values[0], values[1 : 1 + resamples], values[1 + resamples :])


def measured(measure: Measure, n: int, subjects: int) -> Measured:
    """The measure, as far as intervals and warnings look at it."""
    table = SimpleNamespace(n_clusters=n, n_subjects=subjects, strata=np.zeros(n, dtype=np.intp))
    every = np.full(subjects, n)
    support = Support(every, np.zeros_like(every), every)
    return Measured(measure.name, measure, table, [("", "")] * subjects, NOTHING, support)


def held(found: Resampled, inference: Inference, truth: float, paired: bool) -> Iterator[tuple[bool, bool, bool]]:
    """Of each study of a batch: do BCa and percentile intervals hold the truth, and would its board warn?

    A study is a subject, or with `paired` two in a row and their difference.
    """
    shares = []
    for how in (inference, replace(inference, interval="percentile")):
        one = found if how.interval == "bca" else replace(found, without_one=None)
        low, high, flat = ends(one, how)
        if how.interval == "bca":
            warned = np.array([_warned(found, column, wilson) for column, wilson in enumerate(flat.tolist())])
        if paired:
            first, second = np.arange(0, len(flat), 2), np.arange(1, len(flat), 2)
            none = np.zeros(len(first))
            family = Family(np.arange(len(flat)), first, second, none, none, none, ("",) * len(first), none, none, one)
            low, high, _ = intervals(family, range(len(first)), how)
        shares.append(((low <= truth) & (truth <= high)).tolist())
    return zip(*shares, (warned[::2] | warned[1::2] if paired else warned).tolist(), strict=True)


def _warned(found: Resampled, column: int, wilson: bool) -> bool:
    """Does a board warn of this subject's interval?"""
    nan, value, clusters = float("nan"), float(found.point[column]), int(found.of.support.clusters[column])
    method = "wilson" if wilson else "bca"
    estimate = Estimate("", "", None, found.of.label, value, nan, nan, 0.95, clusters, 0, method, nan)
    return any(warnings(estimate, found.of.measure, clusters))


def cell(what: str, truth: float, n: int, studies: Iterable[tuple[bool, bool, bool]]) -> Cell:
    shares = np.array(list(studies), dtype=float)
    bca, plain, warned = (100.0 * shares.mean(axis=0)).tolist()
    return Cell(what, truth, n, len(shares), bca, plain, warned)


def soft(quality: np.ndarray) -> np.ndarray:
    """P(better) of so much quality."""
    return 1.0 / (1.0 + np.exp(-STEEP * quality))


def shift(kind: str, rate: float) -> float:
    """The mean quality (deviation 1) by which the true rate is so much: exact, or by quadrature."""
    if kind == "binary":
        return NormalDist().inv_cdf(rate)
    z = np.linspace(-8.0, 8.0, 4001)
    density = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
    low, high = -9.0, 9.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if density @ soft(middle + z) < rate else (low, middle)
    return low


def preferences(rng: np.random.Generator, kind: str, rates: Sequence[float], n: int, studies: int) -> np.ndarray:
    """[n, studies × rates], the rates of a study in a row: half of their variance is the item's, which they share."""
    shifts = np.array([shift(kind, rate) for rate in rates])
    shared, own = rng.normal(size=(n, studies, 1)), rng.normal(size=(n, studies, len(rates)))
    quality = shifts + (shared + own) / np.sqrt(2.0)
    return (quality > 0.0).astype(float).reshape(n, -1) if kind == "binary" else soft(quality).reshape(n, -1)


@threadpool_limits.wrap(limits=1, user_api="blas")
def mean(kind: str, rates: Sequence[float], n: int, studies: int, resamples: int, batch: int = 500) -> Cell:
    """Intervals of a win rate (of one rate) or of the difference of two (of two)."""
    rng = np.random.default_rng([n, *(round(1000 * rate) for rate in rates), kind == "soft"])
    truth = 100.0 * (rates[0] - sum(rates[1:]))
    inference = Inference(replicates=resamples)

    def all_studies() -> Iterator[tuple[bool, bool, bool]]:
        for seed, start in enumerate(range(0, studies, batch)):
            values = preferences(rng, kind, rates, n, min(batch, studies - start))
            found = resampled(
                WinRate(), n, lambda weights, v=values: 100.0 * ratio(weights, v, np.ones_like(v)), resamples, seed
            )
            yield from held(found, inference, truth, len(rates) > 1)

    what = f"{kind}: mean" if len(rates) == 1 else f"{kind}: {100 * rates[0]:.0f} less {100 * rates[1]:.0f}"
    return cell(what, truth, n, all_studies())


def gamed() -> GamedRows:
    """As many as AlpacaEval's."""
    rng = np.random.default_rng(6)
    return GamedRows(rng.normal(0, 1, 1610), rng.normal(0, 1.5, 1610), rng.random(1610))


def population(log_odds: float) -> Rows:
    """Soft preferences near 0 and 1, as GPT-4's, with effects of length and of difficulty."""
    rng = np.random.default_rng(5)
    length, difficulty = rng.normal(300, 900, POPULATION), rng.normal(0, 1.5, POPULATION)
    z = -1.2 * np.tanh(length / 900) + 0.5 * difficulty + log_odds + rng.logistic(0, 1, POPULATION)
    return Rows(length, difficulty, soft(z))


@threadpool_limits.wrap(limits=1, user_api="blas")
def length(log_odds: Sequence[float], n: int, studies: int, refits: int, batch: int = 50) -> Cell:
    """Intervals of a length-controlled win rate, or of the difference of two on the same items.

    The truth is the same estimator on the whole population, each of its rows weighing n / POPULATION.
    """
    rng, extra = np.random.default_rng(n), gamed()
    whole = [population(value) for value in log_odds]
    scale = np.full((1, POPULATION), n / POPULATION)
    rates = [float(length_control(rows, extra, STRENGTH).refits(scale)[0]) for rows in whole]
    truth = rates[0] - sum(rates[1:])
    inference = Inference(replicates=refits)

    def all_studies() -> Iterator[tuple[bool, bool, bool]]:
        for seed, start in enumerate(range(0, studies, batch)):
            places = rng.integers(0, POPULATION, (min(batch, studies - start), n))
            fits = [
                length_control(
                    Rows(rows.length_difference[at], rows.difficulty[at], rows.preference[at]), extra, STRENGTH
                )
                for at in places
                for rows in whole
            ]
            found = resampled(
                LcWinRate(),
                n,
                lambda weights, f=fits: np.stack([fit.refits(weights) for fit in f], axis=1),
                refits,
                seed,
            )
            yield from held(found, inference, truth, len(rates) > 1)

    what = "length-controlled" if len(rates) == 1 else f"length-controlled: {rates[0]:.0f} less {rates[1]:.0f}"
    return cell(what, truth, n, all_studies())


def main() -> None:
    """Simulate and print the table, line by line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--resamples", type=int, default=2000)
    parser.add_argument("--refits", type=int, default=400)
    parser.add_argument("--only", choices=["means", "length"])
    arguments = parser.parse_args()
    print(HEAD, flush=True)
    if arguments.only != "length":
        for kind in ("binary", "soft"):
            for paired in (False, True):
                for pair in PAIRS:
                    rates = [rate / 100 for rate in pair[: 1 + paired]]
                    for n in SIZES:
                        print(mean(kind, rates, n, 2 * arguments.studies, arguments.resamples).line, flush=True)
    if arguments.only != "means":
        for log_odds in SHIFTS.values():
            for n in (50, 200):
                print(length([log_odds], n, arguments.studies, arguments.refits).line, flush=True)


if __name__ == "__main__":
    main()
