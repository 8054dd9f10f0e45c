"""Rows computed together: smaller batches where the memory ends, each row alone where one of them fails."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from judgebench import Completion, JudgebenchError, PermanentError, RequestError
from judgebench_hf import memory
from judgebench_hf.work import Row, Work

Outcome = Completion | JudgebenchError


class Batches:
    """Computes rows, at most `rows` at once, each batch inside `around()`."""

    def __init__(self, rows: int, around: Callable[[], AbstractContextManager[None]]) -> None:
        self._rows = rows
        self._around = around
        self._proven = False

    def first(self, work: Work, rows: Sequence[Row]) -> int:
        """How many rows of a list, longest first, are computed at once."""
        head = rows[: self._rows]
        return min(work.most(head), len(head))

    def outcomes(self, work: Work, rows: Sequence[Row]) -> list[Outcome]:
        """A completion or an error a row, in their order."""
        found = self._tried(work, rows)
        if isinstance(found, list):
            self._proven = True
            return [*found]
        if len(rows) == 1:
            return [self._explained(found, rows[0])]
        if memory.ran_out(found):
            memory.release()
            half = len(rows) // 2
            return self.outcomes(work, rows[:half]) + self.outcomes(work, rows[half:])
        return [outcome for row in rows for outcome in self.outcomes(work, [row])]

    def _tried(self, work: Work, rows: Sequence[Row]) -> list[Completion] | Exception:
        try:
            with self._around():
                return work.compute(rows)
        except Exception as error:
            # Without what it was raised from and where: those frames hold the tensors that are to be freed.
            error.__context__ = error.__cause__ = None
            return error.with_traceback(None)

    def _explained(self, error: Exception, row: Row) -> JudgebenchError:
        """What a row's failure means for the run: one that fails before any has succeeded says that none will."""
        if isinstance(error, JudgebenchError):
            return error
        if memory.ran_out(error):
            memory.release()
            return RequestError(
                f"one request of {len(row.ids)} tokens does not fit into the memory",
                "dtype=bfloat16 halves what it needs; a smaller n_ctx or max_tokens bounds it",
            )
        told = f"the model fails: {type(error).__name__}: {(str(error).strip().splitlines() or [''])[0]}"
        if self._proven and not _broken(error):
            return RequestError(told)
        return PermanentError(told, "does this version of torch and transformers know the model, and this device?")


def _broken(error: Exception) -> bool:
    """Is the device itself in a state that no later call survives, as CUDA is after an error of its own?"""
    import torch

    broken = getattr(torch, "AcceleratorError", None)
    return broken is not None and isinstance(error, broken)
