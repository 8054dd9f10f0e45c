"""Answers and continued texts: transformers' own `generate`, with sampling and endings a row."""

from collections.abc import Callable, Sequence
from typing import Any

from judgebench import Chat, Completion, RequestError, Text, Usage
from judgebench_hf.ending import Endings, Limits, cut, decoded
from judgebench_hf.loading import Loaded
from judgebench_hf.sampling import Draws
from judgebench_hf.work import Row

_BEFORE = 8
"""Tokens of a raw text that are decoded with its continuation, so that a space between them is not lost."""


class Generation:
    """Continues conversations (Chat) and raw texts (Text)."""

    def __init__(self, loaded: Loaded) -> None:
        self._model, self._prompts = loaded.model, loaded.prompts
        self._device, self._pad, self._ends = loaded.device, loaded.pad, loaded.ends
        # Whatever the checkpoint wishes (temperature, top_k, penalties) would be mixed into each request's settings.
        self._model.generation_config = self._settings()

    def read(self, request: Chat | Text, stopped: Callable[[], bool]) -> Row:
        """The prompt's tokens. RequestError where there is no room for one more."""
        if request.sampling.max_tokens < 1:
            raise RequestError(f"max_tokens is {request.sampling.max_tokens}", "give a number from 1 on")
        prompts = self._prompts
        ids = prompts.chat(request.messages) if isinstance(request, Chat) else prompts.text(request.prompt)
        return Row(request, ids, len(ids), stopped)

    def most(self, rows: Sequence[Row]) -> int:
        """All of them."""
        return len(rows)

    def compute(self, rows: Sequence[Row]) -> list[Completion]:
        """Texts with finish reasons; rows are padded on the left, and end each on its own."""
        import torch
        from transformers import LogitsProcessorList, StoppingCriteriaList

        width = max(len(row.ids) for row in rows)
        ids = torch.tensor([[self._pad] * (width - len(row.ids)) + list(row.ids) for row in rows], device=self._device)
        mask = torch.tensor([[0] * (width - len(row.ids)) + [1] * len(row.ids) for row in rows], device=self._device)
        limits = [self._limits(row) for row in rows]
        endings = Endings(rows, limits, width, self._prompts.tokenizer)
        draws = Draws([row.request.sampling for row in rows], endings.ended)
        settings = self._settings(max_new_tokens=max(limit.length for limit in limits), do_sample=False)
        found = self._model.generate(
            input_ids=ids,
            attention_mask=mask,
            generation_config=settings,
            logits_processor=LogitsProcessorList([draws]),
            stopping_criteria=StoppingCriteriaList([endings]),
        )
        new = found[:, width:].tolist()
        return [
            self._completion(row, limit, new[number][: endings.length[number]])
            for number, (row, limit) in enumerate(zip(rows, limits, strict=True))
        ]

    def _settings(self, **asked: Any) -> Any:
        import transformers

        plain: Any = transformers.GenerationConfig
        return plain(eos_token_id=sorted(self._ends) or None, pad_token_id=self._pad, **asked)

    def _limits(self, row: Row) -> Limits:
        """Of a request, and of what is left of the context. A stop text that is a special token counts as one."""
        sampling, n_ctx = row.request.sampling, self._prompts.n_ctx
        room = sampling.max_tokens if n_ctx is None else min(sampling.max_tokens, n_ctx - len(row.ids))
        added = self._prompts.tokenizer.added_tokens_decoder.items()
        own = {token for token, text in added if text.special and text.content in sampling.stop}
        return Limits(room, self._ends | own, tuple(stop for stop in sampling.stop if stop))

    def _completion(self, row: Row, limits: Limits, new: list[int]) -> Completion:
        ended = bool(new) and new[-1] in limits.ends
        whole = self._text(row, new[:-1] if ended else new)
        text = cut(whole, limits.texts)
        finish: Any = "stop" if ended or len(text) < len(whole) else "length"
        return Completion(text, finish, Usage(row.prompt, len(new)))

    def _text(self, row: Row, new: list[int]) -> str:
        """What was added; to a raw text as the two are written together."""
        tokenizer = self._prompts.tokenizer
        alone = decoded(tokenizer, new)
        if isinstance(row.request, Chat):
            return alone
        before = list(row.ids[-_BEFORE:])
        left, both = decoded(tokenizer, before), decoded(tokenizer, [*before, *new])
        return both[len(left) :] if both.startswith(left) else alone
