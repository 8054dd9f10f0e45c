"""llmbar: LLMBar's pairs, of which one response follows the instruction and the other does not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from judgebench.core.errors import ConfigError, DataError
from judgebench.core.item import Item
from judgebench.forms.files import read_rows, read_table_rows
from judgebench.forms.llmbar import SETS, llmbar_item
from judgebench.forms.reward_bench import FILE, REPO, data_file, pair_items
from judgebench.plugin.benchmark import Benchmark
from judgebench.plugin.hub import DataFile, HubFile, hub_file, sha256
from judgebench.plugin.options import option


@dataclass(frozen=True)
class LLMBar(Benchmark):
    """419 pairs in five sets, one natural and four adversarial, which are strata and subsets under RewardBench's names.

    They are five subsets of the hub's allenai/reward-bench (slot 0 is the better response), or come from `path`: a
    file of its form (parquet, jsonl), or the folder of the official repository that holds Natural and Adversarial
    (slots are output_1 and output_2). Every pair is judged in both orders; a tie and a missing verdict are wrong.
    Source: Zeng et al. (2024), LLMBar.
    """

    name = "llmbar"
    summary = "LLMBar: 419 pairs, of which one follows the instruction, in both orders"
    order = "both"
    convention = "llmbar"
    measures = (
        "average-accuracy",
        "position-consistent-accuracy",
        "average-accuracy/*",
        "position-consistent-accuracy/*",
        "position-consistency",
        "position-bias",
        "miss-rate",
    )

    path: str | None = option(None, help="a file of RewardBench's form, or LLMBar's own folder, instead of the hub")
    data_dir: str | None = option(None, help="a mirror of the hub (default: JUDGEBENCH_DATA)", identity=False)
    revision: str | None = option(None, help="revision of RewardBench (default: the newest)")

    def __post_init__(self) -> None:
        """ConfigError for a revision of the hub's file beside a path."""
        if self.path is not None and self.revision is not None:
            raise ConfigError(
                "llmbar: revision has no effect on a file of one's own", "give one of the two, path or revision"
            )

    def items(self) -> Sequence[Item]:
        """All pairs. DataError when a file cannot be had or holds none, or that names a row not of its form."""
        if self._folder is not None:
            return [item for folder, subset in SETS.items() for item in self._set(self._folder / folder, subset)]
        path = self._hub.path if self.path is None else Path(self.path)
        rows = [(where, row) for where, row in read_table_rows(path) if row.get("subset") in SETS.values()]
        if not rows:
            raise DataError(f"{path} holds no pair of LLMBar", f"its subsets: {', '.join(SETS.values())}")
        return pair_items(rows)

    def sources(self) -> Mapping[str, str]:
        """The hub's file, or those of `path`."""
        if self.path is None:
            return {FILE.rpartition("/")[2]: self._hub.source}
        if self._folder is None:
            return {Path(self.path).name: f"sha256:{sha256(Path(self.path))}"}
        return {f"{name}/dataset.json": f"sha256:{sha256(self._folder / name / 'dataset.json')}" for name in SETS}

    def data_files(self) -> Sequence[DataFile]:
        """RewardBench's file, unless a path is given."""
        return [data_file(self.revision)] if self.path is None else []

    def _set(self, folder: Path, subset: str) -> Iterator[Item]:
        for place, (where, row) in enumerate(read_rows(folder / "dataset.json")):
            yield llmbar_item(where, row, subset, place)

    @property
    def _folder(self) -> Path | None:
        """The official folder, where the path is one."""
        if self.path is None or not Path(self.path).is_dir():
            return None
        tried = [Path(self.path) / part for part in ("", "LLMBar", "Dataset/LLMBar")]
        found = next((folder for folder in tried if (folder / "Natural").is_dir()), None)
        if found is None:
            raise DataError(f"{self.path} holds no folder Natural", "name the Dataset/LLMBar of LLMBar's repository")
        return found

    @cached_property
    def _hub(self) -> HubFile:
        return hub_file(REPO, FILE, data_dir=self.data_dir, revision=self.revision)


COMPONENT = LLMBar
