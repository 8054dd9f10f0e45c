"""Carries out one job that `judgebench_loops.training.job` wrote: `python -m judgebench_loops.training JOB.json`."""

import os
import sys
import threading
from pathlib import Path

from judgebench import JudgebenchError
from judgebench_loops.training.job import Job, from_json

WITH_PARENT = "--with-parent"
"""End when standard input does: the process that started this one has ended then."""


def main(arguments: list[str]) -> int:
    """Read the job, train or merge; an error's message and hint are the last two lines that are said."""
    paths = [one for one in arguments if one != WITH_PARENT]
    if len(paths) != 1:
        print("usage: python -m judgebench_loops.training JOB.json", file=sys.stderr)
        return 2
    if WITH_PARENT in arguments:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    path = Path(paths[0])
    try:
        task = from_json(path.read_bytes())
        if WITH_PARENT in arguments:
            path.unlink(missing_ok=True)  # the parent may be killed before it could
        _offline(task.model if isinstance(task, Job) else task.base)
        if isinstance(task, Job):
            from judgebench_loops.training.work import train

            train(task)
        else:
            from judgebench_loops.training.merging import merge

            merge(task)
    except JudgebenchError as error:
        print(f"error: {error.message}\nhint: {error.hint}", file=sys.stderr, flush=True)
        return error.exit_code
    return 0


def _end_with_parent() -> None:
    """Whatever is half-written then is what a process that is killed leaves: the next one puts it aside."""
    while os.read(0, 1):
        pass
    os._exit(1)


def _offline(model: Path | str) -> None:
    """A model that lies in a folder needs no hub: libraries that would look there anyway are told not to."""
    if Path(model).is_dir():
        os.environ.setdefault("HF_HUB_OFFLINE", "1")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
