"""judgebench plan: what a run would ask and cost, and what it could show."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from judgebench.cli.complete import runs as complete_runs
from judgebench.cli.known import registry
from judgebench.cli.spec import forecast_data, print_json, show, spec_of, spec_options


@click.command("plan")
@spec_options
@click.option(
    "--like",
    "runs",
    multiple=True,
    metavar="RUN",
    shell_complete=complete_runs,
    help="A recorded run whose variance is taken.",
)
@click.option(
    "--sd", type=click.FloatRange(min=0, min_open=True), help="Standard deviation of paired differences, in points."
)
@click.option(
    "--confidence",
    type=click.FloatRange(0.5, 0.9999),
    default=0.95,
    show_default=True,
    help="Of intervals, and of tests: 1 less the level of significance.",
)
@click.option(
    "--replicates",
    type=click.IntRange(min=100),
    default=2_000,
    show_default=True,
    help="How many resamples, with --like.",
)
@click.option("--json", "as_json", is_flag=True, help="Print forecast and smallest differences as JSON.")
def command(
    target: str,
    no_cache: bool,
    runs: tuple[str, ...],
    sd: float | None,
    confidence: float,
    replicates: int,
    as_json: bool,
    **flags: Any,
) -> None:
    """Print calls, tokens and cost of a run, and the smallest difference that its items can show.

    The smallest difference between two subjects is one that would be found significant four times in five. It
    follows from how much paired differences vary from item to item: in a recorded run (--like), or as stated (--sd).

    \b
      judgebench plan run.yaml --like runs/last-week
      judgebench plan alpaca-eval-2 --judge logprob@openai:gpt-4.1 --policy openai:gpt-4.1-mini --limit 200 --sd 40
    """
    from judgebench import app

    known = registry()
    planned = app.plan(spec_of(target, no_cache, flags), known, secrets=False)
    forecasts = asyncio.run(app.preview(planned))
    items = len(planned.items)
    found = app.detectable(
        [Path(run) for run in runs],
        known,
        items,
        planned.setup.measures,
        sd,
        confidence=confidence,
        replicates=replicates,
    )
    if as_json:
        print_json({"forecast": forecast_data(forecasts), "items": items, "detectable": list(map(asdict, found))})
        return
    show(forecasts)
    if not found:
        click.echo(f"\n{items} items; with --like RUN or --sd POINTS: the smallest difference that they can show.")
        return
    click.echo(f"\nWith {items} items, the smallest difference found at {100 * confidence:g} % four times in five:")
    for one in found:
        unit = {"%": "points"}.get(one.unit, one.unit)
        judged = "" if one.judge is None else f", judged by {one.judge}"
        over = f" ({one.least:.1f} to {one.most:.1f} over the pairs of the recorded run)"
        click.echo(f"  {one.measure}{judged}: {one.smallest:.1f} {unit}{over if one.least < one.most else ''}")
