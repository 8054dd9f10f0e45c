"""Trials as text: what prompt templates show, and what of a model's text is its answer."""

import re
from typing import Any

from judgebench.core.item import Trial


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


def without_reasoning(text: str, tags: tuple[str, ...]) -> str:
    """The text without leading <tag>...</tag> blocks; a block that never ends leaves nothing.

    Some models open the block in their template, so that the text begins inside it: what stands
    before a first closing tag without an opening one is reasoning too.
    """
    for tag in tags:
        text = re.sub(rf"^\s*(<{tag}>)?((?!<{tag}>).)*?</{tag}>", "", text, count=1, flags=re.DOTALL)
        text = re.sub(rf"^\s*<{tag}>.*\Z", "", text, flags=re.DOTALL)
    return text.strip()
