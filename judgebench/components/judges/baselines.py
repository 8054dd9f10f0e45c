"""longer, random, first, constant: judges that ask no model, to compare the others with."""

import hashlib
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from judgebench.core.errors import VerdictError
from judgebench.core.item import Preference, Sample, Score, Trial, Verdict
from judgebench.plugin.kinds import Ask, Judge
from judgebench.plugin.options import option


@dataclass(frozen=True)
class _Unasked(Judge):
    """A judge without a model: its verdict is a function of the trial."""

    responses = (2, sys.maxsize)

    def needs(self) -> tuple[type, ...]:
        """Nothing."""
        return ()

    async def sample(self, trial: Trial, ask: Ask) -> Sequence[Sample]:
        """Nobody is asked."""
        return ()


@dataclass(frozen=True)
class Longer(_Unasked):
    """Prefers the longest response, in characters (Unicode code points) over all turns; equally long ones are a tie.

    Where a response's length is not known there is no verdict. What a model's judge adds to this one is what it knows
    beyond length.
    """

    name = "longer"
    summary = "baseline without a model: the longer response is better"

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Preference:
        """All to the longest, in equal shares where there are several."""
        lengths = [response.length for response in trial.responses]
        if any(map(math.isnan, lengths)):
            raise VerdictError("the length of a response is not known")
        longest = [length == max(lengths) for length in lengths]
        return Preference(tuple(one / sum(longest) for one in longest))


@dataclass(frozen=True)
class Random(_Unasked):
    """A fair coin, or a fair die where there are more than two responses: accuracy 1/n, and no skill.

    It is thrown by a digest of `seed`, the item's id, the repeat and the shown texts in sorted order. So it is the same
    in every run, another in every repeat, and does not know the order in which the texts are shown: both orders give
    the same winner. Equal texts share their chance: nothing tells them apart but their places.
    """

    name = "random"
    summary = "baseline without a model: a seeded coin"

    seed: int = option(0, help="another seed throws other coins")

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Preference:
        """All to one text, in equal shares where several responses have it."""
        texts = [response.turns for response in trial.responses]
        thrown = json.dumps([self.seed, trial.item.id, trial.repeat, sorted(texts)])
        number = int.from_bytes(hashlib.blake2b(thrown.encode(), digest_size=16).digest(), "big")
        winner = sorted(texts)[number % len(texts)]
        return Preference(tuple((text == winner) / texts.count(winner) for text in texts))


@dataclass(frozen=True)
class First(_Unasked):
    """Prefers what is shown first, whatever it is: with both orders its position consistency is 0, its accuracy 1/2."""

    name = "first"
    summary = "baseline without a model: the response shown first is better"

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Preference:
        """All to place 0."""
        return Preference((1.0, *(0.0 for _ in trial.responses[1:])))


@dataclass(frozen=True)
class Constant(_Unasked):
    """Gives every response the same score, so that all comparisons are ties; it also judges one response alone."""

    name = "constant"
    summary = "baseline without a model: the same score for every response"
    responses = (1, sys.maxsize)

    value: float = option(0.0, help="the score")

    def read(self, trial: Trial, samples: Sequence[Sample]) -> Verdict:
        """The value for each."""
        return Score((self.value,) * len(trial.responses))


COMPONENTS = (Longer, Random, First, Constant)
