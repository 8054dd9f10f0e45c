"""Where the reward of RL comes from."""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from judgebench import ConfigError

Entry = str | dict[str, Any]
"""A judge or a model as a run file has it: a spec text, or a mapping."""


class Scorer(Protocol):
    """Gives each of a batch's responses its reward; None: there is none, and the response teaches nothing."""

    def __call__(
        self, prompts: Sequence[Sequence[Mapping[str, str]]], completions: Sequence[str]
    ) -> Sequence[float | None]:
        """One number a response: `prompts[k]` are the messages that `completions[k]` answers."""
        ...


@dataclass(frozen=True)
class Reward:
    """Exactly one of: a reward model's folder, a judge that scores one response by itself, a function.

    `model`: as the training `reward` leaves it; an adapter has to be merged first. `judge`: an entry of a run file,
    whose models may be named in `models`; those of the backends `hf` and `hf-reward` that are named there stay loaded
    from batch to batch, others are opened for each. `function`: `PACKAGE.MODULE:NAME` of a `Scorer`.
    """

    model: str | None = None
    judge: Entry | None = None
    models: dict[str, Entry] = field(default_factory=dict)
    function: str | None = None

    def __post_init__(self) -> None:
        """ConfigError for none of the three, or several."""
        given = [name for name in ("model", "judge", "function") if getattr(self, name) is not None]
        if len(given) != 1:
            told = " and ".join(given) or "nothing"
            raise ConfigError(f"the reward is said by {told}", "give one of model, judge and function")


def imported(path: str) -> Scorer:
    """The function at `PACKAGE.MODULE:NAME`. ConfigError where there is none."""
    module, _, name = path.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(f"reward function '{path}': {error}", "write it as PACKAGE.MODULE:NAME") from None
    if not callable(found):
        raise ConfigError(f"reward function '{path}' is {type(found).__name__}", "it is called with a batch")
    return found  # type: ignore[no-any-return]
