"""A board that shows itself."""

from dataclasses import dataclass, fields

from judgebench.core.leaderboard import Leaderboard


@dataclass(frozen=True, slots=True)
class Board(Leaderboard):
    """A leaderboard that shows itself: as a cell's result in a notebook, and as markdown where it is printed.

    `pandas.DataFrame(board.estimates)` is its numbers as a data frame.
    """

    @classmethod
    def of(cls, found: Leaderboard) -> "Board":
        """The same board, shown."""
        return cls(*(getattr(found, field.name) for field in fields(Leaderboard)))

    def __str__(self) -> str:
        from judgebench.components.reports.markdown import Markdown

        return Markdown().render(self)

    def _repr_markdown_(self) -> str:
        return str(self)
