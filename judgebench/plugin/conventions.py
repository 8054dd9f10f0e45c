"""Conventions: how a tie and a missing verdict of a judge count, as the field's papers and scorers have it."""

import math
from dataclasses import dataclass
from typing import Literal

Credit = Literal["half", "wrong", "skip"]
"""What a tie or a missing verdict is worth: half a right one, nothing, or it is left out."""
ConventionName = Literal[
    "standard", "rewardbench", "rewardbench-classifier", "llmbar", "self-rewarding", "meta-rewarding"
]


@dataclass(frozen=True, slots=True)
class Convention:
    """How a judge's ties and its missing verdicts count against a gold label that is no tie."""

    ties: Credit
    misses: Credit


CONVENTIONS: dict[ConventionName, Convention] = {
    "standard": Convention("half", "skip"),
    # Lambert et al. (2024): generative judges, and Wang et al. (2024), Self-Taught Evaluators
    "rewardbench": Convention("half", "half"),
    # the same: reward models must score the chosen response higher
    "rewardbench-classifier": Convention("wrong", "wrong"),
    # Zeng et al. (2024): the judge must name the better output
    "llmbar": Convention("wrong", "wrong"),
    # Yuan et al. (2024) do not say; their figures for a judge of many ties fit this
    "self-rewarding": Convention("wrong", "skip"),
    # Wu et al. (2024): agreement = (agree + ties / 2) / all
    "meta-rewarding": Convention("half", "skip"),
}
"""Presets; an option of a measure that is given goes before its preset."""


def resolved(name: ConventionName, ties: Credit | None, misses: Credit | None) -> Convention:
    """A preset, with what is given in its place."""
    preset = CONVENTIONS[name]
    return Convention(ties or preset.ties, misses or preset.misses)


WORTH: dict[Credit, float] = {"half": 0.5, "wrong": 0.0, "skip": math.nan}
"""What a tie or a missing verdict adds to the right ones; NaN: it is left out."""
_SAID = {"half": "count one half", "wrong": "count as wrong", "skip": "are left out"}


def in_words(convention: Convention) -> str:
    """What a board says of it."""
    return f"ties {_SAID[convention.ties]}, missing verdicts {_SAID[convention.misses]}"
