"""Which sampled judgments become training rows when the right verdict is known by construction.

Verdicts are the indices of the response that a judgment prefers, any other number for a tie, None where it could not be
read; gold is the index of the response that was built to be better. Source: Wang et al., Self-Taught Evaluators (2024).
"""

from collections.abc import Callable, Hashable, Sequence
from random import Random
from typing import TypeVar

from judgebench_loops.kept import Dropped, Kept
from judgebench_loops.selection.pairs import Choice
from judgebench_loops.selection.thinning import at_most, grouped

T = TypeVar("T")


def one_correct(verdicts: Sequence[int | None], gold: int, rng: Random, *, majority: float | None = None) -> int:
    """The index of one judgment that gives the right verdict, drawn among all that do.

    majority: the share of right ones among all judgments, unread ones included, that must be exceeded (None: one is
    enough, as in the paper). Dropped: "no readable judgment", "no correct judgment", "below the majority". ValueError:
    a majority outside 0 to 1. Source: Wang et al. (2024).
    """
    if majority is not None and not 0 <= majority < 1:
        raise ValueError("majority must be a share from 0 to below 1")
    correct, _ = _sides(verdicts, gold)
    if majority is not None and len(correct) <= majority * len(verdicts):
        raise Dropped("below the majority")
    return rng.choice(correct)


def correct_and_wrong(verdicts: Sequence[int | None], gold: int, rng: Random, pairs: int = 1) -> list[Choice]:
    """Up to `pairs` different pairs of a right judgment (chosen) and one that is wrong, a tie or unread (rejected).

    They are drawn without replacement from all such pairs; where there are fewer, all are taken. Dropped:
    "no readable judgment", "no correct judgment", "no wrong judgment". ValueError: fewer than one pair is asked for.
    Source: the data of the model that the authors released (facebookresearch/RAM), trained by DPO.
    """
    if pairs < 1:
        raise ValueError("pairs must be at least 1")
    correct, wrong = _sides(verdicts, gold)
    if not wrong:
        raise Dropped("no wrong judgment")
    every = range(len(correct) * len(wrong))
    drawn = rng.sample(every, min(pairs, len(every)))
    return [Choice(correct[number // len(wrong)], wrong[number % len(wrong)]) for number in drawn]


def balance(rows: Sequence[T], label: Callable[[T], Hashable], rng: Random) -> Kept[T]:
    """As many rows of each label as the rarest label has, dropped at random from the others; the order stays.

    Dropped are counted as "label balance"; where all rows bear one label nothing can be balanced, and all are dropped
    as "only one label". Source: Wang et al. (2024) (as many verdicts for A as for B).
    """
    groups = grouped(rows, label)
    if len(groups) == 1:
        return Kept((), {"only one label": len(rows)})
    return at_most(rows, label, min(map(len, groups.values()), default=0), rng, "label balance")


def _sides(verdicts: Sequence[int | None], gold: int) -> tuple[list[int], list[int]]:
    """The indices of the right judgments, of which there is one at least, and of all others."""
    if all(verdict is None for verdict in verdicts):
        raise Dropped("no readable judgment")
    correct = [index for index, verdict in enumerate(verdicts) if verdict == gold]
    if not correct:
        raise Dropped("no correct judgment")
    return correct, [index for index, verdict in enumerate(verdicts) if verdict != gold]
