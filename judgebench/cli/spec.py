"""A run on the command line: a run file or a benchmark, and flags over it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from judgebench.cli.complete import names, targets
from judgebench.cli.known import plugin_option


def spec_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the target of a run and the flags that say what is run."""
    for option in reversed(
        (
            click.argument("target", metavar="BENCHMARK|RUN.yaml", shell_complete=targets),
            click.option(
                "--policy",
                "policies",
                multiple=True,
                metavar="SPEC",
                shell_complete=names("policy", "backend"),
                help="A policy; may be given more than once.",
            ),
            click.option(
                "--judge",
                "judges",
                multiple=True,
                metavar="SPEC",
                shell_complete=names("judge"),
                help="A judge; may be given more than once.",
            ),
            click.option(
                "--model", "models", multiple=True, metavar="NAME=SPEC", help="Name a model for use in other specs."
            ),
            click.option(
                "--measure",
                "measures",
                multiple=True,
                metavar="NAME",
                shell_complete=names("measure"),
                help="Instead of the benchmark's own measures.",
            ),
            click.option("--limit", type=click.IntRange(min=1), help="A seeded, stratified sample of so many items."),
            click.option("--seed", type=int, help="Seed of samples, orders and intervals."),
            click.option(
                "--out", metavar="FOLDER", help="The run folder; continued when it exists. [default: runs/BENCHMARK]"
            ),
            click.option(
                "--data-dir", metavar="DIR", help="A mirror of the hub. [default: JUDGEBENCH_DATA, else the hub]"
            ),
            click.option(
                "--retries", type=click.IntRange(min=0), help="Further tries of a call that fails. [default: 5]"
            ),
            click.option("--max-calls", type=click.IntRange(min=0), help="Stop before this command makes more calls."),
            click.option(
                "--max-cost", type=click.FloatRange(min=0), help="Stop before this command spends more US dollars."
            ),
            click.option(
                "--cache",
                metavar="FILE",
                help="A completion cache for several runs to share. [default: one in the run folder]",
            ),
            click.option("--no-cache", is_flag=True, help="Neither read nor write the completion cache."),
            plugin_option,
        )
    ):
        command = option(command)
    return command


def spec_of(target: str, no_cache: bool, flags: dict[str, Any]) -> Any:
    """The specification of a run file or benchmark, with the flags over it."""
    from judgebench.engine.spec import from_mapping, named, read_run_file, split

    values: dict[str, Any] = {"benchmark": target}
    if target.endswith((".yaml", ".yml")):
        import msgspec

        values = msgspec.structs.asdict(read_run_file(Path(target)))
    for key in ("policies", "judges"):
        values[key] = {**values.get(key, {}), **named(flags[key], key)}
    for text in flags["models"]:
        words = split(text)
        if words.name is None:
            raise click.UsageError(f"--model {text}: give it a name: --model NAME={text}")
        values["models"] = {**values.get("models", {}), words.name: text.removeprefix(f"{words.name}=")}
    for key in ("limit", "seed", "out", "retries", "max_calls", "max_cost", "cache", "data_dir"):
        if flags[key] is not None:
            values[key] = flags[key]
    if flags["measures"]:
        values["measures"] = list(flags["measures"])
    if no_cache:
        values["cache"] = False
    return from_mapping(values, target)


def forecast_data(forecasts: Sequence[Any]) -> list[dict[str, Any]]:
    """What a run would ask, as JSON has it: `cost` in US dollars, null where a price is not known."""
    from dataclasses import asdict

    return list(map(asdict, forecasts))


def print_json(value: Any) -> None:
    """Print a value as JSON; numbers that it has not, such as an infinite one, as null."""
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def show(forecasts: Sequence[Any]) -> None:
    """Print what a run would ask."""
    from tabulate import tabulate

    rows = [
        (
            f.subject,
            f.work,
            f.jobs,
            f.calls,
            f.input_tokens,
            f.output_tokens,
            "?" if f.cost is None else f"{f.cost:.4f}",
        )
        for f in forecasts
    ]
    headers = ("subject", "work", "jobs", "calls", "input tokens", "output tokens", "US $")
    click.echo(tabulate(rows, headers=headers, tablefmt="github"))
    total = sum(f.calls for f in forecasts)
    click.echo(
        f"\n{total} calls; what the record holds is not asked again. Tokens are estimates: 4 characters each, and "
        "answers that are not there yet as long as their max_tokens, at most 400."
    )
    if any(f.cost is None for f in forecasts):
        click.echo("US $ ?: the prices of its models are not known; what a local model costs is time.")
