"""recorded: a file of answers that were given before."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from judgebench.core.errors import DataError
from judgebench.core.item import Item, Response
from judgebench.plugin.files import read_rows
from judgebench.plugin.kinds import Ask, Policy
from judgebench.plugin.options import option


@dataclass(frozen=True)
class Recorded(Policy):
    """Answers from a file, found by the item's id or, where the file has none, by its prompt.

    Reads AlpacaEval's model_outputs.json (instruction, output, generator), Arena-Hard's and
    MT-Bench's answer jsonl (question_id or uid; choices/turns or messages), and plain jsonl
    (id or prompt; response), each plain or gzipped.
    """

    name = "recorded"
    summary = "a file of answers that were given before"

    path: str = option(help="json or jsonl file of answers, plain or .gz", identity=False)

    def fingerprint(self) -> Mapping[str, str]:
        """The file's content decides, not its name."""
        return {"sha256": _answers(self.path).digest}

    def needs(self) -> tuple[type, ...]:
        """No model is asked."""
        return ()

    async def respond(self, item: Item, ask: Ask) -> Response:
        """The recorded answer. LookupError when the file has none for this item."""
        found = _answers(self.path)
        turns = found.by_id.get(item.id) or found.by_prompt.get(item.turns[0])
        if turns is None:
            raise LookupError(f"no answer in {Path(self.path).name}")
        if len(turns) != len(item.turns):
            raise LookupError(f"{len(turns)} turns are recorded, {len(item.turns)} were asked")
        return Response(turns, self.name, (None,) * len(turns))


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of a file by item id and by first prompt."""

    digest: str
    by_id: Mapping[str, tuple[str, ...]]
    by_prompt: Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=256)
def _answers(path: str) -> Answers:
    by_id: dict[str, tuple[str, ...]] = {}
    by_prompt: dict[str, tuple[str, ...]] = {}
    rows = read_rows(path)
    for where, row in rows:
        turns = _turns(row, where)
        keys = [str(row[name]) for name in ("question_id", "uid", "id") if name in row]
        prompt = next((row[name] for name in ("instruction", "prompt") if isinstance(row.get(name), str)), None)
        if not keys and prompt is None:
            raise DataError(f"{where} names no item", "each row needs an id, question_id, uid, instruction or prompt")
        for index, key in ((by_id, keys[0] if keys else None), (by_prompt, prompt)):
            if key is not None and index.setdefault(key, turns) != turns:
                raise DataError(f"{where} answers '{key[:60]}' a second time, differently", "keep one answer per item")
    if not by_id and not by_prompt:
        raise DataError(f"{path} holds no answer", "check that it is the file you meant")
    digest = hashlib.sha256(repr((sorted(by_id.items()), sorted(by_prompt.items()))).encode()).hexdigest()
    return Answers(digest, by_id, by_prompt)


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


COMPONENT = Recorded
