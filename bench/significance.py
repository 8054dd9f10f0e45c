"""All pairs of 58 subjects on 10,000 shared resamples, beside scipy's bootstrap and permutation test of one pair.

    python bench/significance.py [--clusters 805] [--subjects 58] [--resamples 10000]

Soft preferences, seeded; everything in one process, one thing after the other. "× all pairs" is scipy's time for one
pair times their number, over ours for all of them (with the share of what it needs first). BLAS runs on one thread, as
judgebench runs it; CPU is user and system. Nothing is asserted: read the ratio, and CPU where others share the machine.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from scipy.stats import bootstrap, permutation_test
from threadpoolctl import threadpool_limits

from judgebench.stats import (
    bootstrap_counts,
    bootstrap_p,
    differences,
    jackknife_weights,
    pairs,
    ratio,
    rescaling,
    sign_flips,
    stepdown,
)

Seconds = tuple[float, float]
"""Wall and CPU."""


def preferences(clusters: int, subjects: int) -> np.ndarray:
    """Probabilities that a judge prefers each subject: its skill, how hard the cluster is, and their own noise."""
    rng = np.random.default_rng(0)
    skill, ease = rng.normal(-1.0, 1.0, subjects), rng.normal(0.0, 1.5, (clusters, 1))
    return 1.0 / (1.0 + np.exp(-(skill + ease + rng.normal(0.0, 2.0, (clusters, subjects)))))


T = TypeVar("T")


def timed(work: Callable[[], T]) -> tuple[T, Seconds]:
    """What the work gives, and the better of two runs by CPU."""
    best = (float("inf"), float("inf"))
    for _ in range(2):
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        took = time.perf_counter() - wall, time.process_time() - cpu
        best = min(best, took, key=lambda seconds: seconds[1])
    return result, best


@threadpool_limits.wrap(limits=1, user_api="blas")
def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clusters", type=int, default=805)
    parser.add_argument("--subjects", type=int, default=58)
    parser.add_argument("--resamples", type=int, default=10_000)
    args = parser.parse_args()
    values, strata, n = preferences(args.clusters, args.subjects), np.zeros(args.clusters, dtype=int), args.resamples
    ones, (first, second) = np.ones_like(values), pairs(args.subjects)
    scale = rescaling(strata)[:, None]
    point = ratio(np.ones((1, args.clusters)), values, ones)[0]

    def resampled() -> np.ndarray:
        return ratio(bootstrap_counts(strata, n, 1), values * scale, ones * scale)

    def gap(x: np.ndarray, y: np.ndarray, axis: int = -1) -> np.ndarray:
        return x.mean(axis=axis) - y.mean(axis=axis)

    one = (values[:, first[0]], values[:, second[0]])
    options = {"n_resamples": n, "vectorized": True, "batch": 1000, "rng": np.random.default_rng(1)}
    print(
        f"{n:,} resamples, {args.clusters} clusters, {args.subjects} subjects, {len(first):,} pairs, "
        f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, numpy {np.__version__}\n"
    )
    print("| what | pairs | wall s | CPU s | × all pairs, wall | × all pairs, CPU |\n|---|---|---|---|---|---|")

    def row(what: str, number: int, took: Seconds, theirs: Seconds | None = None, before: Seconds = (0.0, 0.0)) -> None:
        times = ["-", "-"]
        if theirs is not None:
            times = [f"{len(first) * t / (b + o):,.0f}" for t, o, b in zip(theirs, took, before, strict=True)]
        print(f"| {what} | {number:,} | {took[0]:.2f} | {took[1]:.2f} | {times[0]} | {times[1]} |", flush=True)

    _, boot = timed(lambda: bootstrap(one, gap, paired=True, method="BCa", **options))
    row("scipy.stats.bootstrap, BCa", 1, boot)
    _, permuted = timed(lambda: permutation_test(one, gap, permutation_type="samples", **options))
    row("scipy.stats.permutation_test", 1, permuted)
    replicates, shared = timed(resampled)
    row("resamples: counts and their values, shared by all below", len(first), shared)
    without_one, left_out = timed(lambda: ratio(jackknife_weights(strata), values, ones))
    row("values without each cluster, for BCa", len(first), left_out)
    _, took = timed(lambda: differences(point, replicates, first, second, 0.95, strata=strata, without_one=without_one))
    row("differences, BCa", len(first), took, boot, (shared[0] + left_out[0], shared[1] + left_out[1]))
    _, took = timed(lambda: differences(point, replicates, first, second, 0.95, interval="percentile"))
    row("differences, percentile", len(first), took)
    _, took = timed(lambda: bootstrap_p(point, replicates, first, second))
    row("bootstrap p-values", len(first), took)
    _, took = timed(lambda: stepdown(point, replicates, first, second))
    row("step-down max-T", len(first), took)
    _, took = timed(lambda: sign_flips(values, first, second, n, 1))
    row("sign flips", len(first), took, permuted)


if __name__ == "__main__":
    main()
