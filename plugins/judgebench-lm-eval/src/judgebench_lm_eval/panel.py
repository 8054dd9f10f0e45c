"""lm-eval's own evaluation of a model on tasks, with its files written and its responses cached."""

import contextlib
import hashlib
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from judgebench import ConfigError, DataError, JudgebenchError, PermanentError
from judgebench_lm_eval import classes
from judgebench_lm_eval.backend import LmEval
from judgebench_lm_eval.nearest import nearest

BOOTSTRAP = 1000
"""lm-eval's resamples for the errors of metrics that are no means, in its own files; the boards have their own."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How tasks are asked; what is None is the task's own, or all documents."""

    limit: int | None = None
    num_fewshot: int | None = None
    include_path: str | None = None
    apply_chat_template: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Tasks by their names or files, and lm-eval's index in which they were found."""

    tasks: tuple[str, ...]
    manager: Any


def find(tasks: Sequence[str], include_path: str | None) -> Wanted:
    """Tasks, groups and tags by name or pattern, or the paths of their YAML files. ConfigError for an unknown one.

    lm-eval takes a quarter of a minute to read its own 14,000 files: where the user's folder holds all that is named,
    they are left alone.
    """
    from lm_eval.tasks import TaskManager

    if include_path is not None and not Path(include_path).is_dir():
        raise ConfigError(
            f"there is no folder '{include_path}'", "give the folder of your YAML files to --include-path"
        )
    if include_path is not None:
        own = TaskManager(include_path=include_path, include_defaults=False)
        if set(tasks) <= set(own.all_subtasks):
            return Wanted(tuple(dict.fromkeys(tasks)), own)
    files = [task for task in tasks if task.endswith((".yaml", ".yml"))]
    manager = TaskManager(include_path=include_path, include_defaults=len(files) < len(tasks))
    found: list[str] = []
    for task in tasks:
        if task in files:
            if not Path(task).is_file():
                raise ConfigError(f"there is no file '{task}'", "give the path of a task's YAML file, or a task's name")
            found.append(str(Path(task).absolute()))
            continue
        matches = manager.match_tasks([task])
        if not matches:
            hint = nearest(
                task, manager.all_tasks, "`lm_eval ls tasks` lists them; --include-path FOLDER adds your own"
            )
            raise ConfigError(f"lm-eval has no task '{task}'", hint)
        found += matches
    return Wanted(tuple(dict.fromkeys(found)), manager)


def evaluate(model: LmEval, wanted: Wanted, settings: Settings, out: Path) -> list[Path]:
    """Ask a model, and write results_*.json and samples_*.jsonl beside a cache of its responses; their paths.

    The folder is one of `out`, by the model's identity: responses that another model gave are never taken for its own.
    Errors of `classes.make`; ConfigError for tasks that run code, PermanentError where lm-eval fails.
    """
    from lm_eval import simple_evaluate
    from lm_eval.loggers import EvaluationTracker

    identity = json.dumps(dict(model.fingerprint()), sort_keys=True)
    digest = hashlib.sha256(identity.encode()).hexdigest()[:12]
    folder = out / "lm-eval" / f"{re.sub(r'[^A-Za-z0-9-]+', '_', model.model_class)}-{digest}"
    tracker = EvaluationTracker(output_path=str(folder))
    with contextlib.redirect_stdout(sys.stderr):  # classes print, and standard output is the board's
        results = _results(
            partial(
                simple_evaluate,
                model=classes.make(model.model_class, model.arguments),
                model_args=model.arguments,
                tasks=list(wanted.tasks),
                task_manager=wanted.manager,
                limit=settings.limit,
                num_fewshot=settings.num_fewshot,
                apply_chat_template=settings.apply_chat_template,
                fewshot_as_multiturn=settings.apply_chat_template,
                bootstrap_iters=BOOTSTRAP,
                use_cache=str(folder / "responses"),
                evaluation_tracker=tracker,
            )
        )
        samples = results.pop("samples")
        tracker.save_results_aggregated(results=results, samples=samples)
        for task in results["configs"]:
            tracker.save_results_samples(task_name=task, samples=samples[task])
    classes.release()
    written = sorted(folder.glob(f"*/*_{tracker.date_id}.json*"))
    if len(written) != 1 + len(results["configs"]):
        raise DataError(f"lm-eval has not written its results into {folder}", "is there room, and may it be written?")
    return written


def _results(run: Any) -> dict[str, Any]:
    try:
        found = run()
    except JudgebenchError:
        raise
    except Exception as error:  # tasks and classes raise what they like
        if "unsafe" in str(error):
            raise ConfigError(
                f"lm-eval: {classes.told(error)}",
                "run lm_eval --confirm_run_unsafe_code --log_samples yourself, and import its files",
            ) from error
        raise PermanentError(
            f"lm-eval fails: {type(error).__name__}: {classes.told(error)}", "JUDGEBENCH_TRACE=1 shows where"
        ) from error
    return dict(found)
