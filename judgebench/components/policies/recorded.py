"""recorded: a file of answers that were given before."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from judgebench.core.item import Item, Response
from judgebench.forms.answers import Answers, read_answers
from judgebench.plugin.kinds import Ask, Policy
from judgebench.plugin.options import option


@dataclass(frozen=True)
class Recorded(Policy):
    """Answers from a file, found by the item's id or, where the file has none, by its prompt.

    A row that has both answers only items whose first turn is that prompt. What the file counts of an answer's style
    (Arena-Hard's do) goes with it.

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
        found = self._answers.of(item.id, item.turns[0])
        if found is None:
            raise LookupError(f"no answer in {Path(self.path).name}")
        if len(found.turns) != len(item.turns):
            raise LookupError(f"{len(found.turns)} turns are recorded, {len(item.turns)} were asked")
        return Response(found.turns, self.name, (None,) * len(found.turns), found.features)

    @cached_property
    def _answers(self) -> Answers:
        """Read once: a file that changes amid a run does not change what was fingerprinted."""
        return read_answers(self.path)


COMPONENT = Recorded
