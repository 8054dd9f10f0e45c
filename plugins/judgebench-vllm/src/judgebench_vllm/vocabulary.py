"""The texts of a model's tokens, and which of them spell a choice."""

from collections.abc import Mapping
from typing import Any

Pairs = tuple[tuple[str, float], ...]


class Vocabulary:
    """The tokens of a tokenizer, each decoded alone, when they are first needed."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._texts: tuple[str, ...] = ()
        self._spelling: dict[tuple[str, ...], tuple[int, ...]] = {}

    def pairs(self, values: Mapping[int, float], choices: tuple[str, ...], top: int) -> Pairs:
        """(token, log-probability), most probable first: the `top` likeliest, and every further one that spells one of
        the choices, blanks around it aside. `values` holds the log-probability of each token id.
        """
        likely = sorted(values, key=lambda token: (-values[token], token))[: max(top, 0)]
        spelled = (token for token in self._spelled(choices) if token in values)
        chosen = sorted({*likely, *spelled}, key=lambda token: (-values[token], token))
        return tuple((self._text(token), values[token]) for token in chosen)

    def _spelled(self, choices: tuple[str, ...]) -> tuple[int, ...]:
        if choices not in self._spelling:
            wanted = {choice.strip() for choice in choices}
            self._spelling[choices] = tuple(token for token, text in enumerate(self._all()) if text.strip() in wanted)
        return self._spelling[choices]

    def _text(self, token: int) -> str:
        """The text of a token; of one that the model has and the tokenizer does not know, nothing."""
        texts = self._all()
        return texts[token] if token < len(texts) else ""

    def _all(self) -> tuple[str, ...]:
        if not self._texts:
            ids = [[token] for token in range(len(self._tokenizer))]
            fast = getattr(self._tokenizer, "backend_tokenizer", None)  # ten times as fast, for 150,000 tokens
            if fast is not None:
                self._texts = tuple(fast.decode_batch(ids, skip_special_tokens=False))
            else:
                self._texts = tuple(self._tokenizer.decode(one) for one in ids)
        return self._texts
