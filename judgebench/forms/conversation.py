"""Conversations in the forms in which data sets hold them: texts with turn marks, lists of turns, lists of messages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from judgebench.core.errors import DataError
from judgebench.core.request import Message, Role

_MARK = re.compile(r"(?:\A|\n)<extra_id_1>(User|Assistant)\n")
_FORMS = "a text, a list with one text per turn, or a list of messages {role, content}"
Named = tuple[str, Any]
"""A column's name and a row's value in it."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was asked, and several responses to it, in order.

    `context` stands before the user's `turns` and is the same for all; each response has one text per turn.
    """

    context: tuple[Message, ...]
    turns: tuple[str, ...]
    responses: tuple[tuple[str, ...], ...]


def exchange(prompt: Named, responses: Sequence[Named], where: str) -> Exchange:
    """A row's prompt and responses, in whichever form they have.

    The prompt is a text (with turn marks, `<extra_id_1>User` or `<extra_id_1>Assistant` alone on a line, the earlier
    turns are context), a list with one text per user turn, or messages. A response is a text, a list with one text per
    turn, or messages: the assistant's alone, or the whole conversation, whose beginning all responses share. Without a
    prompt (None), texts are whole conversations too, by their marks. DataError that names row and column, for a
    response without one text for each of the user's turns too.
    """
    found = [_response(value, prompt[1] is None, where, name) for name, value in responses]
    texts = [one for one in found if not isinstance(one[0], Message)]
    whole = [one for one in found if isinstance(one[0], Message)]
    if not whole:
        if prompt[1] is None:
            raise DataError(f"{where} has no text in '{prompt[0]}'", "only whole conversations go without a prompt")
        context, turns = _question(prompt[1], where, prompt[0])
        for (name, _), answers in zip(responses, texts, strict=True):
            if len(answers) != len(turns):
                counts = f"'{name}' has {len(answers)} turns, and the prompt {len(turns)}"
                raise DataError(f"{where}: {counts}", "give one per turn")
        return Exchange(context, turns, tuple(texts))
    alone = [one[0].role == "assistant" for one in whole]
    if texts or len(set(alone)) > 1:
        names = ", ".join(f"'{name}'" for name, _ in responses)
        raise DataError(f"{where}: {names} are of different forms", "give all responses of a row in one form")
    if alone[0]:
        begun = _messages(prompt, where)
        whole = [(*begun, *response) for response in whole]
    elif prompt[1] is not None:
        _agree(prompt, whole[0], where)
    return _divided(whole, [name for name, _ in responses], where)


def holds_prompt(value: Any) -> bool:
    """Whether a response is a whole conversation, which needs no prompt beside it."""
    match value:
        case str(text):
            return _MARK.search(text) is not None
        case [{"role": str(role)}, *_]:
            return role != "assistant"
    return False


def marked(text: str) -> tuple[Message, ...]:
    """The turns of a text with turn marks; what stands before the first mark is the user's."""
    before, *rest = _MARK.split(text)
    first = () if rest and not before else (Message("user", before),)
    marks = zip(rest[::2], rest[1::2], strict=True)
    return (*first, *(Message("user" if mark == "User" else "assistant", turn) for mark, turn in marks))


def _response(value: Any, whole: bool, where: str, column: str) -> tuple[str, ...] | tuple[Message, ...]:
    """The turns of a response, or messages. A text is a `whole` conversation only where there is no prompt."""
    match value:
        case str(text) if whole and _MARK.search(text):
            return marked(text)
        case str(text):
            return (text,)
        case [str(), *_] as turns if all(isinstance(turn, str) for turn in turns):
            return tuple(turns)
        case [{"role": _}, *_] as messages:
            return _read(messages, where, column)
    raise DataError(f"{where} has no text in '{column}'", f"a response is {_FORMS}")


def _question(value: Any, where: str, column: str) -> tuple[tuple[Message, ...], tuple[str, ...]]:
    """What stands before the user's turns, and those."""
    match value:
        case str(text):
            messages = marked(text)
        case [str(), *_] as turns if all(isinstance(turn, str) for turn in turns):
            return (), tuple(turns)
        case [{"role": _}, *_]:
            messages = _read(value, where, column)
        case _:
            raise DataError(f"{where} has no text in '{column}'", f"a prompt is {_FORMS}")
    if messages[-1].role != "user":
        raise DataError(f"{where}: '{column}' ends with a turn that is not the user's", "the user's turn is answered")
    return messages[:-1], (messages[-1].content,)


def _messages(prompt: Named, where: str) -> tuple[Message, ...]:
    """The prompt as messages, before responses that are messages."""
    column, value = prompt
    if value is None:
        raise DataError(f"{where} has no text in '{column}'", "the messages begin with the assistant's: add the prompt")
    context, turns = _question(value, where, column)
    if len(turns) > 1:
        raise DataError(f"{where}: '{column}' lists turns, and the responses messages", "give both as messages")
    return (*context, Message("user", turns[0]))


def _agree(prompt: Named, conversation: Sequence[Message], where: str) -> None:
    """DataError where the prompt's user turns are not among those of the conversation."""
    column, value = prompt
    context, turns = _question(value, where, column)
    asked = [*(message.content for message in context if message.role == "user"), *turns]
    there = {message.content.strip() for message in conversation if message.role == "user"}
    if any(turn.strip() not in there for turn in asked):
        raise DataError(f"{where}: '{column}' is not what the conversations ask", "leave out one of the two")


def _read(values: Sequence[Any], where: str, column: str) -> tuple[Message, ...]:
    """The messages of a list; one of the user's that has turn marks is several."""
    found: list[Message] = []
    for number, value in enumerate(values, start=1):
        match value:
            case {"role": "user", "content": str(content)}:
                found += marked(content)
            case {"role": "system" | "assistant" as role, "content": str(content)}:
                found.append(Message(cast(Role, role), content))
            case _:
                raise DataError(
                    f"{where}: message {number} of '{column}' cannot be read",
                    "each has a role (system, user or assistant) and a content that is a text",
                )
    return tuple(found)


def _divided(whole: Sequence[tuple[Message, ...]], names: Sequence[str], where: str) -> Exchange:
    """Whole conversations as their common beginning and what each assistant said from where they part.

    Where they do not part at all, the last message is each one's response.
    """
    shortest = min(map(len, whole))
    parts = (k for k in range(shortest) if any(one[k] != whole[0][k] for one in whole))
    start = next(parts, shortest - 1)
    users = {tuple(message for message in one[start:] if message.role != "assistant") for one in whole}
    roles = {tuple(message.role for message in one[start - 1 :]) for one in whole} if start else set()
    if len(users) > 1 or len(roles) != 1 or _alternating(len(whole[0]) - start + 1) not in roles:
        listed = " and ".join(f"'{name}'" for name in names)
        raise DataError(
            f"{where}: {listed} differ in more than the assistant's turns, or do not end with one",
            "they share what comes first; then an assistant's turn, and after each of the user's another",
        )
    turns = tuple(message.content for message in whole[0][start - 1 :: 2])
    answers = tuple(tuple(message.content for message in one[start::2]) for one in whole)
    return Exchange(whole[0][: start - 1], turns, answers)


def _alternating(length: int) -> tuple[Role, ...]:
    """User and assistant in turn, ending with the assistant; an odd length has no such form."""
    return ("user", "assistant") * (length // 2) if length % 2 == 0 else ()
