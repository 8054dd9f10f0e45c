"""Self-improvement loops: the four papers' data, training by TRL, and each checkpoint measured.

`selection` holds the rules that choose training rows, `writing` what models are asked to write and the files of rows,
`training` what is handed to TRL. They know nothing of each other; the stages of the four systems join them.
"""

from typing import TYPE_CHECKING

from judgebench import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def judgebench_commands(cli: "click.Group") -> None:
    """The command `loop`."""
    from judgebench_loops.command import loop_command

    cli.add_command(loop_command(cli))
