"""What a paper's table prints, row by row, and which measures of ours stand beside it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from judgebench.core.errors import ConfigError
from judgebench.plugin.kinds import Report
from judgebench.plugin.options import nearest, option

AGAINST = " vs "
"""Between the names of two policies: a row about the first against the second."""
JUDGE = "{judge}"
"""In a measure's spec: the judge of the run that stands for the table's `reference`."""
SOURCES: Mapping[str, str] = {
    "P": "read in the paper's own text or tables",
    "S": "from detailed notes on the paper, not read in the paper itself",
    "Z": "from a news article about the paper",
    "C": "from the authors' code or data",
    "D": "deduced by arithmetic from published numbers",
    "M": "remembered, not verified",
}
"""How well a printed number is known, by letter; several letters: from each of these."""
_CELL = re.compile(r"(-?(?:\d+\.?\d*|\.\d+))(?:\(([^)]*)\))?([PSZCDM]*)")
_DIGEST = re.compile(r"#[0-9a-f]{12}\Z")


@dataclass(frozen=True, slots=True)
class Printed:
    """A number as a paper prints it, what stands beside it there (such as an interval), and letters of `SOURCES`."""

    text: str
    beside: str
    sources: str

    @property
    def value(self) -> float:
        """The number."""
        return float(self.text)


@dataclass(frozen=True, slots=True)
class Column:
    """A measure of ours by its spec, and the paper's columns of the same thing.

    `printed` names the paper's columns: one, several (as of several data sets), or none. Without a `measure` the
    paper's stand alone, and `apart` says why. `between`: the measure is about a policy against one other, not against
    all that it meets. Our values times `times` are on the paper's scale; they are written with `decimals` digits,
    rounded, or cut where the paper's are (`truncated`). `apart`: why ours and the paper's are on different scales, or
    not the same quantity; then no difference is shown.
    """

    heading: str
    measure: str | None
    printed: tuple[str, ...] = ("paper",)
    decimals: int = 1
    truncated: bool = False
    times: float = 1.0
    between: bool = False
    apart: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a paper's table: its name, the numbers of all the paper's columns, and other names that it goes by.

    `numbers` are parted by blanks, `-` where there is none: `83.9ZS` is known from Z and S, and `20.6(-2.0,1.8)` has an
    interval beside it. A number without letters is known as the table's `sources` say.
    """

    name: str
    numbers: str
    also: tuple[str, ...] = ()

    def printed(self, sources: str) -> list[Printed | None]:
        """The cells, in the order of the paper's columns. ValueError for one that cannot be read."""
        found: list[Printed | None] = []
        for text in self.numbers.split():
            cell = _CELL.fullmatch(text)
            if cell is None and text != "-":
                raise ValueError(f"row '{self.name}': '{text}' is no number of a paper")
            found.append(None if cell is None else Printed(cell[1], cell[2] or "", cell[3] or sources))
        return found


@dataclass(frozen=True)
class PaperNumbers(Report):
    """The numbers of a paper's table, and which of a board's subjects stands beside which of its rows.

    A subject stands beside the row of its name, whatever the case, or beside the one that `rows` says; the others stand
    below. `paper` says where the table is; `notes` are its conventions and what is known to mislead; `reference` is
    the judge with whom it compares others; `benchmark` is ours of the same items, where there is one: beside others no
    difference from the paper is shown.
    """

    suffix = ".md"
    paper: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]
    lines: ClassVar[tuple[Row, ...]]
    sources: ClassVar[str] = "P"
    notes: ClassVar[tuple[str, ...]] = ()
    reference: ClassVar[str | None] = None
    benchmark: ClassVar[str | None] = None

    rows: Mapping[str, str] | None = option(None, help="subjects by the paper's rows, where the names differ")

    def known(self) -> list[str]:
        """What `rows` can name: rows with their other names, the two sides of a row about two, and the reference."""
        found = [name for row in self.lines for name in (row.name, *row.also, *_sides(row.name))]
        return list(dict.fromkeys([*found, *filter(None, [self.reference])]))

    def check(self, subjects: Iterable[str]) -> None:
        """ConfigError for a row that the table has not, and for a subject that is not among these."""
        there, known = set(subjects), {name.casefold(): name for name in self.known()}
        for row, subject in (self.rows or {}).items():
            if row.casefold() not in known:
                raise ConfigError(f"'{self.name}' has no row '{row}'", nearest(row, known.values()))
            if subject not in there:
                raise ConfigError(f"row '{row}': no subject is called '{subject}'", nearest(subject, there))

    def spec(self, column: Column, judges: Iterable[str]) -> str | None:
        """A column's measure, with the reference by its name among these judges; None where it has none."""
        if column.measure is None or JUDGE not in column.measure or self.reference is None:
            return column.measure
        judge = self._called([self.reference], list(judges))
        return None if judge is None else column.measure.replace(JUDGE, judge)

    def subject_of(self, row: Row, subjects: Iterable[str]) -> str | None:
        """The subject that stands beside a row, None where there is none."""
        names, sides = list(subjects), _sides(row.name)
        found = self._called([row.name, *row.also], names)
        if found is None and sides:
            policies = list(dict.fromkeys(side for name in names for side in _sides(name)))
            first, second = (self._called([side], policies) for side in sides)
            found = next((name for name in names if _sides(name) == [first, second]), None)
        return found

    def _called(self, wanted: list[str], names: list[str]) -> str | None:
        """Which of these names is meant: the one that `rows` says, else one that is alike but for its case.

        Of several that are wanted the first goes before the others. Of two subjects that share a name, boards add a
        digest to each: it is left out where that is clear.
        """
        given = {row.casefold(): subject for row, subject in (self.rows or {}).items()}
        for name in wanted:
            if name.casefold() in given:
                subject = given[name.casefold()]
                return subject if subject in names else None
        for form in (str, str.casefold, lambda text: _DIGEST.sub("", text).casefold()):
            for one in wanted:
                alike = [name for name in names if form(name) == form(one)]
                if len(alike) == 1:
                    return alike[0]
        return None


def _sides(name: str) -> list[str]:
    """The two names of a row, or a subject, about one against another; nothing of any other."""
    sides = name.split(AGAINST)
    return sides if len(sides) == 2 else []


def other_way(name: str) -> str:
    """The name of the same two policies the other way round; any other name as it is."""
    return AGAINST.join(reversed(_sides(name))) or name
