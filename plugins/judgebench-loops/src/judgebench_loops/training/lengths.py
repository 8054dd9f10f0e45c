"""Rows that are too long for a training: left out or cut, and counted either way."""

from collections.abc import Mapping, Sequence
from typing import Any

from judgebench import DataError
from judgebench_loops.kept import Dropped, Kept, keep
from judgebench_loops.training.rows import COLUMNS
from judgebench_loops.training.settings import RL, Training

LONG_PROMPT, LONG_ROW = "prompt too long", "row too long"


def fitting(rows: Sequence[Mapping[str, Any]], tokenizer: Any, settings: Training) -> tuple[Kept[dict[str, Any]], int]:
    """The rows that go into a training, how many do not and why; and how many of the kept lose their end.

    Tokens are counted as the tokenizer's chat template sets a row. A prompt that leaves no room for one token of a
    response is left out in any case. DataError where nothing is left.
    """
    cut = 0

    def kept(row: Mapping[str, Any]) -> dict[str, Any]:
        nonlocal cut
        prompt = _tokens(tokenizer, row["prompt"], add_generation_prompt=True)
        if prompt > settings.max_prompt if settings.method in RL else prompt >= settings.max_length:
            raise Dropped(LONG_PROMPT)
        answers = [row[name] for name in COLUMNS[settings.method] if name != "prompt"]
        if any(_tokens(tokenizer, row["prompt"] + answer) > settings.max_length for answer in answers):
            if settings.too_long == "drop" or settings.method == "reward":  # which TRL does not cut
                raise Dropped(LONG_ROW)
            cut += 1
        return dict(row)

    found = keep(rows, kept)
    if not found.rows:
        limit = (
            f"max_prompt is {settings.max_prompt}" if settings.method in RL else f"max_length is {settings.max_length}"
        )
        raise DataError(f"all {len(rows)} rows are too long", f"{limit} tokens: raise it")
    return found, cut


def _tokens(tokenizer: Any, messages: Sequence[Mapping[str, str]], **more: Any) -> int:
    return len(tokenizer.apply_chat_template(messages, tokenize=True, return_dict=True, **more)["input_ids"])
