"""Temperature, top-p and chance, put into the logits: the only one that is left is the token drawn.

Each row draws from chance of its own, one number a token, and all is added up in whole numbers: what a request gets
depends on its seed and its logits, not on its neighbours in a batch, nor on the order in which a device adds.
"""

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from judgebench import RequestError, Sampling

if TYPE_CHECKING:
    import torch

UNIT = 2**40
"""Probabilities are counted as whole multiples of its inverse."""
_LIKELY = 1024
"""Tokens among which a nucleus is looked for first: it is seldom larger, and sorting a whole vocabulary is slow."""


class Draws:
    """A logits processor for `generate` without sampling of its own. `ended` rows are left alone: a list that the
    stopping criterion keeps.
    """

    def __init__(self, rows: Sequence[Sampling], ended: Sequence[bool]) -> None:
        self._rows, self._ended = rows, ended
        self._chance = [random.Random(sampling.seed) for sampling in rows]

    def __call__(self, input_ids: "torch.Tensor", scores: "torch.Tensor") -> "torch.Tensor":
        """Logits [rows, vocabulary], float32, of which each row's greatest is its next token."""
        import torch

        if bool(torch.isnan(scores).any()):
            raise RequestError("the model's logits are not numbers", "float16 may be too narrow for it: dtype=bfloat16")
        for row, sampling in enumerate(self._rows):
            if sampling.temperature > 0 and not self._ended[row]:
                parts = counted(scores[row] / sampling.temperature)
                if sampling.top_k is not None:
                    parts = likeliest(parts, sampling.top_k)
                if sampling.top_p < 1:  # of what is left
                    left = 1.0 if sampling.top_k is None else int(parts.sum()) / UNIT
                    parts = nucleus(parts, sampling.top_p * left)
                token = drawn(parts, self._chance[row].random())
                scores[row] = -torch.inf
                scores[row, token] = 0.0
        return scores


def counted(logits: "torch.Tensor") -> "torch.Tensor":
    """Probabilities [vocabulary] of logits, in whole multiples of 1 / UNIT."""
    import torch

    return (torch.softmax(logits, dim=0) * UNIT).round().to(torch.int64)


def likeliest(parts: "torch.Tensor", top_k: int) -> "torch.Tensor":
    """Counts [vocabulary] with 0 outside the `top_k` likeliest tokens, and those exactly as likely as the last."""
    return parts * (parts >= parts.topk(min(max(top_k, 1), len(parts))).values.min())


def nucleus(parts: "torch.Tensor", top_p: float) -> "torch.Tensor":
    """Counts [vocabulary] with 0 outside the smallest set of likeliest tokens that holds `top_p` (Holtzman et al.
    2020, section 3.1), together with those that are exactly as likely as its last.
    """
    share = top_p * UNIT
    ordered = parts.topk(min(_LIKELY, len(parts))).values
    if int(ordered.sum()) < share:
        ordered = parts.sort(descending=True).values
    before = ordered.cumsum(0) - ordered
    last = ordered[before < share].min()
    return parts * (parts >= last)


def drawn(parts: "torch.Tensor", chance: float) -> int:
    """The token to which a number in [0, 1) falls, where each has a stretch as long as its count."""
    import torch

    ends = parts.cumsum(0)
    target = torch.tensor([int(chance * int(ends[-1]))], device=parts.device)
    return int(torch.searchsorted(ends, target, right=True))
