"""Categories of instructions: what a model is asked, and what it said; for keeping those of the wanted kinds.

Self-Taught Evaluators keeps the instructions that are about reasoning (Wang et al. 2024, section 4.1). Its list of
categories is not used here: the list is ours, and so is the wording.
"""

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType

from judgebench import ConfigError
from judgebench_loops.kept import Dropped

CATEGORIES: Mapping[str, str] = MappingProxyType(
    {
        "reasoning": "a puzzle, a decision, an argument, or a why that must be thought through in several steps",
        "math": "to compute, solve or prove",
        "coding": "to write, explain, change or correct a program",
        "facts": "to tell or explain what is known",
        "advice": "what to do or choose, in one's own case",
        "ideas": "many suggestions, names or plans",
        "writing": "a story, poem, letter, speech or other text of one's own making",
        "editing": "to correct, shorten, translate or reword a given text",
        "reading": "to answer from a given text, sum it up, sort it or draw something from it",
        "acting": "to speak as a character, or to play a game",
        "other": "none of these",
    }
)
"""Each with what belongs to it."""

WORDING = """\
Sort an instruction into one of these categories:
{categories}

# Instruction
{instruction}

# Category
Answer with the name of the one category that fits best, and nothing else."""


def ask_category(instruction: str, categories: Mapping[str, str] = CATEGORIES) -> str:
    """The message that asks for the category of an instruction."""
    listed = "\n".join(f"- {name}: {meaning}" for name, meaning in categories.items())
    return WORDING.format(categories=listed, instruction=instruction)


def category_in(text: str, categories: Collection[str] = CATEGORIES) -> str:
    """The one category that a completion names, in any case. Dropped: `no category`, `two categories`."""
    found = {name for name in categories if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE)}
    if len(found) != 1:
        raise Dropped("two categories" if found else "no category")
    return found.pop()


def wanted_category(text: str, wanted: Collection[str], categories: Collection[str] = CATEGORIES) -> str:
    """The category, where it is one of the wanted. Dropped as by `category_in`, and `another category`.

    ConfigError for a wanted category that is none.
    """
    if unknown := sorted(set(wanted) - set(categories)):
        raise ConfigError(f"there is no category '{unknown[0]}'", f"known: {', '.join(categories)}")
    found = category_in(text, categories)
    if found not in wanted:
        raise Dropped("another category")
    return found
