"""mt-bench: 80 questions of two turns, each answer scored by itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from judgebench.core.errors import DataError
from judgebench.core.item import Item
from judgebench.forms.files import read_rows
from judgebench.forms.mt_bench import WITH_REFERENCE, references
from judgebench.plugin.benchmark import Benchmark, Match
from judgebench.plugin.hub import DataFile, HubFile, hub_file
from judgebench.plugin.options import option

REPO = "HuggingFaceH4/mt_bench_prompts"
QUESTIONS = "raw/question.jsonl"
TEMPERATURES = {"writing": 0.7, "roleplay": 0.7, "stem": 0.1, "humanities": 0.1}
TEMPERATURES |= {"extraction": 0.0, "math": 0.0, "coding": 0.0, "reasoning": 0.0}
ELSEWHERE = 0.7
"""Of a category that is none of MT-Bench's."""


@dataclass(frozen=True)
class MtBench(Benchmark):
    """Two-turn questions in eight categories, which are strata; item ids are the questions' numbers.

    A policy is judged alone, and each turn on its own, after the one before it. Each item brings the temperature that
    its category is officially answered at: policies take it where they name none. Judges see a reference answer to
    questions of reasoning, math and coding: that of the file `references` or, without one, the question's own (which
    one of these 30 questions lacks). Source: Zheng et al. (2023), "Judging LLM-as-a-Judge with MT-Bench and Chatbot
    Arena"; FastChat's llm_judge; the questions by way of the hub's HuggingFaceH4/mt_bench_prompts.
    """

    name = "mt-bench"
    summary = "MT-Bench: 80 questions of two turns, every answer scored 1 to 10 by itself"
    by_turn = True
    measures = ("mt-bench-score", "mt-bench-score/turn-1", "mt-bench-score/turn-2", "average-length", "miss-rate")

    questions: str | None = option(
        None, help="file of questions in FastChat's form, question.jsonl (default: the hub's)", identity=False
    )
    references: str | None = option(
        None, help="file of reference answers in FastChat's form (default: the questions' own)", identity=False
    )
    data_dir: str | None = option(None, help="a mirror of the hub (default: JUDGEBENCH_DATA)", identity=False)
    revision: str | None = option(None, help="revision of the data set (default: the newest)")

    def items(self) -> Sequence[Item]:
        """All questions. DataError when a file cannot be had or is not of its form."""
        path = Path(self.questions) if self.questions is not None else self._file.path
        answers = references(self.references)
        found: dict[str, Item] = {}
        for where, row in read_rows(path):
            item = self._item(where, row, answers)
            if found.setdefault(item.id, item) is not item:
                raise DataError(f"{where} is a second question '{item.id}'", "give the two different numbers")
        return list(found.values())

    def sources(self) -> Mapping[str, str]:
        """The questions, where they were had from the hub."""
        return {QUESTIONS: self._file.source} if "_file" in self.__dict__ else {}

    def data_files(self) -> Sequence[DataFile]:
        """The questions, unless they are the user's own."""
        if self.questions is not None:
            return []
        return [DataFile(REPO, QUESTIONS, "Apache-2.0", 49_700, "questions and some reference answers", self.revision)]

    def matches(self, policies: Sequence[str]) -> Sequence[Match]:
        """Each by itself."""
        return [Match(policy, alone=True) for policy in policies]

    @cached_property
    def _file(self) -> HubFile:
        return hub_file(REPO, QUESTIONS, data_dir=self.data_dir, revision=self.revision)

    def _item(self, where: str, row: Mapping[str, Any], answers: Callable[[int | str, str], tuple[str, ...]]) -> Item:
        number, part = row.get("question_id"), row.get("category")
        turns, own = _texts(row.get("turns", row.get("prompt"))), _texts(row.get("reference") or [])
        if isinstance(number, bool) or not isinstance(number, int | str) or not isinstance(part, str):
            raise DataError(f"{where} is no question", "it needs question_id, category and turns (or prompt)")
        if not turns or own is None:
            raise DataError(f"{where} holds no texts", "turns (or prompt) and reference, if any, are lists of texts")
        given = own if part in WITH_REFERENCE else ()
        return Item(
            id=str(number),
            turns=turns,
            reference=given if self.references is None else answers(number, part),
            stratum=part,
            features={"temperature": TEMPERATURES.get(part, ELSEWHERE)},
        )


def _texts(value: Any) -> tuple[str, ...] | None:
    """A list of texts; None where it is none."""
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        return None
    return tuple(value)


COMPONENT = MtBench
