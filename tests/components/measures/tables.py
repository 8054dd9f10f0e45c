"""Tables by hand: what a test does not say is plain (nothing strong, no opponent among the subjects, no text)."""

import numpy as np

from judgebench.stats.table import Table


def _values(columns):
    """A pair's preferences as the values of both responses."""
    preference = columns.get("preference", np.zeros((len(columns["subject"]), 2)))
    valid = columns.get("valid", columns["planned"])
    return np.where(valid[:, :, None], np.stack([preference, 1 - preference], axis=2), np.nan)


def table(**columns):
    units = len(columns["subject"])
    plain = {
        "asked": columns["planned"],
        "valid": columns["planned"],
        "gold": np.full(units, np.nan),
        "length": np.ones((units, 2)),
        "strong": np.zeros((units, 2), bool),
        "slots": np.full(units, 2),
        "values": _values(columns),
        "ratings": np.full((units, 2), np.nan),
        "inconsistent": np.zeros(units, bool),
        "item": columns.get("shown", np.arange(units)),
        "shown": np.arange(units),
        "names": [f"subject {k}" for k in range(columns["n_subjects"])],
        "opponent": np.full(units, -1),
        "itself": np.zeros(units, bool),
        "scored": np.zeros((units, 2), bool),
        "own": np.zeros((units, 2), bool),
        "tokens": np.full((units, 2, 2), np.nan),
        "seconds": np.full((units, 2), np.nan),
        "part_values": np.full((units, 2, 0, 2), np.nan),
        "texts": [(None, None)] * units,
        "strata": np.zeros(columns["n_clusters"], int),
        "family": np.zeros(columns["n_subjects"], int),
    }
    return Table(**(plain | columns))
