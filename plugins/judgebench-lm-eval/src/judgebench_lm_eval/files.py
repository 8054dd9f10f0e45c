"""The files that lm-eval writes with --output_path and --log_samples."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from judgebench import DataError

HOW = "lm-eval writes both by --output_path FOLDER --log_samples: keep them together"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One evaluation of one model: the file of results, and the file of samples of each task that is wanted."""

    results: Path
    samples: Mapping[str, Path]


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of a task behind a filter: the value over all documents that lm-eval gives, and its direction.

    `shots` is how many examples stood before each document.
    """

    task: str
    name: str
    filter: str
    value: float
    higher_is_better: bool
    shots: int

    @property
    def label(self) -> str:
        """TASK/METRIC, the filter where it has a name, and the number of examples where there were any."""
        behind = f",{self.filter}" * (self.filter != "none")
        return f"{self.task}/{self.name}{behind}" + f" ({self.shots}-shot)" * (self.shots > 0)


def evaluations(paths: Sequence[Path]) -> list[Evaluation]:
    """The evaluations that files belong to: a results_*.json means all its tasks, a samples_*.jsonl its own.

    DataError for another file, and where the other file of the two is missing.
    """
    wanted: dict[Path, dict[str, Path]] = {}
    for path in paths:
        date = path.stem.rpartition("_")[2]
        if path.name.startswith("samples_") and path.suffix == ".jsonl":
            task = path.stem.removeprefix("samples_").rpartition("_")[0]
            found = sorted(path.parent.glob(f"*_{date}.json"))
            if len(found) != 1:
                raise DataError(f"beside {path} there is no results_{date}.json", HOW)
            wanted.setdefault(found[0], {})[task] = path
        elif path.suffix == ".json":
            for task in _object(path, "results"):
                samples = path.with_name(f"samples_{task}_{date}.jsonl")
                if task in _object(path, "configs"):  # a group has results and no documents of its own
                    wanted.setdefault(path, {})[task] = samples
        else:
            raise DataError(f"{path} is no file of lm-eval's", "give results_DATE.json, or samples_TASK_DATE.jsonl")
    return [Evaluation(results, samples) for results, samples in wanted.items()]


def metrics(results: Path, task: str) -> list[Metric]:
    """The metrics of a task that the file of results gives a number for, those without a known direction as higher."""
    values = _object(results, "results").get(task)
    if not isinstance(values, dict):
        raise DataError(f"{results} has no results of '{task}'", HOW)
    ways = _object(results, "higher_is_better").get(task) or {}
    shots = _read(results).get("n-shot") or {}
    found = []
    for key, value in values.items():
        name, comma, behind = key.partition(",")
        if comma and not name.endswith("_stderr"):
            number = value if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
            found.append(
                Metric(task, name, behind, float(number), ways.get(name) is not False, int(shots.get(task) or 0))
            )
    return found


def model_name(results: Path) -> str:
    """What the model is called: the last part of its path or address, or its class where nothing says more."""
    whole = _read(results)
    told, config = str(whole.get("model_name") or ""), whole.get("config") or {}
    if told and told in json.dumps(config.get("model_args"), ensure_ascii=False):  # else lm-eval has drawn a name
        return told.rstrip("/").rpartition("/")[2] or told
    return str(config.get("model") or told or "model")


def documents(samples: Path) -> list[tuple[str, Mapping[str, Any]]]:
    """(place, row) of each document, once for each filter. DataError for what cannot be read."""
    try:
        lines = samples.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{samples}: {error}", HOW) from None
    found: list[tuple[str, Mapping[str, Any]]] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{samples}, line {number}"
        try:
            row = json.loads(line)
        except ValueError as error:
            raise DataError(f"{where}: {error}", "it should be JSON: was the file cut off?") from None
        if not isinstance(row, dict) or not isinstance(row.get("doc_id"), int) or "doc" not in row:
            raise DataError(f"{where} is no sample", "it needs doc_id, doc, resps, filter and metrics")
        found.append((where, row))
    if not found:
        raise DataError(f"{samples} is empty", HOW)
    return found


def _object(results: Path, key: str) -> Mapping[str, Any]:
    found = _read(results).get(key)
    if not isinstance(found, dict):
        raise DataError(f"{results} is no file of results", f"it lacks '{key}'; {HOW}")
    return found


def _read(results: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(results.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{results}: {error}", HOW) from None
    return found if isinstance(found, dict) else {}
