"""Kinds of work on a loaded model: what a request becomes before rows are put together, and what computes them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from judgebench import Completion


@dataclass(frozen=True, slots=True)
class Row:
    """A request as the model reads it: token ids, the first `prompt` of which are the prompt.

    `stopped` turns true once nobody waits for it any more.
    """

    request: Any
    ids: tuple[int, ...]
    prompt: int
    stopped: Callable[[], bool] = lambda: False


class Work(Protocol):
    """One kind of work: rows of it can be computed together."""

    def read(self, request: Any, stopped: Callable[[], bool]) -> Row:
        """The row of a request. RequestError where it is refused."""
        ...

    def most(self, rows: Sequence[Row]) -> int:
        """How many of these, longest first, may be computed at once: from 1 on."""
        ...

    def compute(self, rows: Sequence[Row]) -> list[Completion]:
        """A completion a row."""
        ...


Works = Mapping[type, Work]
"""The work that each class of requests is."""
