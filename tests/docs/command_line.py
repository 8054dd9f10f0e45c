"""The command line in this process: what `judgebench ...` prints, and how it ends. As a program: lines one after the
other, in a process whose environment it did not set itself."""

import json
import os
import shlex
import sys
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path


@dataclass(frozen=True)
class Done:
    code: int
    stdout: str
    stderr: str


@contextmanager
def standing(folder, environment):
    """In this folder and environment; afterwards all is as before, and modules of the folder are forgotten."""
    where, before, arguments, places = Path.cwd(), dict(os.environ), sys.argv, list(sys.path)
    os.chdir(folder)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.chdir(where)
        os.environ.clear()
        os.environ.update(before)
        sys.argv, sys.path[:] = arguments, places
        for name, module in list(sys.modules.items()):
            if (getattr(module, "__file__", None) or "").startswith(f"{folder}/"):
                del sys.modules[name]


def done(line, folder, **environment):
    """What the entry point does with a line, its errors and exit codes included."""
    from judgebench.cli.main import main

    out, err = StringIO(), StringIO()
    with standing(folder, environment), redirect_stdout(out), redirect_stderr(err):
        sys.argv = shlex.split(line, comments=True)
        try:
            main()
        except SystemExit as end:
            return Done(end.code or 0, out.getvalue(), err.getvalue())
    raise AssertionError(f"{line}: the entry point returned")


def run(line, folder, **environment):
    """What a line prints that must go well, for a user who has a key."""
    found = done(line, folder, OPENAI_API_KEY="not-a-key", JUDGEBENCH_CACHE=str(folder / "cache"), **environment)
    assert found.code == 0, f"{line}\n{found.stderr}"
    return found.stdout


if __name__ == "__main__":
    print(json.dumps([run(line, Path.cwd()) for line in json.load(sys.stdin)]))
