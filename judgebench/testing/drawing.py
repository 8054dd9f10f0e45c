"""How checks draw their cases by Hypothesis: few, the same every time, and nothing kept on disk."""

from collections.abc import Callable
from typing import Any


def drawn(examples: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The decorator for a check's inner function that Hypothesis calls with `examples` cases."""
    from hypothesis import HealthCheck, Phase, settings

    made: Any = settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    decorated: Callable[[Callable[..., None]], Callable[..., None]] = made
    return decorated
