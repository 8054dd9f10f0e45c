"""Training rows as typed values, and as JSON in TRL's conversational formats."""

import json
import math
import numbers
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from judgebench import DataError, Message

Lineage = Mapping[str, Any]
"""Where a row came from (iteration, stage, candidates, scores, keys of judgments): whatever JSON can hold."""


@dataclass(frozen=True, slots=True)
class SftRow:
    """A prompt and the text to learn: TRL's prompt-completion format, whose loss counts the completion alone."""

    id: str
    prompt: tuple[Message, ...]
    completion: str
    lineage: Lineage = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PairRow:
    """A prompt, the better and the worse response: TRL's preference format, for DPO and reward models."""

    id: str
    prompt: tuple[Message, ...]
    chosen: str
    rejected: str
    lineage: Lineage = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SoftPairRow:
    """A pair whose `probability`, 0 to 1, says how likely `chosen` is the better one: RLAIF's soft label."""

    id: str
    prompt: tuple[Message, ...]
    chosen: str
    rejected: str
    probability: float
    lineage: Lineage = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PromptRow:
    """A prompt alone: TRL's prompt-only format, for training that draws its responses itself."""

    id: str
    prompt: tuple[Message, ...]
    lineage: Lineage = field(default_factory=dict)


Row = SftRow | PairRow | SoftPairRow | PromptRow


def as_json(row: Row) -> dict[str, Any]:
    """The row as JSON values, its keys always in the same order; each response is a list of one assistant's message.

    `lineage` is JSON within a text, its keys sorted: rows of one file must have the same fields with the same types,
    and lineages differ. Trainers leave it out, as they do `id`.

    Texts are what UTF-8 can hold: the halves of a surrogate pair are joined, and a half that stands alone becomes
    U+FFFD, as in judgebench's records.

    DataError for a row without a prompt, a probability outside of 0 to 1, and a lineage that JSON cannot hold.
    """
    if not row.prompt:
        raise DataError(f"row '{row.id}' has no prompt", "give at least one message")
    found: dict[str, Any] = {"id": whole(row.id), "prompt": [_message(one.role, one.content) for one in row.prompt]}
    match row:
        case SftRow():
            found["completion"] = _answer(row.completion)
        case PairRow() | SoftPairRow():
            found["chosen"] = _answer(row.chosen)
            found["rejected"] = _answer(row.rejected)
    if isinstance(row, SoftPairRow):
        if not 0 <= row.probability <= 1:
            raise DataError(f"row '{row.id}': its probability is {row.probability}", "it must lie between 0 and 1")
        found["probability"] = float(row.probability)
    return {**found, "lineage": _lineage(row)}


def messages(values: Sequence[Mapping[str, Any]]) -> tuple[Message, ...]:
    """Messages out of JSON."""
    return tuple(Message(one["role"], one["content"]) for one in values)


def whole(text: str) -> str:
    """The text with halves of a surrogate pair joined, and with U+FFFD for a half that stands alone."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _answer(text: str) -> list[dict[str, str]]:
    return [_message("assistant", text)]


def _message(role: str, text: str) -> dict[str, str]:
    return {"role": role, "content": whole(text)}


def _lineage(row: Row) -> str:
    try:
        return json.dumps(_plain(row.lineage), ensure_ascii=False, sort_keys=True)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"row '{row.id}': its lineage cannot be written: {error}",
            "it holds texts, finite numbers, lists, and mappings whose keys are texts",
        ) from None


def _plain(value: Any) -> Any:
    """A value as JSON has it; TypeError for what it has not, ValueError for a number that is not finite."""
    match value:
        case None | bool():
            return value
        case str():
            return whole(value)
        case numbers.Integral():
            return int(value)
        case numbers.Real():
            if not math.isfinite(value):
                raise ValueError(f"{value} is no finite number")
            return float(value)
        case Mapping():
            return {_key(key): _plain(member) for key, member in value.items()}
        case list() | tuple():
            return [_plain(member) for member in value]
    raise TypeError(f"{type(value).__name__} is none of JSON's types")


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"{key!r} is no text, and a key")
    return whole(key)
