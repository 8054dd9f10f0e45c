"""Runs in a fresh interpreter: imports modules one by one and says what each brings, or renders boards by reports.

Reads its task from the standard input, as JSON; writes what it found to the file that the task names.
"""

import base64
import importlib
import importlib.util
import json
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import reduce
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from judgebench.core.leaderboard import Leaderboard

HEAVY = frozenset(
    (
        "accelerate", "aiohttp", "datasets", "httpx", "huggingface_hub", "jax", "lm_eval", "matplotlib", "numpy",
        "openai", "pandas", "peft", "polars", "pyarrow", "requests", "scipy", "sklearn", "tensorflow", "tokenizers",
        "torch", "transformers", "trl", "vllm", "xllamacpp",
    )
)  # fmt: skip
"""Packages that a plugin imports where it uses them, not when it is imported."""
DOOR = (
    *(
        f"plugin.{name}"
        for name in ("kinds", "options", "hooks", "template", "transcript", "digests", "hub", "conventions")
    ),
    "discovery.registration",
)
"""What of judgebench components are made of: rooms of the public door."""
Place = tuple[tuple[str, str | None], ...]
"""A module's name and its file, after those of the packages that it lies in, the outermost first."""


def fresh(work: str, task: Mapping[str, Any], hash_seed: str = "0") -> Any:
    """What `work` (`imports` or `renders`) finds for a task, in an interpreter of its own."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "found.json")
        path = [entry or os.getcwd() for entry in sys.path]
        text = json.dumps({"work": work, "task": task, "out": str(out), "path": path})
        set_here = {"PYTHONHASHSEED": hash_seed, "PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1"}
        environment = {**os.environ, **set_here}  # one thread: it forks after the import of numpy
        command = [sys.executable, "-m", "judgebench.testing.elsewhere"]
        done = subprocess.run(command, input=text, text=True, capture_output=True, env=environment, check=False)
        if not out.exists():
            raise RuntimeError(f"a fresh interpreter ended with {done.returncode}: {done.stderr.strip()[-300:]}")
        return json.loads(out.read_text(encoding="utf-8"))


def place_of(module: str) -> Place:
    """The place of a loaded module."""
    parts = module.split(".")
    names = [".".join(parts[: k + 1]) for k in range(len(parts))]
    return tuple((name, getattr(sys.modules.get(name), "__file__", None)) for name in names)


def module_at(place: Sequence[Sequence[str | None]]) -> ModuleType:
    """A module by its name or, where it cannot be found so, from its file."""
    for name, file in place:
        module = _module(str(name), file)
    return module


def _module(name: str, file: str | None) -> ModuleType:
    if name in sys.modules:
        return sys.modules[name]
    try:
        found = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        found = None
    if found is not None and (file is None or found.origin == file):
        return importlib.import_module(name)
    inside = [str(Path(file).parent)] if file and Path(file).name == "__init__.py" else None
    spec = importlib.util.spec_from_file_location(name, file, submodule_search_locations=inside) if file else None
    if spec is None or spec.loader is None:
        raise ImportError(f"there is no module '{name}'")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def imports(task: Mapping[str, Any]) -> dict[str, Any]:
    """Of each module, in a process forked for it: the heavy packages it loads, whether it connects, what it prints.

    What the public door brings is there beforehand; then what is `free` to modules that come with it.
    """
    for name in DOOR:
        importlib.import_module(f"judgebench.{name}")
    found: dict[str, Any] = {}
    for free, places in sorted(task["modules"].items()):
        if free:
            importlib.import_module(free)
        found |= {str(place[-1][0]): _imported(place) for place in places}
    return found


def _imported(place: Sequence[Sequence[str | None]]) -> dict[str, Any]:
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as told:
        child = os.fork()
        if child == 0:
            os.dup2(printed.fileno(), 1)
            os.dup2(printed.fileno(), 2)
            os.write(told.fileno(), json.dumps(_watched(place)).encode())
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)
        os.waitpid(child, 0)
        printed.seek(0)
        told.seek(0)
        text = told.read().decode()
        found: dict[str, Any] = json.loads(text) if text else {"error": "the interpreter ended"}
        return {**found, "printed": printed.read().decode(errors="replace")}


def _watched(place: Sequence[Sequence[str | None]]) -> dict[str, Any]:
    sockets: list[str] = []
    before = set(sys.modules)

    def seen(event: str, _: object) -> None:
        if event in ("socket.__new__", "socket.connect", "socket.getaddrinfo"):
            sockets.append(event)

    sys.addaudithook(seen)
    error = None
    try:
        module_at(place)
    except BaseException as raised:  # a third party's code: whatever it raises is told
        error = f"{type(raised).__name__}: {raised}"
    loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
    return {"heavy": sorted((loaded & HEAVY) - before), "sockets": bool(sockets), "error": error}


def renders(task: Mapping[str, Any]) -> list[list[str]]:
    """The boards, as each report renders them."""
    boards = pickle.loads(base64.b64decode(task["boards"]))
    return [_rendered(report, boards) for report in task["reports"]]


def _rendered(report: Sequence[Any], boards: "Sequence[Leaderboard]") -> list[str]:
    from judgebench.plugin.options import build

    place, qualname, options = report
    try:
        cls: Any = reduce(getattr, qualname.split("."), module_at(place))
        made = build(cls, options, cls.name)
        return [made.render(board) for board in boards]
    except Exception as error:  # in the place of the texts, from which it differs
        return [f"{type(error).__name__}: {error}"]


def main() -> None:
    """Do the task."""
    asked = json.load(sys.stdin)
    sys.path[:] = asked["path"]
    found = {"imports": imports, "renders": renders}[asked["work"]](asked["task"])
    Path(asked["out"]).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
