"""The array types of the room, and the checks that its functions share.

Axes have one order throughout: replicates, clusters, subjects.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.integer[Any]]
BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
CountArray = npt.NDArray[np.uint16]

ROUNDING = 1e-12
"""Two values of one column are the same if they differ by no more than this part of the column's largest magnitude.

A weighted sum of some thousand terms carries a relative error of about 1e-15, and a change of one resample count
moves a statistic by far more than 1e-12; so values that are equal but for the order of addition count as ties."""


def integers(name: str, array: npt.ArrayLike) -> npt.NDArray[np.intp]:
    """Return the array [n] as intp; ValueError unless it is one-dimensional and of an integer type."""
    checked = np.asarray(array)
    if checked.ndim != 1 or not np.issubdtype(checked.dtype, np.integer):
        raise ValueError(
            f"{name} must be a one-dimensional array of integers, not {checked.dtype} of shape {checked.shape}"
        )
    return checked.astype(np.intp)


def floats(name: str, array: npt.ArrayLike, ndim: int, nan: bool = False) -> FloatArray:
    """Return the array as float64; ValueError unless it has `ndim` axes and no infinity (nor NaN unless `nan`)."""
    checked = np.asarray(array, dtype=np.float64)
    if checked.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} axes, not shape {checked.shape}")
    if nan and bool(np.isinf(checked).any()):
        raise ValueError(f"{name} must not be infinite")
    if not nan and not bool(np.isfinite(checked).all()):
        raise ValueError(f"{name} must be finite")
    return checked
