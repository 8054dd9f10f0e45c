"""rewardbench-2: RewardBench 2's best of four responses, and prompts with several right ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from judgebench.core.errors import DataError
from judgebench.core.item import Item, Preference, Response
from judgebench.forms.files import read_table_rows
from judgebench.forms.reward_bench import LICENCE, place_2
from judgebench.forms.rewardbench_parts import BEST_OF
from judgebench.plugin.benchmark import Benchmark
from judgebench.plugin.hub import DataFile, HubFile, hub_file
from judgebench.plugin.options import option

REPO, FILE = "allenai/reward-bench-2", "data/test-00000-of-00001.parquet"


@dataclass(frozen=True)
class RewardBench2(Benchmark):
    """1,865 prompts with several responses, the right ones in the first slots; all are shown in an order by seed.

    Subsets and strata: factuality, precise-if, math, safety and focus, where one of four responses is right, and ties,
    51 pairs of a prompt with many right responses and a like one with one, which are resampled together. A judge must
    take any number of responses: `rating`, which `ties-score` needs, or `listwise`. In the official code a rating that
    failed leaves the others: `rating,parser=rewardbench,unread=lowest`; without that the prompt has no verdict.
    Source: Malik et al. (2025), RewardBench 2; the hub's allenai/reward-bench-2, split test.
    """

    name = "rewardbench-2"
    summary = "RewardBench 2: the best of four responses, and prompts with several right ones"
    order = "seeded"
    convention = "rewardbench"
    measures = (
        "overall-v2",
        *(f"best-of-k/{subset}" for subset in BEST_OF),
        "ties-score",
        "position-consistency",
        "miss-rate",
    )

    data_dir: str | None = option(None, help="a mirror of the hub (default: JUDGEBENCH_DATA)", identity=False)
    revision: str | None = option(None, help="revision of the data set (default: the newest)")

    def items(self) -> Sequence[Item]:
        """All prompts. DataError when the file cannot be had, or that names a row not of its form."""
        return [_item(where, row) for where, row in read_table_rows(self._file.path)]

    def sources(self) -> Mapping[str, str]:
        """The one file."""
        return {FILE.rpartition("/")[2]: self._file.source}

    def data_files(self) -> Sequence[DataFile]:
        """The one file."""
        return [DataFile(REPO, FILE, LICENCE, 6_970_000, "1,865 prompts in 6 subsets", self.revision)]

    @cached_property
    def _file(self) -> HubFile:
        return hub_file(REPO, FILE, data_dir=self.data_dir, revision=self.revision)


def _item(where: str, row: Mapping[str, Any]) -> Item:
    right, wrong = (_texts(row, name, where) for name in ("chosen", "rejected"))
    prompt, counted = row.get("prompt"), row.get("num_correct", len(right))
    if not isinstance(prompt, str) or not prompt:
        raise DataError(f"{where} has no text in 'prompt'", "its columns: id, prompt, chosen, rejected, subset")
    if counted != len(right):
        raise DataError(f"{where}: num_correct is {counted}, and there are {len(right)} chosen", "is the file whole?")
    place = place_2(where, row.get("subset"), row.get("id"))
    return Item(
        id=place.id,
        turns=(prompt,),
        responses=(
            *(Response((text,), f"chosen-{k}") for k, text in enumerate(right, start=1)),
            *(Response((text,), f"rejected-{k}") for k, text in enumerate(wrong, start=1)),
        ),
        gold=Preference((*[1.0 / len(right)] * len(right), *[0.0] * len(wrong))),
        cluster=place.cluster,
        stratum=place.stratum,
        subsets=(place.subset,),
    )


def _texts(row: Mapping[str, Any], name: str, where: str) -> list[str]:
    value = row.get(name)
    if not isinstance(value, list) or not value or not all(isinstance(text, str) for text in value):
        raise DataError(f"{where} has no list of texts in '{name}'", "chosen and rejected list one response or more")
    return value


COMPONENT = RewardBench2
