"""Answers as JSON: what is asked for, the schema that a backend can hold a text to, and how it is read."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from judgebench.core.request import Chat, Completion
from judgebench.plugin.transcript import without_reasoning

Output = Literal["text", "json"]
REASONS, VERDICT, RATING = "reasons", "verdict", "rating"


def one_of(letters: Sequence[str]) -> dict[str, Any]:
    """The schema of a verdict: one of these letters."""
    return {"type": "string", "enum": list(letters)}


NUMBER: dict[str, Any] = {"type": "number"}
"""The schema of a rating. Its bounds are checked when it is read: not every server takes them."""


def as_json(request: Chat, key: str, value: dict[str, Any]) -> Chat:
    """The request, with a last line that asks for one JSON object, and with the object's schema.

    The object holds the reasons first and then, under `key`, what is described by the schema `value`.
    """
    schema = {
        "type": "object",
        "properties": {REASONS: {"type": "string"}, key: value},
        "required": [REASONS, key],
        "additionalProperties": False,
    }
    wanted = f'{{"{REASONS}": "...", "{key}": ...}}'
    *before, last = request.messages
    text = f"{last.content}\n\nWrite all of this as one JSON object and nothing else: {wanted}"
    return replace(request, messages=(*before, replace(last, content=text)), schema=json.dumps(schema))


def json_value(completion: Completion, reasoning: tuple[str, ...], key: str) -> Any:
    """What stands under `key` where the whole text is one JSON object that holds it once; else None.

    The whole text: an object that a response brings along is only a part of it.
    """
    try:
        found = json.loads(without_reasoning(completion.text, reasoning), object_pairs_hook=list)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, list):
        return None
    values = [pair[1] for pair in found if isinstance(pair, tuple) and pair[0] == key]
    return values[0] if len(values) == 1 else None


def json_number(completion: Completion, reasoning: tuple[str, ...], key: str) -> float | None:
    """The number under `key`, as of `json_value`; None where that is no number, or too large for one."""
    found = json_value(completion, reasoning, key)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    try:
        return float(found)
    except OverflowError:
        return None
