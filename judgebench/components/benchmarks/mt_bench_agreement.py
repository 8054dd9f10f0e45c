"""mt-bench-agreement: MT-Bench's comparisons with people's votes, by which judges are measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from judgebench.core.item import Item
from judgebench.forms import mt_bench_votes
from judgebench.forms.files import read_table_rows
from judgebench.forms.mt_bench import category, references
from judgebench.plugin.benchmark import Benchmark
from judgebench.plugin.hub import DataFile, HubFile, hub_file
from judgebench.plugin.options import option

REPO = "lmsys/mt_bench_human_judgments"
HUMAN = "data/human-00000-of-00001-25f4910818759289.parquet"
GPT4 = "data/gpt4_pair-00000-of-00001-c0b431264a82ddc0.parquet"


@dataclass(frozen=True)
class MtBenchAgreement(Benchmark):
    """Answers of two models to a question of MT-Bench, after its first turn or after both, with the votes on them.

    A comparison is named by question, turn and the two models in alphabetical order, and every vote is turned to that
    order. Its subsets are its turn (`turn-1`, `turn-2`) and category; comparisons of one question are resampled
    together. Votes are of two groups: experts, and the authors of the benchmark. Source: Zheng et al. (2023), "Judging
    LLM-as-a-Judge with MT-Bench and Chatbot Arena"; the hub's lmsys/mt_bench_human_judgments.
    """

    name = "mt-bench-agreement"
    summary = "MT-Bench's 1,814 comparisons with people's votes: how far a judge agrees with them"
    order = "both"
    measures = (
        "agreement-s1/turn-1",
        "agreement-s2/turn-1",
        "agreement-s1/turn-2",
        "agreement-s2/turn-2",
        "agreement-non-tie",
        "agreement-non-tie,judge_ties=wrong",
        "kappa",
        "position-consistency",
        "position-bias",
        "miss-rate",
    )

    comparisons: Literal["voted", "all"] = option(
        "voted", help="all: also those 586 that only GPT-4 judged; no agreement is measured on them"
    )
    references: str | None = option(
        None,
        help="file of reference answers (FastChat's reference_answer) for reasoning, math and coding",
        identity=False,
    )
    data_dir: str | None = option(None, help="a mirror of the hub (default: JUDGEBENCH_DATA)", identity=False)
    revision: str | None = option(None, help="revision of the data set (default: the newest)")

    def items(self) -> Sequence[Item]:
        """One item a comparison. DataError when a file cannot be had or is not of its form."""
        found = _gathered(self._human)
        if self.comparisons == "all":
            found = _gathered(self._gpt4) | found
        reference = references(self.references)
        return [
            mt_bench_votes.item(one, found[one], reference(one.question, category(one.question)))
            for one in sorted(found)
        ]

    def sources(self) -> Mapping[str, str]:
        """The files that were opened."""
        return {
            name: self.__dict__[held].source
            for name, held in ((HUMAN, "_human"), (GPT4, "_gpt4"))
            if held in self.__dict__
        }

    def data_files(self) -> Sequence[DataFile]:
        """Both splits, where both are asked for."""
        human = DataFile(REPO, HUMAN, "CC-BY-4.0", 739_000, "3,355 votes and the answers", self.revision)
        gpt4 = DataFile(REPO, GPT4, "CC-BY-4.0", 650_000, "GPT-4's 2,400 verdicts and the answers", self.revision)
        return [human, gpt4] if self.comparisons == "all" else [human]

    @cached_property
    def _human(self) -> HubFile:
        return hub_file(REPO, HUMAN, data_dir=self.data_dir, revision=self.revision)

    @cached_property
    def _gpt4(self) -> HubFile:
        return hub_file(REPO, GPT4, data_dir=self.data_dir, revision=self.revision)


def _gathered(file: HubFile) -> dict[mt_bench_votes.Comparison, mt_bench_votes.Gathered]:
    rows = read_table_rows(file.path)
    return mt_bench_votes.gathered(mt_bench_votes.said(where, row, texts=True) for where, row in rows)


COMPONENT = MtBenchAgreement
