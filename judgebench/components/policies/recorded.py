"""recorded: a file of answers that were given before."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from judgebench.core.errors import DataError
from judgebench.core.item import Item, Response
from judgebench.plugin.files import read_rows, stamp
from judgebench.plugin.kinds import Ask, Policy
from judgebench.plugin.options import option


@dataclass(frozen=True)
class Recorded(Policy):
    """Answers from a file, found by the item's id or, where the file has none, by its prompt.

    A row that has both answers only items whose first turn is that prompt.

    Reads AlpacaEval's model_outputs.json (instruction, output, generator), Arena-Hard's and
    MT-Bench's answer jsonl (question_id or uid; choices/turns or messages), and plain jsonl
    (id or prompt; response), each plain or gzipped.
    """

    name = "recorded"
    summary = "a file of answers that were given before"

    path: str = option(help="json or jsonl file of answers, plain or .gz", identity=False)

    def fingerprint(self) -> Mapping[str, str]:
        """The file's content decides, not its name."""
        return {"sha256": self._answers.digest}

    def needs(self) -> tuple[type, ...]:
        """No model is asked."""
        return ()

    async def respond(self, item: Item, ask: Ask) -> Response:
        """The recorded answer. LookupError when the file has none for this item."""
        found = self._answers
        turns = found.by_id.get(item.id) or found.by_prompt.get(item.turns[0])
        if turns is None:
            raise LookupError(f"no answer in {Path(self.path).name}")
        if found.prompts.get(item.id, item.turns[0]).strip() != item.turns[0].strip():
            raise LookupError("the recorded prompt differs")
        if len(turns) != len(item.turns):
            raise LookupError(f"{len(turns)} turns are recorded, {len(item.turns)} were asked")
        return Response(turns, self.name, (None,) * len(turns))

    @cached_property
    def _answers(self) -> "Answers":
        """Read once: a file that changes amid a run does not change what was fingerprinted."""
        return _answers(self.path, *stamp(self.path))


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of a file by item id and by first prompt; `prompts` are those of the rows with an id."""

    digest: str
    by_id: Mapping[str, tuple[str, ...]]
    by_prompt: Mapping[str, tuple[str, ...]]
    prompts: Mapping[str, str]


@lru_cache(maxsize=256)
def _answers(path: str, size: int, modified: int) -> Answers:
    """The content of a file in the state that `stamp` saw, which the cache is keyed by."""
    prompts: dict[str, str] = {}
    by_id: dict[str, tuple[str, ...]] = {}
    by_prompt: dict[str, tuple[str, ...]] = {}
    rows = read_rows(path)
    for where, row in rows:
        turns = _turns(row, where)
        keys = [str(row[name]) for name in ("question_id", "uid", "id") if row.get(name) is not None]
        prompt = next((row[name] for name in ("instruction", "prompt") if isinstance(row.get(name), str)), None)
        if not keys and prompt is None:
            raise DataError(f"{where} names no item", "each row needs an id, question_id, uid, instruction or prompt")
        for index, key in ((by_id, keys[0] if keys else None), (by_prompt, prompt)):
            if key is not None and index.setdefault(key, turns) != turns:
                raise DataError(f"{where} answers '{key[:60]}' a second time, differently", "keep one answer per item")
        if keys and prompt is not None and prompts.setdefault(keys[0], prompt).strip() != prompt.strip():
            raise DataError(f"{where} has another prompt for '{keys[0][:60]}'", "keep one prompt per item")
    if not by_id and not by_prompt:
        raise DataError(f"{path} holds no answer", "check that it is the file you meant")
    parts = [sorted(by_id.items()), sorted(by_prompt.items()), sorted(prompts.items())]
    digest = hashlib.sha256(repr(parts).encode()).hexdigest()
    return Answers(digest, by_id, by_prompt, prompts)


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
