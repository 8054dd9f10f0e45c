"""Sign flips: the exact null distribution of a mean of paired differences, sampled or enumerated."""

from __future__ import annotations

import numpy as np

from judgebench.stats.arrays import FloatArray, IntArray, floats

BLOCK_CELLS = 1 << 20
"""Cells (flips × clusters or pairs) at a time."""
TIES = 1e-9
"""Two sums of flipped differences are the same if they differ by no more than this part of the largest possible."""


def sign_flips(values: FloatArray, first: IntArray, second: IntArray, flips: int, seed: int) -> FloatArray:
    """Return two-sided p-values of no mean difference, flipping the signs of the clusters' differences.

    Under the null either subject could have had either value in a cluster. All pairs share the flips. With at most
    `flips` sign patterns all of them are counted, p = k / 2^clusters; else p = (1 + k) / (1 + flips).
    Source: Fisher (1935); Phipson & Smyth (2010) for the 1.

    Args:
        values: [clusters, subjects] sums by cluster over the same units.
        first, second: [pairs] columns.
        flips: sign patterns to draw, at least 1.
        seed: non-negative integer.

    Returns:
        float64 [pairs]; 1 where the two never differ.

    Raises:
        ValueError: values not finite or not two-dimensional; flips < 1; seed < 0.
    """
    checked = floats("values", values, ndim=2)
    if flips < 1 or seed < 0:
        raise ValueError(f"flips must be at least 1 and the seed not negative, not {flips} and {seed}")
    clusters = len(checked)
    every = clusters < 63 and 1 << clusters <= flips
    patterns = 1 << clusters if every else flips
    stream = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))
    observed = np.abs((checked[:, first] - checked[:, second]).sum(axis=0))
    slack = TIES * np.abs(checked).sum(axis=0)
    limit = observed - np.maximum(slack[first], slack[second])
    beyond = np.zeros(len(observed), dtype=np.int64)
    # `bytes` reads whole 32-bit words: blocks of a multiple of 4 rows waste none, and the flips do not depend on them
    step = 4 * max(1, BLOCK_CELLS // (4 * max(1, clusters, len(observed))))
    for start in range(0, patterns, step):
        rows = min(step, patterns - start)
        if every:
            bits = ((np.arange(start, start + rows)[:, None] >> np.arange(clusters)) & 1).astype(np.uint8)
        else:
            drawn = np.frombuffer(stream.bytes(rows * -(-clusters // 8)), dtype=np.uint8).reshape(rows, -1)
            bits = np.unpackbits(drawn, axis=1, count=clusters)
        flipped = (1.0 - 2.0 * bits) @ checked
        sums = flipped[:, first]
        sums -= flipped[:, second]
        np.abs(sums, out=sums)
        beyond += (sums >= limit).sum(axis=0)
    found = beyond / patterns if every else (1 + beyond) / (1 + patterns)
    return np.asarray(np.where(limit <= 0.0, 1.0, found))
