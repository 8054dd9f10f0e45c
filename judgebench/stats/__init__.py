"""The mathematics of judgebench: arrays in, frozen results out.

What lives here: resampling, intervals, estimators and fits, each a pure function of its arguments. What may be
imported: numpy, scipy and the standard library, nothing of judgebench; scipy only inside the functions that use it.

Everything runs on one matrix of resample weights (replicates × clusters), shared by every measure and every subject:
a row of ones gives the point estimate, the rows of `bootstrap_counts` times `rescaling` the bootstrap, the rows of
`jackknife_weights` the jackknife, all on strata that `joined_strata` made large enough. An estimator such as `ratio`
turns weights into values (replicates × subjects), and `percentile` or `bca` turns values into intervals. No data is
NaN in these arrays and nowhere becomes a number; what cannot be computed from the arguments given is a ValueError,
the only error of this room.
"""

from judgebench.stats.intervals import bca, percentile, wilson
from judgebench.stats.ratio import cluster_sums, ratio
from judgebench.stats.resample import acceleration, bootstrap_counts, jackknife_weights, joined_strata, rescaling

__all__ = [
    "acceleration",
    "bca",
    "bootstrap_counts",
    "cluster_sums",
    "jackknife_weights",
    "joined_strata",
    "percentile",
    "ratio",
    "rescaling",
    "wilson",
]
