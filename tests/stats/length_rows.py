"""Rows of comparisons such as real ones, and a regression by plain loops."""

import math

import numpy as np

from judgebench.stats.length_control import GamedRows, Rows


def rows(rng, n, strength=-1.0):
    """Soft preferences near 0 and 1, with effects of length and difficulty."""
    length = rng.normal(300, 900, n)
    difficulty = rng.normal(0, 1.5, n)
    z = -1.2 * np.tanh(length / 900) + 0.4 * difficulty + strength + rng.logistic(0, 1, n)
    return Rows(length, difficulty, 1 / (1 + np.exp(-4 * z)))


def gamed(rng, n):
    return GamedRows(rng.normal(0, 1, n), rng.normal(0, 1.5, n), rng.random(n))


def loops(x, y, w, penalty):
    """Coordinate descent with Newton steps on each coordinate, until nothing moves."""
    beta = [0.0, 0.0, 0.0]
    for _ in range(5000):
        largest = 0.0
        for k in range(3):
            slope = bend = 0.0
            for xi, yi, wi in zip(x, y, w, strict=True):
                z = sum(b * v for b, v in zip(beta, xi, strict=True))
                p = 1 / (1 + math.exp(-z))
                slope += wi * (p - yi) * xi[k]
                bend += wi * p * (1 - p) * xi[k] ** 2
            bend = max(bend, 1e-12) * 1.1  # shorter steps than Newton's, so that it settles from anywhere
            target = beta[k] * bend - slope
            new = math.copysign(max(abs(target) - penalty, 0.0), target) / bend
            largest = max(largest, abs(new - beta[k]))
            beta[k] = new
        if largest < 1e-13:
            return np.array(beta)
    raise AssertionError("the loops do not settle")
