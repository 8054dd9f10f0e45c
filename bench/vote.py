"""The accuracy of a vote of k of 32 votes: exact, beside all its subsets one by one.

    python bench/vote.py [--votes 32] [--units 500] [--most 210000]

Votes for slot 0, ties and votes for slot 1, seeded, of a judge that is right in 60 percent; everything in one process.
Exact: all units together, by `counted_chances`. Subsets: the vote of every subset of k, counted by numpy in blocks; of
at most so many subsets of one unit, extrapolated to all of them and to all units. Where all subsets of the unit are
taken, both must say the same. "× exact" is the ratio of CPU times. Nothing is asserted of the clock.
"""

import argparse
import os
import sys
import time
from itertools import chain, combinations, islice
from math import comb

import numpy as np

from judgebench.stats.voting import counted_chances

BLOCK = 10_000
SHARES = (0.6, 0.1, 0.3)


def drawn(units: int, votes: int) -> np.ndarray:
    """Counts of the three things that votes say, int [units, 3]."""
    return np.random.default_rng(0).multinomial(votes, SHARES, units)


def exact(counts: np.ndarray, k: int) -> tuple[np.ndarray, float]:
    """Chances [units, 3], and CPU seconds (the better of two runs)."""
    best = float("inf")
    for _ in range(2):
        begun = time.process_time()
        found = counted_chances(counts, k, "majority")
        best = min(best, time.process_time() - begun)
    return found, best


def by_subsets(row: np.ndarray, k: int, most: int) -> tuple[np.ndarray, int, float]:
    """Chances [3] by at most so many subsets of one unit, how many these are, and CPU seconds."""
    votes, said, taken = np.repeat([0, 1, 2], row), np.zeros(3), 0
    begun = time.process_time()
    subsets = islice(combinations(range(len(votes)), k), most)
    while block := list(islice(subsets, BLOCK)):
        chosen = votes[np.fromiter(chain.from_iterable(block), np.intp, k * len(block)).reshape(-1, k)]
        first, second = (2 * (chosen == kind).sum(axis=1) > k for kind in (0, 2))
        said += first.sum(), (~first & ~second).sum(), second.sum()
        taken += len(block)
    return said / taken, taken, time.process_time() - begun


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--votes", type=int, default=32)
    parser.add_argument("--units", type=int, default=500)
    parser.add_argument("--most", type=int, default=210_000, help="subsets of one unit that are really taken")
    args = parser.parse_args()
    counts = drawn(args.units, args.votes)
    print(
        f"{args.units} units of {args.votes} votes, {os.cpu_count()} cores, Python {sys.version.split()[0]}, "
        f"numpy {np.__version__}\n"
    )
    print("| k | subsets of a unit | exact, CPU s | subsets, CPU s | × exact | largest difference |")
    print("|---|---|---|---|---|---|")
    for k in (3, 5, 9, 16):
        if k > args.votes:
            break
        chances, took = exact(counts, k)
        number = comb(args.votes, k)
        found, taken, seconds = by_subsets(counts[0], k, args.most)
        whole = seconds / taken * number * args.units
        apart = f"{np.abs(found - chances[0]).max():.0e}" if taken == number else "-"
        print(f"| {k} | {number:,} | {took:.4f} | {whole:,.0f} | {whole / took:,.0f} | {apart} |", flush=True)


if __name__ == "__main__":
    main()
