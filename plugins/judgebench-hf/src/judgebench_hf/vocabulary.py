"""The texts of a model's tokens, and which of them spell a choice."""

from collections.abc import Container, Mapping, Sequence
from typing import Any

Pairs = tuple[tuple[str, float], ...]


class Vocabulary:
    """The tokens of a tokenizer of transformers, each decoded alone, when they are first needed."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._texts: tuple[str, ...] = ()
        self._spelling: dict[tuple[str, ...], tuple[int, ...]] = {}

    def text(self, token: int) -> str:
        """The text of a token; of one that the model has and the tokenizer does not know, nothing."""
        texts = self._all()
        return texts[token] if token < len(texts) else ""

    def chosen(self, likely: Sequence[int], choices: tuple[str, ...], known: Container[int]) -> tuple[int, ...]:
        """The likely tokens, and every further one of those known to the model that spells one of the choices, blanks
        around it aside.
        """
        if choices not in self._spelling:
            wanted = {choice.strip() for choice in choices}
            self._spelling[choices] = tuple(token for token, text in enumerate(self._all()) if text.strip() in wanted)
        spelled = (token for token in self._spelling[choices] if token in known)
        return tuple(dict.fromkeys([*likely, *spelled]))

    def pairs(self, values: Mapping[int, float]) -> Pairs:
        """(text, log-probability) of tokens, most probable first, equally probable ones by their number."""
        ordered = sorted(values, key=lambda token: (-values[token], token))
        return tuple((self.text(token), values[token]) for token in ordered)

    def _all(self) -> tuple[str, ...]:
        if not self._texts:
            ids = [[token] for token in range(len(self._tokenizer))]
            fast = getattr(self._tokenizer, "backend_tokenizer", None)  # ten times as fast, for 150,000 tokens
            if fast is not None:
                self._texts = tuple(fast.decode_batch(ids, skip_special_tokens=False))
            else:
                self._texts = tuple(self._tokenizer.batch_decode(ids, clean_up_tokenization_spaces=False))
        return self._texts
