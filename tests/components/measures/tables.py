"""Tables by hand: what a test does not say is plain (nothing strong, no opponent among the subjects, no text)."""

import numpy as np

from judgebench.stats.table import Table


def table(**columns):
    units = len(columns["subject"])
    plain = {
        "asked": columns["planned"],
        "valid": columns["planned"],
        "gold": np.full(units, np.nan),
        "length": np.ones((units, 2)),
        "strong": np.zeros((units, 2), bool),
        "opponent": np.full(units, -1),
        "itself": np.zeros(units, bool),
        "texts": [(None, None)] * units,
        "strata": np.zeros(columns["n_clusters"], int),
        "family": np.zeros(columns["n_subjects"], int),
    }
    return Table(**(plain | columns))
