"""lm-evaluation-harness: its model classes as backends, its tasks beside a policy's win rates."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from judgebench import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def judgebench_components() -> Iterable[type]:
    """The backend, import and benchmark `lm-eval`, and the measure `task-score`."""
    from judgebench_lm_eval.backend import LmEval
    from judgebench_lm_eval.benchmark import Tasks
    from judgebench_lm_eval.logs import Logs
    from judgebench_lm_eval.task_score import TaskScore

    return [LmEval, Logs, Tasks, TaskScore]


@hookimpl
def judgebench_commands(cli: "click.Group") -> None:
    """The command `lm-eval`."""
    from judgebench_lm_eval.command import lm_eval_command

    cli.add_command(lm_eval_command(cli))
