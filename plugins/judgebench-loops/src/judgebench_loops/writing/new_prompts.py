"""New prompts in the manner of given ones: what a model is asked, what it wrote, and which of it is fit for use."""

import random
import re
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec

from judgebench import DataError, option
from judgebench_loops.kept import Dropped, Kept, keep
from judgebench_loops.writing.rouge import Neighbours

Count = Annotated[int, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]

WORDING = """\
Below are tasks that people gave to an assistant.

{shown}

Write {more} more tasks, numbered from {first} to {last} in the same form. Each is about something else than those \
above, asks for another kind of work, and can be done by writing text alone. Write each task on one line, and nothing \
but the tasks."""

_MARK = re.compile(r"^[ \t]*(?:\*\*)?(\d+)[.):](?:\*\*)?[ \t]+", re.MULTILINE)


def few_shot(
    seeds: Sequence[str],
    generated: Sequence[str],
    *,
    shots: int = 8,
    from_generated: int = 2,
    more: int = 8,
    rng: random.Random,
) -> str:
    """The message that shows `shots` tasks and asks for `more` of their kind.

    `from_generated` of the tasks are drawn from those that models wrote before, or as many as there are; the others
    from the seeds; all in random order, each on one line with single blanks. DataError for too few seeds.

    Source: Yuan et al. (2024), Self-Rewarding, section 2.1, after Wang et al. (2023), Self-Instruct: 8 shots, 6 of them
    seeds. The wording is ours, and `more` our choice: the paper does not say how many are asked for at once.
    """
    drawn = min(from_generated, len(generated), shots)
    if len(seeds) < shots - drawn:
        raise DataError(
            f"{shots - drawn} seed prompts are to be shown, and there are {len(seeds)}", "give more, or fewer shots"
        )
    shown = [*rng.sample(list(seeds), shots - drawn), *rng.sample(list(generated), drawn)]
    rng.shuffle(shown)
    return WORDING.format(shown=numbered(shown), more=more, first=shots + 1, last=shots + more)


def numbered(tasks: Iterable[str]) -> str:
    """Tasks from number 1 on, each on one line: what `parse` reads."""
    return "\n".join(f"{number}. {' '.join(task.split())}" for number, task in enumerate(tasks, start=1))


def parse(text: str, finish: str | None) -> list[str]:
    """The numbered tasks of a completion, in order; with `finish` `length` the last one was cut and is left out.

    A task begins at a line such as `9. ` or `**9)** `. The first number may be any; from there on only the next number
    begins another task, so that a numbered list within a task stays in it. What stands before the first is left out.
    """
    starts: list[re.Match[str]] = []
    for mark in _MARK.finditer(text):
        if not starts or int(mark[1]) == int(starts[-1][1]) + 1:
            starts.append(mark)
    ends = [*(mark.start() for mark in starts), len(text)][1:]
    found = [text[mark.end() : end].strip() for mark, end in zip(starts, ends, strict=True)]
    return [task for task in (found[:-1] if finish == "length" else found) if task]


@dataclass(frozen=True)
class Filter:
    """Which of the new prompts are used: Self-Instruct's rules (Wang et al. 2023, section 2.2, and its code).

    A prompt is dropped that has too few or too many words, holds a word for what a model of texts cannot show or do,
    begins with punctuation or outside of ASCII, equals an earlier prompt, or is near to one by ROUGE-L. Words are what
    stands between blanks; for ROUGE-L they are runs of a-z and 0-9, so that texts in other scripts are near to none.
    Its code also drops prompts that begin with `Write a program`; that rule is left out.
    """

    rouge_l: Share = option(0.7, help="drop a prompt whose ROUGE-L F1 with an earlier one is above this")
    least_words: Count = option(4, help="fewest words of a prompt")
    most_words: Count = option(150, help="most words of a prompt")
    blocked: tuple[str, ...] = option(
        (
            *("image", "images", "picture", "pictures", "photo", "photos", "graph", "graphs", "diagram", "diagrams"),
            *("flowchart", "flowcharts", "map", "maps", "draw", "plot", "file", "files", "video", "videos"),
            *("audio", "music"),
        ),
        help="drop a prompt that holds one of these words, in any case",
    )
    punctuation_start: bool = option(False, help="keep prompts that begin with punctuation")
    non_ascii_start: bool = option(False, help="keep prompts that begin with a sign outside of ASCII")

    def filtered(self, texts: Iterable[str], earlier: Iterable[str]) -> Kept[str]:
        """The prompts that are kept, in order: each is held against `earlier` and against those kept before it."""
        texts, earlier = tuple(texts), tuple(earlier)
        near = Neighbours(self.rouge_l, (*earlier, *texts))
        known = set(earlier)
        for text in earlier:
            near.add(text)

        def fresh(text: str) -> str:
            self._check(text)
            if text in known or near.has_near(text):
                raise Dropped("similar to another prompt")
            known.add(text)
            near.add(text)
            return text

        return keep(texts, fresh)

    def _check(self, text: str) -> None:
        """Dropped for what the prompt alone shows."""
        words = len(text.split())
        if words < self.least_words:
            raise Dropped("too short")
        if words > self.most_words:
            raise Dropped("too long")
        if self.blocked and re.search(rf"(?<!\w)(?:{'|'.join(map(re.escape, self.blocked))})(?!\w)", text, re.I):
            raise Dropped("holds a blocked word")
        first = text.lstrip()[:1]
        if not self.punctuation_start and first and first in string.punctuation:
            raise Dropped("begins with punctuation")
        if not self.non_ascii_start and not first.isascii():
            raise Dropped("begins outside of ASCII")
