"""alpaca-eval-2: AlpacaEval 2's instructions, with GPT-4 Turbo's answers as baseline."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from judgebench.core.errors import DataError
from judgebench.core.item import Item, Response
from judgebench.forms.files import read_columns, read_rows
from judgebench.plugin.benchmark import Benchmark
from judgebench.plugin.hub import DataFile, HubFile, hub_file
from judgebench.plugin.options import option

REPO = "tatsu-lab/alpaca_eval"
BASELINE = "alpaca_eval_gpt4_baseline.json"
GAMED = "df_gamed.csv"


@dataclass(frozen=True)
class AlpacaEval2(Benchmark):
    """805 instructions in five strata (the data sets that they come from); item ids are their places, from 0.

    Beside the items it brings what length control needs: each instruction's difficulty, and the judged rows of the
    baseline's concise and verbose versions ("gamed" rows). Source: Dubois et al. (2024), "Length-Controlled
    AlpacaEval"; the hub's tatsu-lab/alpaca_eval.
    """

    name = "alpaca-eval-2"
    summary = "AlpacaEval 2: 805 instructions, each policy against GPT-4 Turbo's answers"
    order = "seeded"
    measures = ("lc-win-rate", "win-rate", "discrete-win-rate", "average-length", "miss-rate")

    data_dir: str | None = option(None, help="a mirror of the hub (default: JUDGEBENCH_DATA)", identity=False)
    revision: str | None = option(None, help="revision of the data set (default: the newest)")

    def items(self) -> Sequence[Item]:
        """All instructions. DataError when a file cannot be had or is not of its form."""
        difficulty = self._difficulty
        rows = read_rows(self._baseline.path)
        if len(rows) != len(difficulty):
            raise DataError(
                f"{BASELINE} has {len(rows)} instructions, {GAMED} the difficulty of {len(difficulty)}",
                "take both files from one revision",
            )
        return [
            Item(
                id=str(place),
                turns=(_text(row, "instruction", where),),
                baseline=Response((_text(row, "output", where),), _text(row, "generator", where)),
                stratum=_text(row, "dataset", where),
                features={"difficulty": difficulty[place], "row": float(place)},
            )
            for place, (where, row) in enumerate(rows)
        ]

    def reference(self) -> Mapping[str, Sequence[float]]:
        """Difficulty by place, and the gamed rows: preference, length difference (in deviations), difficulty."""
        return {
            "difficulty": self._difficulty,
            "gamed.preference": self._gamed["preference"],
            "gamed.length_difference": self._gamed["std_delta_len"],
            "gamed.difficulty": self._gamed["instruction_difficulty"],
        }

    def sources(self) -> Mapping[str, str]:
        """Both files; of the baseline's only once the items were asked for."""
        files = {GAMED: self._gamed_file}
        if "_baseline" in self.__dict__:
            files[BASELINE] = self._baseline
        return {name: file.source for name, file in files.items()}

    def data_files(self) -> Sequence[DataFile]:
        """Both files."""
        licence = "CC-BY-NC-4.0"
        return [
            DataFile(REPO, BASELINE, licence, 1_900_000, "instructions and GPT-4 Turbo's answers", self.revision),
            DataFile(REPO, GAMED, licence, 149_000, "difficulties and rows of gamed baselines", self.revision),
        ]

    @cached_property
    def _baseline(self) -> HubFile:
        return hub_file(REPO, BASELINE, data_dir=self.data_dir, revision=self.revision)

    @cached_property
    def _gamed_file(self) -> HubFile:
        return hub_file(REPO, GAMED, data_dir=self.data_dir, revision=self.revision)

    @cached_property
    def _gamed(self) -> dict[str, list[float]]:
        path = self._gamed_file.path
        columns = read_columns(path)
        found: dict[str, list[float]] = {}
        for name in ("index", "preference", "std_delta_len", "instruction_difficulty"):
            if name not in columns:
                raise DataError(f"{path}: column '{name}' is missing", f"is it the {GAMED} of {REPO}?")
            found[name] = [_number(cell, f"{path}, row {n}: {name}") for n, cell in enumerate(columns[name], start=1)]
        return found

    @cached_property
    def _difficulty(self) -> list[float]:
        """By place: what the file says first of each instruction, as the official code reads it."""
        found: dict[float, float] = {}
        for place, value in zip(self._gamed["index"], self._gamed["instruction_difficulty"], strict=True):
            if found.setdefault(place, value) != value:
                raise DataError(f"{GAMED} gives instruction {place:g} two difficulties", f"is it the file of {REPO}?")
        if sorted(found) != list(range(len(found))):
            raise DataError(f"{GAMED} does not number its instructions from 0 on", f"is it the file of {REPO}?")
        return [found[place] for place in range(len(found))]


def _text(row: Mapping[str, Any], column: str, where: str) -> str:
    value = row.get(column)
    if not isinstance(value, str) or not (value or column == "output"):
        raise DataError(f"{where} has no text in '{column}'", "its columns: instruction, output, generator, dataset")
    return value


def _number(cell: Any, where: str) -> float:
    try:
        value = float(cell)
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise DataError(f"{where} is {cell!r}", "it must be a finite number")
    return value


COMPONENT = AlpacaEval2
