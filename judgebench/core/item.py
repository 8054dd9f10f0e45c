"""Items of a benchmark, the responses to them, and verdicts about those."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from judgebench.core.request import Completion, Finish, Message


@dataclass(frozen=True, slots=True)
class Response:
    """What a policy answered: one text and one finish reason (None: not known) per assistant turn.

    `features` are numbers about it that its text does not show, or that stand in for a text that is not there
    (`length`: characters), as where only verdicts were imported.
    """

    turns: tuple[str, ...]
    author: str
    finish: tuple[Finish | None, ...] = ()
    features: Mapping[str, float] = field(default_factory=dict)

    def first_turns(self, number: int) -> "Response":
        """The response as it stands after so many turns; 0: all of them."""
        return replace(self, turns=self.turns[:number], finish=self.finish[:number]) if number else self

    @property
    def length(self) -> float:
        """Characters over all turns; without a text, the feature of this name; NaN where neither is there."""
        return sum(map(len, self.turns)) if self.turns else self.features.get("length", math.nan)


@dataclass(frozen=True, slots=True)
class Preference:
    """Which response is better: `probs` sum to 1, one per response; (0.5, 0.5) is a tie.

    `label` keeps what the judge said where it says more than the probabilities, such as `A>>B`.
    """

    probs: tuple[float, ...]
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """Points, logits or ratings: one number per response, higher is better."""

    values: tuple[float, ...]


Verdict = Preference | Score
Part = tuple[float | None, ...]
"""What one of several votes said: one number a response, None for one that got none; nothing where it was missed."""


@dataclass(frozen=True, slots=True)
class Vote:
    """What one person said of an item's ready responses, in slot order.

    `voter` is a group's name, or begins with it and an underscore: `expert_17` votes among the experts.
    """

    voter: str
    preference: Preference

    @property
    def group(self) -> str:
        """The group that the voter belongs to."""
        return self.voter.partition("_")[0]


@dataclass(frozen=True, slots=True)
class Item:
    """One question of a benchmark.

    `turns` are the user's turns, answered one after the other; `context` is what stands before them
    (a system prompt, earlier turns). `responses` are ready-made and `gold` says which of them is
    better; `ratings` are gold numbers of each of them, higher is better, and `votes` what people said of them.
    `baseline` is what a policy is compared with. `cluster` names what is resampled together
    (the item itself when empty), `stratum` what is resampled within; a cluster lies in one stratum.
    `subsets` are the parts of the benchmark by which measures can be broken down; without any, its stratum is one.
    `features` are numbers about it that measures read, such as its difficulty.
    """

    id: str
    turns: tuple[str, ...]
    context: tuple[Message, ...] = ()
    reference: tuple[str, ...] = ()
    responses: tuple[Response, ...] = ()
    gold: Preference | None = None
    baseline: Response | None = None
    cluster: str = ""
    stratum: str = ""
    features: Mapping[str, float] = field(default_factory=dict)
    ratings: tuple[float, ...] = ()
    votes: tuple[Vote, ...] = ()
    subsets: tuple[str, ...] = ()

    def first_turns(self, number: int) -> "Item":
        """The item as it stands after so many turns of its own; 0: all of them."""
        return replace(self, turns=self.turns[:number], reference=self.reference[:number]) if number else self

    def conversation(self, response: Response | None = None) -> tuple[Message, ...]:
        """Context and user turns, interleaved with the response's turns where one is given."""
        messages = list(self.context)
        for number, turn in enumerate(self.turns):
            messages.append(Message("user", turn))
            if response is not None and number < len(response.turns):
                messages.append(Message("assistant", response.turns[number]))
        return tuple(messages)


@dataclass(frozen=True, slots=True)
class Sample:
    """One raw completion, as it came, and the name of the model that gave it.

    `part` numbers the vote or juror that it belongs to, where a judge is made of several.
    """

    model: str
    completion: Completion
    part: int = 0

    @property
    def text(self) -> str:
        """The completion's text."""
        return self.completion.text


@dataclass(frozen=True, slots=True)
class Trial:
    """An item with responses in the order they are shown, and a repeat number.

    `responses[k]` is the response shown at place k; in slot order it is number `order[k]`. Judges
    answer in shown order and never look at `order`: the engine turns verdicts back.
    """

    item: Item
    responses: tuple[Response, ...]
    order: tuple[int, ...]
    repeat: int = 0


@dataclass(frozen=True, slots=True)
class Miss:
    """Why there is no response or verdict.

    `answer`: the policy gave none; `ask`: the judge's call failed; `read`: the judge's text holds no
    verdict. Answers and asks are tried again by the next run; what was read and paid for is kept.
    """

    stage: Literal["answer", "ask", "read"]
    reason: str


@dataclass(frozen=True, slots=True)
class Judged:
    """One verdict that another tool recorded, with all that it is about; a Miss where it has none.

    `policy` gave `response` and is compared with the item's baseline, or with the response `against` that the policy
    `opponent` gave, or with nothing (`alone`: its scores are its own); without a policy the verdict is about the item's
    ready responses. `verdict` is in shown order, and `order` as a trial's: (0, 1) where it is not known. `turn`: it is
    about the first so many turns, 0: the whole conversation. `parts` are what each of several votes said, as
    `Judge.parts` gives them.
    """

    item: Item
    judge: str
    verdict: Verdict | Miss
    policy: str | None = None
    response: Response | None = None
    order: tuple[int, ...] = (0, 1)
    repeat: int = 0
    samples: tuple[Sample, ...] = ()
    opponent: str | None = None
    against: Response | None = None
    alone: bool = False
    turn: int = 0
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """What a policy answered to an item, with its samples; a Miss where it gave no response."""

    item: Item
    policy: str
    response: Response | Miss
    samples: tuple[Sample, ...] = ()
