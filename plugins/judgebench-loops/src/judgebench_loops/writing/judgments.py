"""Judgments as training rows: what the judge was sent is the prompt, what it wrote the text to learn, word for word.

Which judgments are right, and which are too long (in characters), is decided by `selection`.
"""

from collections.abc import Mapping
from typing import Any

from judgebench import Message
from judgebench_loops.kept import Dropped
from judgebench_loops.writing.rows import Lineage, PairRow, SftRow

Messages = tuple[Message, ...]


def judgment_row(name: str, prompt: Messages, judgment: str, lineage: Lineage) -> SftRow:
    """A judgment to imitate; `name` is the row's id. Dropped: `empty judgment`.

    Source: Wang et al. (2024), Self-Taught Evaluators, section 3.3: loss on the judgment's tokens alone.
    """
    _check(judgment)
    return SftRow(name, prompt, judgment, lineage)


def judgment_pair(name: str, prompt: Messages, chosen: str, rejected: str, lineage: Lineage) -> PairRow:
    """The better and the worse of two judgments of one response. Dropped: `empty judgment`, `same judgments`.

    Source: Wu et al. (2024), Meta-Rewarding, section 2.2.
    """
    _check(chosen, rejected)
    if chosen == rejected:
        raise Dropped("same judgments")
    return PairRow(name, prompt, chosen, rejected, lineage)


def eft_row(name: str, prompt: Messages, judgment: str, score: float, lineage: Mapping[str, Any]) -> SftRow:
    """A judgment that ranks as people did, for evaluation fine-tuning; its score joins the lineage.

    Dropped: `empty judgment`. Source: Yuan et al. (2024), Self-Rewarding, section 2.1: the target is the reasons and
    the score that the SFT baseline wrote.
    """
    return judgment_row(name, prompt, judgment, {**lineage, "score": score})


def _check(*judgments: str) -> None:
    if not all(judgment.strip() for judgment in judgments):
        raise Dropped("empty judgment")
