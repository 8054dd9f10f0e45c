"""arena-hard-v0.1 and arena-hard-v2.0: Arena-Hard's prompts, each policy against a baseline's recorded answers."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal

from judgebench.core.errors import DataError
from judgebench.core.item import Item, Response
from judgebench.forms.answers import read_answers
from judgebench.forms.battles import CATEGORIES
from judgebench.forms.files import read_rows
from judgebench.plugin.benchmark import Benchmark
from judgebench.plugin.hub import DataFile, HubFile, hub_file
from judgebench.plugin.options import option

REPO = "lmarena-ai/arena-hard-auto"


@dataclass(frozen=True)
class ArenaHard(Benchmark):
    """What both versions share: questions and baselines' answers of the hub's lmarena-ai/arena-hard-auto.

    Item ids are the files' `uid`; strata are the categories. The baseline's answers carry what their file counts of
    their style.
    """

    order = "both"
    measures = (
        "arena-score",
        "arena-score-style",
        "win-rate",
        "position-consistency",
        "position-bias",
        "miss-rate",
        "average-length",
    )
    folder: ClassVar[str]
    version: ClassVar[float]

    data_dir: str | None = option(None, help="a mirror of the hub (default: JUDGEBENCH_DATA)", identity=False)
    revision: str | None = option(None, help="revision of the data set (default: the newest)")

    @abstractmethod
    def baseline_of(self, category: str) -> str | None:
        """The model with which answers to prompts of a category are compared; None: they are not asked for."""

    @abstractmethod
    def all_baselines(self) -> Sequence[str]:
        """The models with which answers to any prompt are compared."""

    def data_files(self) -> Sequence[DataFile]:
        """The questions, and the answers of each baseline."""
        notes = {"question.jsonl": "prompts"}
        notes |= {_answers_of(model): f"answers of the baseline {model}" for model in self.all_baselines()}
        return [
            DataFile(REPO, f"data/{self.folder}/{name}", "Apache-2.0", None, note, self.revision)
            for name, note in notes.items()
        ]

    def items(self) -> Sequence[Item]:
        """All prompts that are asked for. DataError when a file cannot be had or lacks an answer."""
        rows = list(self._wanted())
        if not rows:
            raise DataError(f"{self._questions.path} holds no prompt that is asked for", f"is it the file of {REPO}?")
        return [self._item(*row) for row in rows]

    def reference(self) -> Mapping[str, Sequence[float]]:
        """The version, by which measures choose the official form."""
        return {"arena.version": (self.version,)}

    def sources(self) -> Mapping[str, str]:
        """The questions, and the answers of each baseline; nothing until the items were asked for."""
        files = {"question.jsonl": self._questions} | self._answers if "_answers" in self.__dict__ else {}
        return {f"{self.folder}/{name}": file.source for name, file in files.items()}

    def _wanted(self) -> Iterator[tuple[str, Mapping[str, Any], str, str]]:
        """Place, row, category and baseline of every prompt that is asked for."""
        for where, row in read_rows(self._questions.path):
            category = str(row.get("category") or "")
            if (baseline := self.baseline_of(category)) is not None:
                yield where, row, category, baseline

    def _item(self, where: str, row: Mapping[str, Any], category: str, baseline: str) -> Item:
        name = row.get("uid") or row.get("question_id")
        prompt = _prompt(row)
        if name is None or prompt is None:
            raise DataError(f"{where} holds no prompt with a uid", "its members: uid, category, prompt")
        answer = read_answers(self._answers[_answers_of(baseline)].path).of(str(name), prompt)
        if answer is None:
            raise DataError(f"{baseline} did not answer prompt '{name}'", "take both files from one revision")
        return Item(
            id=str(name),
            turns=(prompt,),
            baseline=Response(answer.turns, baseline, features=answer.features),
            stratum=category,
        )

    @cached_property
    def _questions(self) -> HubFile:
        return self._file("question.jsonl")

    @cached_property
    def _answers(self) -> dict[str, HubFile]:
        """The answer file of each baseline, by its name in the version's folder."""
        names = dict.fromkeys(_answers_of(baseline) for *_, baseline in self._wanted())
        return {name: self._file(name) for name in names}

    def _file(self, name: str) -> HubFile:
        return hub_file(REPO, f"data/{self.folder}/{name}", data_dir=self.data_dir, revision=self.revision)


def _answers_of(model: str) -> str:
    return f"model_answer/{model}.jsonl"


def _prompt(row: Mapping[str, Any]) -> str | None:
    """The prompt in the form of today's files or in the one they had first."""
    match row:
        case {"prompt": str(text)} | {"turns": [{"content": str(text)}]} | {"turns": [str(text)]}:
            return text
    return None


@dataclass(frozen=True)
class ArenaHardV01(ArenaHard):
    """500 prompts, against gpt-4-0314.

    Source: Li et al. (2024), "From Crowdsourced Data to High-Quality Benchmarks".
    """

    name = "arena-hard-v0.1"
    summary = "Arena-Hard v0.1: 500 prompts, each policy against gpt-4-0314"
    folder = "arena-hard-v0.1"
    version = 0.1

    baseline: str = option("gpt-4-0314", help="the model with whose recorded answers policies are compared")

    def baseline_of(self, category: str) -> str:
        """One for all."""
        return self.baseline

    def all_baselines(self) -> Sequence[str]:
        """That one."""
        return [self.baseline]


@dataclass(frozen=True)
class ArenaHardV20(ArenaHard):
    """750 prompts in two categories, each with a baseline of its own: scores are taken category by category.

    The official code prints a table for each. A score over both, which `arena-score` is, would compare policies with
    two baselines at once, and each of these two on the other's prompts alone.
    """

    name = "arena-hard-v2.0"
    summary = "Arena-Hard v2.0: 500 hard and 250 creative prompts, against o3-mini and Gemini 2.0 Flash"
    folder = "arena-hard-v2.0"
    version = 2.0
    baselines: ClassVar[Mapping[str, str]] = {
        category: baseline for category, (benchmark, baseline) in CATEGORIES.items() if benchmark == "arena-hard-v2.0"
    }
    measures = (
        "arena-score/*",
        "arena-score-style/*",
        "win-rate/*",
        "position-consistency",
        "position-bias",
        "miss-rate",
        "average-length",
    )

    category: Literal["all", "hard_prompt", "creative_writing"] = option("all", help="prompts of one category alone")

    def baseline_of(self, category: str) -> str | None:
        """That of the category. DataError for one that is not known."""
        if category not in self.baselines:
            known = ", ".join(self.baselines)
            raise DataError(f"{self.folder} has a prompt of category '{category}'", f"known: {known}")
        return self.baselines[category] if self.category in ("all", category) else None

    def holds(self, item: Item) -> bool:
        """What is of the category that is asked for. DataError for a prompt that names none."""
        if self.category != "all" and not item.stratum:
            raise DataError(f"prompt '{item.id}' names no category", "leave category out, or give --items benchmark")
        return self.category in ("all", item.stratum)

    def all_baselines(self) -> Sequence[str]:
        """Those of the categories that are asked for."""
        return [model for category, model in self.baselines.items() if self.category in ("all", category)]


COMPONENTS = (ArenaHardV01, ArenaHardV20)
