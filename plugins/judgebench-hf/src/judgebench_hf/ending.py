"""When an answer ends: at a token that ends it, at a stop text, at its own length, or when nobody waits for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from judgebench_hf.work import Row

if TYPE_CHECKING:
    import torch

_MARGIN = 8
"""Tokens looked at beyond the longest stop text's bytes: the first ones of a tail may be decoded without a space."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What ends one row: new tokens at most, token ids, and texts."""

    length: int
    ends: frozenset[int]
    texts: tuple[str, ...]


class Endings:
    """A stopping criterion for `generate`, which keeps how many new tokens each row has when it ends."""

    def __init__(self, rows: Sequence[Row], limits: Sequence[Limits], start: int, tokenizer: Any) -> None:
        self._rows, self._limits, self._start, self._tokenizer = rows, limits, start, tokenizer
        self.ended = [False] * len(rows)
        self.length = [0] * len(rows)

    def __call__(self, input_ids: "torch.Tensor", scores: object, **_: object) -> "torch.Tensor":
        """Which rows [rows] have ended, given all tokens so far [rows, length]."""
        import torch

        length = input_ids.shape[1] - self._start
        last = input_ids[:, -1].tolist()
        for row, limits in enumerate(self._limits):
            if self.ended[row]:
                continue
            self.length[row] = length
            self.ended[row] = (
                last[row] in limits.ends
                or length >= limits.length
                or self._rows[row].stopped()
                or (bool(limits.texts) and self._at_stop_text(input_ids[row], length, limits.texts))
            )
        return torch.tensor(self.ended, device=input_ids.device)

    def _at_stop_text(self, ids: "torch.Tensor", length: int, texts: tuple[str, ...]) -> bool:
        """Does the end of the answer hold one? A token is one byte at least, so that a short tail is enough."""
        tail = min(length, max(len(text.encode()) for text in texts) + _MARGIN)
        text = decoded(self._tokenizer, ids[-tail:].tolist())
        return any(stop in text for stop in texts)


def decoded(tokenizer: Any, ids: Sequence[int]) -> str:
    """The text of tokens, without special ones."""
    return str(tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False))


def cut(text: str, stops: Sequence[str]) -> str:
    """A text up to the first stop text in it."""
    return text[: min((at for stop in stops if (at := text.find(stop)) >= 0), default=len(text))]
