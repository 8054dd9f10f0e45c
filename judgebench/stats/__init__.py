"""The mathematics of judgebench: arrays in, frozen results out.

What lives here: resampling, intervals, estimators and fits, tests and their adjustment, each a pure function of its
arguments. What may be imported: numpy, scipy and the standard library, nothing of judgebench; scipy only inside the
functions that use it.

Everything runs on one matrix of resample weights (replicates × clusters), shared by every measure and every subject:
a row of ones gives the point estimate, the rows of `bootstrap_counts` times `rescaling` the bootstrap, the rows of
`jackknife_weights` the jackknife, all on strata that `joined_strata` made large enough. An estimator such as `ratio`
turns weights into values (replicates × subjects), and `percentile` or `bca` turns values into intervals. Subjects that
share the weights are compared paired: `differences` for pairs, `stepdown` and `rank_intervals` for families of them;
`sign_flips` and `mcnemar` where the statistic is a mean. `length_control` is AlpacaEval 2's regression. No data is
NaN in these arrays and nowhere becomes a number; what cannot be computed from the arguments given is a ValueError,
the only error of this room.
"""

from judgebench.stats.discovery import benjamini_hochberg
from judgebench.stats.exact import mcnemar
from judgebench.stats.intervals import bca, of_difference, percentile, wilson
from judgebench.stats.pairs import Differences, bootstrap_p, deviation, differences, equivalence, pairs
from judgebench.stats.permutation import sign_flips
from judgebench.stats.power import detectable, needed, needed_for_equivalence
from judgebench.stats.ratio import cluster_sums, ratio
from judgebench.stats.resample import acceleration, bootstrap_counts, jackknife_weights, joined_strata, rescaling
from judgebench.stats.stepdown import rank_intervals, stepdown

__all__ = [
    "Differences",
    "acceleration",
    "bca",
    "benjamini_hochberg",
    "bootstrap_counts",
    "bootstrap_p",
    "cluster_sums",
    "detectable",
    "deviation",
    "differences",
    "equivalence",
    "jackknife_weights",
    "joined_strata",
    "mcnemar",
    "needed",
    "needed_for_equivalence",
    "of_difference",
    "pairs",
    "percentile",
    "rank_intervals",
    "ratio",
    "rescaling",
    "sign_flips",
    "stepdown",
    "wilson",
]
