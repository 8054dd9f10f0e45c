"""Log-probabilities: of the next token, and of a given response. One forward pass, and no more logits than needed."""

import inspect
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from judgebench import Completion, NextToken, RequestError, SequenceScore, Usage
from judgebench_hf.loading import Loaded
from judgebench_hf.vocabulary import Vocabulary
from judgebench_hf.work import Row

if TYPE_CHECKING:
    import torch

ROOM = 1 << 30
"""Bytes that the logits of one forward pass may take in float32."""
_STEP = 256
"""Positions turned into log-probabilities at once."""


def finite(value: float) -> float:
    """The value, or a RequestError where it is none: a number format too narrow for the model has overflowed."""
    if not math.isfinite(value):
        raise RequestError(f"the model gives {value}", "float16 may be too narrow for it: dtype=bfloat16")
    return value


class Forward:
    """Logits at some positions of rows that are padded on the right.

    In a causal model no position sees what follows it, so that padding on the right needs neither a mask nor other
    positions, and each row is computed as it would be alone.
    """

    def __init__(self, loaded: Loaded) -> None:
        self._model, self._device, self._pad = loaded.model, loaded.device, loaded.pad
        self.vocabulary = int(loaded.model.config.get_text_config().vocab_size)
        self._chooses = "logits_to_keep" in inspect.signature(loaded.model.forward).parameters

    def logits(self, rows: Sequence[Sequence[int]], keep: range) -> "torch.Tensor":
        """Logits [rows, len(keep), vocabulary] at the positions `keep`, in the model's own precision."""
        import torch

        width = max(map(len, rows))
        ids = torch.tensor([[*row, *[self._pad] * (width - len(row))] for row in rows], device=self._device)
        if not self._chooses:
            whole: torch.Tensor = self._model(input_ids=ids, use_cache=False).logits
            return whole[:, keep.start : keep.stop]
        kept = torch.arange(keep.start, keep.stop, device=self._device)
        found: torch.Tensor = self._model(input_ids=ids, use_cache=False, logits_to_keep=kept).logits
        return found


class NextTokens:
    """Log-probabilities of the next token (NextToken)."""

    def __init__(self, loaded: Loaded) -> None:
        self._prompts, self._forward = loaded.prompts, Forward(loaded)
        self._vocabulary = Vocabulary(loaded.prompts.tokenizer)

    def read(self, request: NextToken, stopped: Callable[[], bool]) -> Row:
        """The conversation's tokens."""
        ids = self._prompts.chat(request.messages)
        return Row(request, ids, len(ids), stopped)

    def most(self, rows: Sequence[Row]) -> int:
        """As many as the logits between the shortest and the longest have room for."""
        return _fitting([range(len(row.ids) - 1, len(row.ids)) for row in rows], self._forward.vocabulary)

    def compute(self, rows: Sequence[Row]) -> list[Completion]:
        """The likeliest tokens, and every further one that spells a choice."""
        import torch

        first = min(len(row.ids) for row in rows) - 1
        logits = self._forward.logits([row.ids for row in rows], range(first, max(len(row.ids) for row in rows)))
        found = []
        for number, row in enumerate(rows):
            values = torch.log_softmax(logits[number, len(row.ids) - 1 - first].float(), dim=-1)
            found.append(self._completion(row, values))
        return found

    def _completion(self, row: Row, values: "torch.Tensor") -> Completion:
        request: NextToken = row.request
        likely = values.topk(min(max(request.top, 1), len(values))).indices.tolist()
        finite(float(values[likely[0]]))
        ids = self._vocabulary.chosen(likely[: request.top], request.choices, range(len(values)))
        pairs = self._vocabulary.pairs(dict(zip(ids, values.cpu()[[*ids]].tolist(), strict=True)))
        return Completion(self._vocabulary.text(likely[0]), "length", Usage(row.prompt, 1), pairs)


class SequenceScores:
    """The log-probability of a given response (SequenceScore)."""

    def __init__(self, loaded: Loaded) -> None:
        self._prompts, self._forward = loaded.prompts, Forward(loaded)

    def read(self, request: SequenceScore, stopped: Callable[[], bool]) -> Row:
        """The conversation with the response, and where the response begins."""
        ids, prompt = self._prompts.scored(request.messages, request.response)
        return Row(request, ids, prompt, stopped)

    def most(self, rows: Sequence[Row]) -> int:
        """As many as have room for the logits of their responses; one alone is computed in parts."""
        return _fitting([_predicting(row) for row in rows], self._forward.vocabulary)

    def compute(self, rows: Sequence[Row]) -> list[Completion]:
        """The sum over the response's tokens of the natural log-probability of each after all before it."""
        spans = [_predicting(row) for row in rows]
        whole = range(min(span.start for span in spans), max(span.stop for span in spans))
        part = max(1, ROOM // (4 * self._forward.vocabulary * len(rows)))
        sums = [0.0] * len(rows)
        for start in range(whole.start, whole.stop, part):
            keep = range(start, min(start + part, whole.stop))
            logits = self._forward.logits([row.ids[: keep.stop] for row in rows], keep)
            for number, (row, span) in enumerate(zip(rows, spans, strict=True)):
                own = range(max(span.start, keep.start), min(span.stop, keep.stop))
                sums[number] += self._sum(logits[number], row, own, start)
        return [
            Completion(usage=Usage(row.prompt, len(row.ids) - row.prompt), score=finite(total))
            for row, total in zip(rows, sums, strict=True)
        ]

    def _sum(self, logits: "torch.Tensor", row: Row, own: range, start: int) -> float:
        """Over the positions `own`; logits begin at position `start`. Added up in double precision."""
        import torch

        total = 0.0
        for first in own[::_STEP]:
            last = min(first + _STEP, own.stop)
            values = torch.log_softmax(logits[first - start : last - start].float(), dim=-1)
            targets = torch.tensor(row.ids[first + 1 : last + 1], device=values.device)
            total += float(values.gather(1, targets[:, None]).cpu().double().sum())
        return total


def _predicting(row: Row) -> range:
    """Positions whose logits predict the response's tokens: each stands one before its token."""
    return range(row.prompt - 1, len(row.ids) - 1)


def _fitting(spans: Sequence[range], vocabulary: int) -> int:
    """How many of these rows, from the first, have room together for logits from the first to the last position."""
    most = 1
    for count in range(2, len(spans) + 1):
        kept = max(span.stop for span in spans[:count]) - min(span.start for span in spans[:count])
        if count * kept * vocabulary * 4 > ROOM:
            break
        most = count
    return most
