"""Trials as text: what prompt templates show, and what of a model's text is its answer."""

import math
import re
from typing import Any

from judgebench.core.errors import ConfigError, DataError, VerdictError
from judgebench.core.item import Item, Response, Sample, Trial
from judgebench.core.request import Message
from judgebench.plugin.template import Template

_BLANKS = re.compile(r"\s*")


def fields(trial: Trial) -> dict[str, Any]:
    """What a judge's template may show of a trial: `question`, `answers` and `reference`.

    `answers[k]` is the response shown at place k. With one user turn they are the bare texts; with
    more, `question` holds the user's turns and each answer is the whole dialogue.
    """
    item = trial.item
    before = [f"{message.role.capitalize()}: {message.content}" for message in item.context]
    if len(item.turns) == 1 and not before:
        question = item.turns[0]
        answers = [response.turns[0] for response in trial.responses]
    else:
        question = "\n\n".join([*before, *(f"User: {turn}" for turn in item.turns)])
        answers = [
            "\n\n".join(
                f"{message.role.capitalize()}: {message.content}"
                for message in item.conversation(response)[len(item.context) :]
            )
            for response in trial.responses
        ]
    return {"question": question, "answers": answers, "reference": "\n\n".join(item.reference)}


def judge_template(path: str | None, wording: str, answers: int = 2, **more: Any) -> Template:
    """The template in a judge's file, or its own wording, tried on an example of two turns with a reference.

    `answers` is how many it is shown at once, `more` are fields of the judge's own.

    ConfigError that names the file when it cannot be read, is no template or shows a field that
    `fields` does not give: before anything is spent, where `fingerprint` asks for it.
    """
    template = Template.load(path, wording)
    example = Item("example", ("First question", "Second question"), reference=("First reference", "Second reference"))
    responses = tuple(Response((f"First answer {k}", f"Second answer {k}"), str(k)) for k in range(answers))
    try:
        template.render(**fields(Trial(example, responses, tuple(range(answers)))), **more)
    except DataError as error:
        raise ConfigError(f"{path or 'wording'}: {error.message}", error.hint) from None
    return template


def judge_messages(template: Template, trial: Trial, system: str | None, **more: Any) -> tuple[Message, ...]:
    """What a judge is sent: the template with the trial's fields and `more`, after a system prompt if there is one."""
    shown = Message("user", template.render(**fields(trial), **more))
    return (Message("system", system), shown) if system else (shown,)


def last_turn(item: Item, response: Response, system: str | None = None) -> tuple[tuple[Message, ...], str]:
    """A response's last turn, and what stands before it: a system prompt, the item's context, the turns so far.

    VerdictError where the response has no text.
    """
    if not response.turns:
        raise VerdictError("the response has no text")
    said = item.conversation(response)[: len(item.context) + 2 * len(response.turns) - 1]
    before = (Message("system", system),) if system else ()
    return (*before, *said), response.turns[-1]


def points(sample: Sample) -> float:
    """The number in a sample; VerdictError where it holds none that counts."""
    score = sample.completion.score
    if score is None or not math.isfinite(score):
        raise VerdictError(f"the model gave {'no number' if score is None else score}")
    return score


def without_reasoning(text: str, tags: tuple[str, ...]) -> str:
    """The text without leading <tag>...</tag> blocks; a block that never ends leaves nothing.

    Blocks may nest. Where a block is closed less often than opened (a tag mentioned in passing), it
    ends at its last closing tag. Some models open the block in their template, so that the text
    begins inside it: what stands before a first closing tag without an opening one is reasoning too.
    Takes time linear in the text's length.
    """
    blocks = {f"<{tag}>": re.compile(f"</?{re.escape(tag)}>") for tag in tags}
    place = _after_blanks(text, 0)
    if not text.startswith(tuple(blocks), place):
        for mark in blocks.values():
            if (first := mark.search(text, place)) and first.group().startswith("</"):
                place = _after_blanks(text, first.end())
                break
    while opening := next((opening for opening in blocks if text.startswith(opening, place)), None):
        place = _after_blanks(text, _end(text, place, blocks[opening]))
    return text[place:].rstrip()


def _end(text: str, start: int, mark: re.Pattern[str]) -> int:
    """Where the block that opens at `start` ends."""
    depth, last = 0, len(text)
    for found in mark.finditer(text, start):
        closing = found.group().startswith("</")
        depth += -1 if closing else 1
        if closing:
            last = found.end()
        if depth == 0:
            break
    return last


def _after_blanks(text: str, place: int) -> int:
    found = _BLANKS.match(text, place)
    return found.end() if found else place
