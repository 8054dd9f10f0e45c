"""Judges that ask one model about a pair."""

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from judgebench import (
    Ask,
    BackendError,
    Chat,
    Judge,
    Message,
    ModelName,
    NextToken,
    Preference,
    RequestError,
    Sample,
    Sampling,
    Trial,
    Verdict,
    VerdictError,
    option,
)

_NUMBERS = itertools.count()
_LAST: list[Sample] = []


@dataclass(frozen=True)
class Good(Judge):
    """Asks which is better and reads the last letter in brackets."""

    name = "good"
    summary = "a good judge"
    responses = (2, 3)

    model: ModelName = option(help="the model that judges")

    def request(self, trial: Trial) -> Chat:
        shown = [trial.item.turns[0], *("\n".join(response.turns) for response in trial.responses)]
        return Chat((Message("user", "\n\n".join(shown)),), Sampling(max_tokens=64))

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        return (await ask(self.model, self.request(trial)),)

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Verdict:
        text = samples[0].text
        found = [place for place in range(len(trial.responses)) if f"[[{'ABC'[place]}]]" in text]
        if len(found) != 1:
            raise VerdictError("not one letter")
        return Preference(tuple(float(place == found[0]) for place in range(len(trial.responses))))


@dataclass(frozen=True)
class Unsure(Good):
    """Its probabilities do not sum to 1."""

    name = "unsure"

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Verdict:
        found = super().read(trial, samples)
        assert isinstance(found, Preference)
        return Preference(tuple(0.9999999 * p for p in found.probs))


@dataclass(frozen=True)
class Counting(Good):
    """Asks something else each time."""

    name = "counting"

    def request(self, trial: Trial) -> Chat:
        return replace(super().request(trial), sampling=Sampling(seed=next(_NUMBERS)))


@dataclass(frozen=True)
class Remembering(Good):
    """Reads what it was told last."""

    name = "remembering"

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        _LAST[:] = await super().sample(trial, ask)
        return tuple(_LAST)

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Verdict:
        return super().read(trial, _LAST)


@dataclass(frozen=True)
class Knowing(Good):
    """Knows whose response it is."""

    name = "knowing"

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Verdict:
        if any(response.author.startswith("renamed") for response in trial.responses):
            return Preference((1.0, *(0.0 for _ in trial.responses[1:])))
        return super().read(trial, samples)


@dataclass(frozen=True)
class Ordering(Good):
    """Turns its verdict back by itself."""

    name = "ordering"

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Verdict:
        found = super().read(trial, samples)
        assert isinstance(found, Preference)
        return Preference(tuple(found.probs[slot] for slot in trial.order))


@dataclass(frozen=True)
class Hasty(Good):
    """Takes it that there is a bracket."""

    name = "hasty"

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Verdict:
        samples[0].text.encode("cp1252", "replace").decode("cp1252")[:20].index("")
        if "日本語" in samples[0].text or samples[0].completion.finish is None:
            raise KeyError("finish")
        return super().read(trial, samples)


@dataclass(frozen=True)
class Elsewhere(Good):
    """Asks a model that nobody named."""

    name = "elsewhere"

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        return (await ask("gpt-4", self.request(trial)),)


@dataclass(frozen=True)
class Needy(Good):
    """Asks for what it does not say that it needs."""

    name = "needy"

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        await ask(self.model, NextToken(self.request(trial).messages, ("A", "B")))
        return await super().sample(trial, ask)


@dataclass(frozen=True)
class Boasting(Good):
    """Cannot judge as many as it says."""

    name = "boasting"
    responses = (2, 4)


@dataclass(frozen=True)
class Calming(Good):
    """Makes an error of its own out of those of a call."""

    name = "calming"

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        try:
            return await super().sample(trial, ask)
        except BackendError as error:
            raise RequestError(f"the model failed: {error}") from None


@dataclass(frozen=True)
class Swallowing(Good):
    """Takes an error for an empty answer."""

    name = "swallowing"

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        try:
            return await super().sample(trial, ask)
        except BackendError:
            return ()


@dataclass(frozen=True)
class Stubborn(Good):
    """Does not end when it is cancelled."""

    name = "stubborn"

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        try:
            return await super().sample(trial, ask)
        except asyncio.CancelledError:
            return ()


@dataclass(frozen=True)
class Forgetful(Good):
    """Leaves a task behind when it is cancelled."""

    name = "forgetful"

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        return await asyncio.shield(asyncio.ensure_future(super().sample(trial, ask)))


@dataclass(frozen=True)
class Partial(Good):
    """Its parts say less than one number a response."""

    name = "partial"

    def parts(self, trial: Trial, samples: Sequence[Sample]) -> Any:
        return ((1.0,),)


NUMBERS = "gives one number to each response, and probabilities sum to 1"
ANY_TEXT = "makes a verdict or a VerdictError of any text"
ANY_NUMBER = "judges any number of responses that it says it takes"
ASKED = "asks the models that its options name, for what it needs"
ERRORS = "lets the error of a call through"
CANCELLED = "lets a cancellation through"
PARTS = "gives parts of one number a response"
GOOD = (Good,)
BROKEN = (
    (NUMBERS, Unsure, (ANY_TEXT, ANY_NUMBER)),
    (
        "asks and says the same twice",
        Counting,
        ("looks at neither a trial's order, nor authors' names, nor what is right",),
    ),
    ("reads nothing but its samples", Remembering, ()),
    ("looks at neither a trial's order, nor authors' names, nor what is right", Knowing, ()),
    ("looks at neither a trial's order, nor authors' names, nor what is right", Ordering, ()),
    (ANY_TEXT, Hasty, ()),
    (ASKED, Elsewhere, ()),
    (ASKED, Needy, ()),
    (ANY_NUMBER, Boasting, ()),
    (ERRORS, Calming, ()),
    (ERRORS, Swallowing, ()),
    (CANCELLED, Stubborn, ()),
    (CANCELLED, Forgetful, ()),
    (PARTS, Partial, (ANY_TEXT,)),
)
