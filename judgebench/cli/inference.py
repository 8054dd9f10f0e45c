"""The options of every command that makes intervals from records."""

from collections.abc import Callable
from typing import Any

import click


def inference_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --mode, --interval, --confidence, --replicates and --seed."""
    for option in reversed(
        (
            click.option(
                "--mode",
                type=click.Choice(["corrected", "official"]),
                default="corrected",
                show_default=True,
                help="The right estimator, or what the official code computes, quirks included.",
            ),
            click.option(
                "--interval",
                type=click.Choice(["bca", "percentile"]),
                default="bca",
                show_default=True,
                help="How intervals are made of the resamples: bias-corrected and accelerated, or their percentiles.",
            ),
            click.option(
                "--confidence",
                type=click.FloatRange(0.5, 0.9999),
                default=0.95,
                show_default=True,
                help="Of intervals, and of tests: 1 less the level of significance.",
            ),
            click.option(
                "--replicates",
                type=click.IntRange(min=100),
                default=10_000,
                show_default=True,
                help="How many resamples.",
            ),
            click.option("--seed", type=click.IntRange(min=0), help="Seed of the resamples. [default: the run's]"),
        )
    ):
        command = option(command)
    return command
