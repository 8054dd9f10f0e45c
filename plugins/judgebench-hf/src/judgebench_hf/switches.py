"""torch's switches for the whole process: set while they are needed, and set back as they were."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_SWITCHING = threading.Lock()
"""Held while deterministic algorithms are on, so that two sessions do not restore each other's state."""


_SPIN = "1000"
"""Turns that an idle OpenMP thread waits awake: libgomp's own default makes two threads several times slower as soon
as another process wants a core."""


def prepare_threads() -> None:
    """What libgomp reads when torch is imported for the first time; a user's own setting stays."""
    if "torch" not in sys.modules and not os.environ.keys() & {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"}:
        os.environ["GOMP_SPINCOUNT"] = _SPIN


@contextmanager
def threads(count: int | None) -> Iterator[None]:
    """Compute with so many threads of a CPU; None: as many as torch does by itself."""
    import torch

    before = torch.get_num_threads()
    if count is not None:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        if count is not None:
            torch.set_num_threads(before)


def prepare_determinism() -> None:
    """What cuBLAS needs before its first use (NVIDIA, cuBLAS documentation, "Results reproducibility")."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")


@contextmanager
def deterministic() -> Iterator[None]:
    """Deterministic algorithms alone, and float32 products in float32 (no TF32)."""
    import torch

    with _SWITCHING:
        on = torch.are_deterministic_algorithms_enabled()
        lenient = torch.is_deterministic_algorithms_warn_only_enabled()
        precision = torch.get_float32_matmul_precision()
        torch.use_deterministic_algorithms(True)
        torch.set_float32_matmul_precision("highest")
        try:
            yield
        finally:
            torch.set_float32_matmul_precision(precision)
            torch.use_deterministic_algorithms(on, warn_only=lenient)
