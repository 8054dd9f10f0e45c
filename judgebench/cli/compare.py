"""judgebench compare: better, worse, equivalent or undecided, in words and figures."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from judgebench.cli.inference import inference_options

if TYPE_CHECKING:
    from judgebench.engine.compare import Decision

OUTCOMES = ("better", "worse", "different", "equivalent", "undecided")
FAILED = 1
"""Exit code of a gate that closed: nothing went wrong, the answer is the one that was not wanted."""


@click.command("compare")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@click.option("--a", metavar="NAME", help="The policy or judge that is compared; alone, with every other.")
@click.option("--b", metavar="NAME", help="What it is compared with.")
@click.option("--measure", "measures", multiple=True, metavar="NAME", help="Instead of the runs' own measures.")
@click.option("--margin", type=float, help="The smallest difference that matters, in the measure's unit.")
@click.option("--fail-if", multiple=True, type=click.Choice(OUTCOMES), help="Exit with code 1 on this outcome.")
@click.option("--json", "as_json", is_flag=True, help="Print the decisions as JSON.")
@inference_options
def command(
    runs: tuple[str, ...],
    a: str | None,
    b: str | None,
    measures: tuple[str, ...],
    margin: float | None,
    fail_if: tuple[str, ...],
    as_json: bool,
    **inference: Any,
) -> None:
    """Say whether A is better than B, worse, equivalent within a margin, or whether that is undecided.

    Runs of one benchmark are joined; both subjects are compared on the same resamples, paired. The same two policies
    are compared under each judge and on each measure that has a better end. Without --a and --b all pairs are
    compared, and p-values adjusted for that.

    \b
      judgebench compare runs/iter1 runs/iter2 --a iter2 --b iter1
      judgebench compare runs/weekly --a iter2 --b iter1 --measure win-rate --margin 2 --fail-if worse
    """
    from judgebench import app
    from judgebench.core.errors import ConfigError

    if fail_if and (a is None or b is None):
        raise ConfigError("--fail-if needs to know who is worse than whom", "name two with --a and --b")
    known = app.registry()
    decisions = app.compare(
        [Path(run) for run in runs], known, measures=measures, a=a, b=b, margin=margin, gate=fail_if, **inference
    )
    if as_json:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(decisions), indent=2).decode())
    else:
        click.echo("\n\n".join(_said(decision) for decision in decisions))
    failed = sorted({decision.outcome for decision in decisions} & set(fail_if))
    if failed:
        click.echo(f"gate closed: {', '.join(failed)}", err=True)
        raise SystemExit(FAILED)


def _said(decision: "Decision") -> str:
    from judgebench.plugin.figures import digits

    c, unit = decision.comparison, {"%": "points"}.get(decision.unit, decision.unit)
    judged = f", judged by {c.judge}" if c.judge is not None else ""
    p = f"p = {_p(decision.p_used)} ({c.test}{', all pairs' if decision.p_used != c.p else ''})"
    low, difference, high = (digits(number, "+.1f") for number in (c.low, c.difference, c.high))
    lines = [
        f"{c.benchmark}, {c.measure}{judged}: {_sentence(decision)}",
        f"  {c.a} {decision.values[0]:.1f}, {c.b} {decision.values[1]:.1f}; difference {difference} {unit}, "
        f"{100 * c.confidence:g} % interval {low} to {high}, {p}, {c.clusters} items",
    ]
    if decision.apart:
        lines.append(
            f"  {decision.apart} further items enter one of the two alone: the difference is partly one of items"
        )
    if decision.margin is not None and decision.p_equivalence is not None:
        lines.append(
            f"  within {decision.margin:g} {unit} of each other: p = {_p(decision.p_equivalence)} (two one-sided tests)"
        )
    if decision.deciding is not None:
        lines.append(f"  {_deciding(decision.deciding)}")
    return "\n".join(lines)


def _sentence(decision: "Decision") -> str:
    a, b = decision.comparison.a, decision.comparison.b
    match decision.outcome:
        case "better" | "worse":
            return f"{a} is {decision.outcome} than {b}"
        case "different":
            return f"{a} differs from {b}"
        case "equivalent":
            return f"{a} and {b} are equivalent within the margin"
        case _:
            return f"undecided between {a} and {b}"


def _deciding(items: float) -> str:
    if math.isinf(items):
        return "no number of items would decide it: there is no difference to find"
    return f"about {math.ceil(items):,} items would decide it, if the difference stays as it is (power 80 %)"


def _p(p: float) -> str:
    return f"{p:.2g}" if p >= 0.0001 else "< 0.0001"
