"""Imports of json lines."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from judgebench import DataError, Import, Item, Judged, Preference


@dataclass(frozen=True)
class Good(Import):
    """Rows of item, judge and p."""

    name = "good"
    summary = "a good import"

    def read(self, paths: Sequence[Path]) -> Iterable[Judged]:
        for path in paths:
            yield from self.of(path)

    def of(self, path: Path) -> list[Judged]:
        lines = self.text(path).split("\n")
        rows = [self.row(line, f"{path}, line {k}") for k, line in enumerate(lines, start=1) if line.strip()]
        if not rows:
            raise DataError(f"{path} is empty", "name a file with verdicts")
        return rows

    def text(self, path: Path) -> str:
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"{path} cannot be read: {type(error).__name__}", "name a file") from None

    def row(self, line: str, where: str) -> Judged:
        try:
            return self.judged(json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f"{where} cannot be read: {error}", "a row has item, judge and p") from None

    def judged(self, row: Any) -> Judged:
        return Judged(Item(row["item"], ()), row["judge"], Preference((row["p"], 1 - row["p"])))


@dataclass(frozen=True)
class Missing(Good):
    """Takes a file that is not there for one without rows, and says so without its name."""

    name = "missing"

    def text(self, path: Path) -> str:
        if not path.exists():
            raise DataError("there is no such file", "name another")
        return super().text(path)


@dataclass(frozen=True)
class Empty(Good):
    """Takes an empty file for one without rows."""

    name = "empty"

    def of(self, path: Path) -> list[Judged]:
        return super().of(path) if self.text(path).strip() else []


@dataclass(frozen=True)
class Bare(Good):
    """Lets a KeyError through."""

    name = "bare"

    def row(self, line: str, where: str) -> Judged:
        found = json.loads(line) if line.startswith("{") and line.endswith("}") else None
        return self.judged(found) if found else super().row(line, where)


@dataclass(frozen=True)
class Wild(Good):
    """Gives probabilities that are none."""

    name = "wild"

    def judged(self, row: Any) -> Judged:
        return replace(super().judged(row), verdict=Preference((9.0, -3.0)))


@dataclass(frozen=True)
class Headed(Good):
    """Takes it that every csv has its columns."""

    name = "headed"

    def of(self, path: Path) -> list[Judged]:
        lines = self.text(path).split("\n") if path.suffix == ".csv" else []
        if len(lines) > 1 and "," in lines[0]:
            return [self.judged(dict(zip(lines[0].split(","), line.split(","), strict=True))) for line in lines[1:]]
        return super().of(path)


GIVEN = {"paths": [Path(__file__).with_name("rows.jsonl")]}
"""What its checks need."""
GOOD = (Good,)
BROKEN = (
    ("refuses a file that is not there", Missing, ()),
    ("refuses an empty file", Empty, ()),
    ("refuses a file of something else", Bare, ()),
    ("refuses a file of something else", Headed, ()),
    ("gives well-formed verdicts of files that it can read", Wild, ()),
)
