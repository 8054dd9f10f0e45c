"""Files of recorded answers, in the forms in which benchmarks publish them."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from judgebench.core.errors import DataError
from judgebench.forms.files import read_rows, stamp

KEYS = ("question_id", "uid", "id")
PROMPTS = ("instruction", "prompt")
AUTHORS = ("model_id", "model", "generator")
COUNTS = {"tokens": "token_len", "headers": "header_count", "lists": "list_count", "bold": "bold_count"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One text a turn, who gave it where the row says so, and what the row counts of its style: `tokens`, `headers`,
    `lists`, `bold`.
    """

    turns: tuple[str, ...]
    author: str | None = None
    features: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of a file by item id and by first prompt; `prompts` are those of the rows with an id.

    `digest` is that of the texts with their keys.
    """

    digest: str
    by_id: Mapping[str, Answer]
    by_prompt: Mapping[str, Answer]
    prompts: Mapping[str, str]

    def of(self, item: str, prompt: str) -> Answer | None:
        """The answer to an item, by its id or else by its first prompt; None where the file has none.

        LookupError where the file has one, to another prompt of this id.
        """
        found = self.by_id.get(item) or self.by_prompt.get(prompt)
        if found is not None and self.prompts.get(item, prompt).strip() != prompt.strip():
            raise LookupError("the recorded prompt differs")
        return found


def read_answers(path: str | Path) -> Answers:
    """Read a file: AlpacaEval's model_outputs (instruction, output, generator), the answer jsonl of Arena-Hard and
    MT-Bench (question_id or uid; choices/turns or messages), or plain jsonl (id or prompt; response), plain or gzipped.

    DataError that names the row for what is no answer, or answers something twice and differently.
    """
    return _read(str(path), *stamp(path))


def answers_by_author(path: str | Path) -> dict[str | None, Answers]:
    """The answers of a file that may hold several models', by who gave them; None: its rows do not say. DataError."""
    rows: dict[str | None, list[tuple[str, dict[str, Any]]]] = {}
    for where, row in read_rows(path):
        rows.setdefault(_first(row, AUTHORS), []).append((where, row))
    return {author: _gathered(own, str(path)) for author, own in rows.items()}


def counts(row: Mapping[str, Any], columns: Mapping[str, str], where: str) -> dict[str, float]:
    """The numbers in these columns that are there, by name; an object's numbers are summed. DataError for others."""
    found = {}
    for name, column in columns.items():
        if (value := row.get(column)) is None:
            continue
        numbers: list[Any] = list(value.values()) if isinstance(value, dict) else [value]
        if any(isinstance(one, bool) or not isinstance(one, int | float) or not one >= 0 for one in numbers):
            raise DataError(f"{where} counts {name} as {value!r}", "counts are numbers from 0, or objects of such")
        found[name] = float(sum(numbers))
    return found


@lru_cache(maxsize=256)
def _read(path: str, size: int, modified: int) -> Answers:
    """The content of a file in the state that `stamp` saw, which the cache is keyed by."""
    return _gathered(read_rows(path), path)


def _gathered(rows: Iterable[tuple[str, dict[str, Any]]], path: str) -> Answers:
    prompts: dict[str, str] = {}
    by_id: dict[str, Answer] = {}
    by_prompt: dict[str, Answer] = {}
    for where, row in rows:
        answer = Answer(_turns(row, where), _first(row, AUTHORS), _features(row, where))
        key, prompt = _first(row, KEYS), _first(row, PROMPTS)
        if key is None and prompt is None:
            raise DataError(f"{where} names no item", "each row needs an id, question_id, uid, instruction or prompt")
        for index, name in ((by_id, key), (by_prompt, prompt)):
            if name is not None and index.setdefault(name, answer) != answer:
                raise DataError(f"{where} answers '{name[:60]}' a second time, differently", "keep one answer per item")
        if key is not None and prompt is not None and prompts.setdefault(key, prompt).strip() != prompt.strip():
            raise DataError(f"{where} has another prompt for '{key[:60]}'", "keep one prompt per item")
    if not by_id and not by_prompt:
        raise DataError(f"{path} holds no answer", "check that it is the file you meant")
    texts = [sorted((name, answer.turns) for name, answer in index.items()) for index in (by_id, by_prompt)]
    digest = hashlib.sha256(repr([*texts, sorted(prompts.items())]).encode()).hexdigest()
    return Answers(digest, by_id, by_prompt, prompts)


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    """The first of these members that is there, as text."""
    return next((str(row[name]) for name in names if isinstance(row.get(name), str | int)), None)


def _turns(row: Mapping[str, Any], where: str) -> tuple[str, ...]:
    found = tuple(_texts(row))
    if not found or not all(isinstance(text, str) for text in found):
        raise DataError(
            f"{where} holds no answer that can be read",
            "known forms: output; response; choices[0].turns; messages with role assistant",
        )
    return found


def _texts(row: Mapping[str, Any]) -> Iterator[Any]:
    """The assistant's turns in whichever of the known forms the row has."""
    match row:
        case {"choices": [{"turns": list(turns)}, *_]}:  # MT-Bench (texts), Arena-Hard v0.1 (objects)
            for turn in turns:
                yield turn.get("content") if isinstance(turn, dict) else turn
        case {"messages": list(messages)}:  # Arena-Hard v2.0
            for message in messages:
                if isinstance(message, dict) and message.get("role") == "assistant":
                    content = message.get("content")
                    yield content.get("answer") if isinstance(content, dict) else content
        case {"output": str(text)} | {"response": str(text)}:
            yield text
        case {"response": list(turns)} | {"turns": list(turns)}:
            yield from turns


def _features(row: Mapping[str, Any], where: str) -> dict[str, float]:
    """What Arena-Hard's files count of an answer: `conv_metadata` (v0.1), `metadata` (v2.0), or a turn's token_len."""
    counted = row.get("conv_metadata") or row.get("metadata")
    match row:
        case _ if isinstance(counted, dict) and "token_len" in counted:
            return counts(counted, COUNTS, where)
        case {"choices": [{"turns": [{"token_len": _} as turn]}, *_]}:
            return counts(turn, {"tokens": "token_len"}, where)
    return {}
