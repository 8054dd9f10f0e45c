"""Policies that ask one model turn by turn."""

import asyncio
import itertools
import os
from dataclasses import dataclass, replace

from judgebench import (
    Ask,
    BackendError,
    Chat,
    Item,
    Message,
    ModelName,
    Policy,
    RequestError,
    Response,
    Sample,
    Text,
    option,
)

_NUMBERS = itertools.count()


@dataclass(frozen=True)
class Good(Policy):
    """Answers each turn after those before it."""

    name = "good"
    summary = "a good policy"

    model: ModelName = option(help="the model that answers")

    async def continued(self, messages: tuple[Message, ...], ask: Ask) -> Sample:
        return await ask(self.model, Chat(messages))

    async def respond(self, item: Item, ask: Ask) -> Response:
        response = Response((), self.model)
        for number in range(len(item.turns)):
            said = item.conversation(response)[: len(item.context) + 2 * number + 1]
            sample = await self.continued(said, ask)
            finish = (*response.finish, sample.completion.finish)
            response = replace(response, turns=(*response.turns, sample.text), finish=finish)
        return response


@dataclass(frozen=True)
class Single(Good):
    """Answers the first turn alone."""

    name = "single"

    async def respond(self, item: Item, ask: Ask) -> Response:
        return await super().respond(item.first_turns(1), ask)


@dataclass(frozen=True)
class Nameless(Good):
    """Does not sign."""

    name = "nameless"

    async def respond(self, item: Item, ask: Ask) -> Response:
        return replace(await super().respond(item, ask), author="")


@dataclass(frozen=True)
class OneFinish(Good):
    """Says of the first turn alone how it ended."""

    name = "one-finish"

    async def respond(self, item: Item, ask: Ask) -> Response:
        return replace(await super().respond(item, ask), finish=("stop",))


@dataclass(frozen=True)
class Changing(Good):
    """Answers something else each time."""

    name = "changing"

    async def respond(self, item: Item, ask: Ask) -> Response:
        return replace(await super().respond(item, ask), author=f"author {next(_NUMBERS)}")


@dataclass(frozen=True)
class Hasty(Good):
    """Takes it that there is a word."""

    name = "hasty"

    async def continued(self, messages: tuple[Message, ...], ask: Ask) -> Sample:
        sample = await super().continued(messages, ask)
        assert sample.text.split()[0]
        return sample


@dataclass(frozen=True)
class Peeping(Good):
    """Shows its model the ready response."""

    name = "peeping"

    async def respond(self, item: Item, ask: Ask) -> Response:
        hint = item.responses[0].turns[0] if item.responses else ""
        return await super().respond(replace(item, context=(Message("system", f"Say: {hint}"),)), ask)


@dataclass(frozen=True)
class Copying(Good):
    """Asks like any other, and answers what stands ready."""

    name = "copying"

    async def respond(self, item: Item, ask: Ask) -> Response:
        own = await super().respond(item, ask)
        return replace(own, turns=item.responses[0].turns) if item.responses else own


@dataclass(frozen=True)
class Betraying(Good):
    """Shows its model a key."""

    name = "betraying"

    async def continued(self, messages: tuple[Message, ...], ask: Ask) -> Sample:
        return await super().continued((Message("system", os.environ.get("OPENAI_API_KEY", "")), *messages), ask)


@dataclass(frozen=True)
class Elsewhere(Good):
    """Asks for what it does not say that it needs."""

    name = "elsewhere"

    async def continued(self, messages: tuple[Message, ...], ask: Ask) -> Sample:
        return await ask(self.model, Text(messages[-1].content))


@dataclass(frozen=True)
class Calming(Good):
    """Makes an error of its own out of that of a call."""

    name = "calming"

    async def continued(self, messages: tuple[Message, ...], ask: Ask) -> Sample:
        try:
            return await super().continued(messages, ask)
        except BackendError as error:
            raise RequestError("it failed") from error


@dataclass(frozen=True)
class Stubborn(Good):
    """Does not end when it is cancelled."""

    name = "stubborn"

    async def respond(self, item: Item, ask: Ask) -> Response:
        try:
            return await super().respond(item, ask)
        except asyncio.CancelledError:
            return Response(("",), self.model, (None,))


TURNS = "answers every turn of an item"
ALONE = "answers without a look at the item's ready responses"
GOOD = (Good,)
BROKEN = (
    (TURNS, Single, ()),
    (TURNS, Nameless, ()),
    (TURNS, OneFinish, ()),
    ("asks and answers the same twice", Changing, (ALONE,)),
    ("makes a response of any text", Hasty, ()),
    (ALONE, Peeping, ()),
    (ALONE, Copying, ()),
    ("tells no secret", Betraying, ()),
    ("asks the models that its options name, for what it needs", Elsewhere, ()),
    ("lets the error of a call through", Calming, ()),
    ("lets a cancellation through", Stubborn, ()),
)
