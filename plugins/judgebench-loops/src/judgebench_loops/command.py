"""judgebench loop: a self-improvement loop from the command line."""

from pathlib import Path

import click

from judgebench_loops.options import SYSTEMS, System


def loop_command(cli: click.Group) -> click.Command:
    """The command; `cli` brings `leaderboard`, by which the checkpoints become a board."""

    @click.command("loop", short_help="Self-Rewarding, Meta-Rewarding, Self-Taught Evaluators, RLAIF.")
    @click.argument("system", type=click.Choice(SYSTEMS))
    @click.option("--config", required=True, metavar="FILE", help="The loop's YAML file; see the plugin's README.")
    @click.option("--out", metavar="FOLDER", help="The loop's folder, instead of the file's `out`.")
    @click.option("--stage", "again", multiple=True, metavar="NAME", help="Make this stage anew, and end after it.")
    @click.option("--stages", "listed", is_flag=True, help="Print the names of the stages, and end.")
    @click.option(
        "--dry-run", is_flag=True, help="Print calls, tokens and training steps of each iteration; ask nothing."
    )
    @click.option("--quiet", is_flag=True, help="No progress within a stage.")
    @click.pass_context
    def command(
        ctx: click.Context,
        system: System,
        config: str,
        out: str | None,
        again: tuple[str, ...],
        listed: bool,
        dry_run: bool,
        quiet: bool,
    ) -> None:
        """Run the loop of a paper: data, training, and a measurement of every checkpoint.

        The paper's values stand where the file sets no others. Each stage is made once; after an interruption, however
        sudden, the same command goes on. A stage is made anew when the options or the data change that it is made from.

        \b
          judgebench loop self-rewarding --config loop.yaml --dry-run
          judgebench loop self-rewarding --config loop.yaml
          judgebench loop self-rewarding --config loop.yaml --stage iteration-1/pairs
        """
        from dataclasses import replace

        from judgebench_loops.config import read
        from judgebench_loops.forecast import forecast, lines
        from judgebench_loops.loop import carry_out, workshop
        from judgebench_loops.systems import stages

        loop = read(system, Path(config))
        shop = workshop(loop if out is None else replace(loop, out=Path(out)), quiet=quiet)
        every = stages(shop)
        if listed:
            click.echo("\n".join(stage.name for stage in every))
            return
        if dry_run:
            click.echo(forecast(shop.loop))
            return
        if not again:
            lines(shop.loop)  # what cannot work in a later stage is an error now
        click.echo(f"{system}: everything goes into {shop.root}")
        carry_out(shop, click.echo, again=again, only=bool(again))
        if not again:
            for one in shop.loop.evaluations:
                board(ctx, cli, shop.root / "evaluation" / one.name, shop.root / "board" / one.name, system)

    return command


def board(ctx: click.Context, cli: click.Group, run: Path, out: Path, system: System) -> None:
    """The board of one evaluation, with the trajectory of the checkpoints."""
    leaderboard = cli.get_command(ctx, "leaderboard")
    assert leaderboard is not None
    words = [str(run), "--out", str(out), "--title", f"{system}: the checkpoints ({run.name})"]
    with leaderboard.make_context("leaderboard", words, parent=ctx) as inner:
        leaderboard.invoke(inner)
    shown = out / "trajectory.md"
    click.echo((shown if shown.exists() else out / "README.md").read_text(encoding="utf-8"), nl=False)
