"""rewardbench: RewardBench's pairs of a chosen and a rejected response, in 23 subsets of four sections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from judgebench.core.errors import ConfigError, DataError
from judgebench.core.item import Item
from judgebench.forms.files import read_table_rows
from judgebench.forms.reward_bench import FILE, LICENCE, REPO, Row, data_file, pair_items
from judgebench.forms.rewardbench_parts import SECTIONS
from judgebench.plugin.benchmark import Benchmark
from judgebench.plugin.hub import DataFile, HubFile, hub_file
from judgebench.plugin.options import nearest, option

PRIOR_REPO, PRIOR_FILE = "allenai/preference-test-sets", "data/{}-00000-of-00001.parquet"
PRIOR = {"anthropic_helpful": 6_192, "anthropic_hhh": 221, "shp": 1_741, "summarize": 9_000}
"""The prior sets that count, with their numbers of pairs."""
SUBSETS = tuple(subset for section in SECTIONS.values() for subset in section)


@dataclass(frozen=True)
class RewardBench(Benchmark):
    """2,985 pairs; slot 0 is the chosen response, and which is shown first is drawn by seed (`order=both`: both).

    Strata are the subsets; the six of code are one, of 164 problems that are resampled together (by the rows' order,
    `judgebench.forms.reward_bench`). Ties and errors of generative judges count one half, as in the official code; of
    a reward model's scores a tie is wrong: `overall,convention=rewardbench-classifier`.

    `prior_sets` adds 17,154 pairs of four older sets. Source: Lambert et al. (2024), RewardBench; the hub's
    allenai/reward-bench, split filtered, and allenai/preference-test-sets.
    """

    name = "rewardbench"
    summary = "RewardBench: 2,985 pairs with a known better response; sections and overall"
    order = "seeded"
    convention = "rewardbench"
    measures = (
        "overall",
        "section:chat",
        "section:chat-hard",
        "section:safety",
        "section:reasoning",
        "accuracy/*",
        "chosen-first-accuracy",
        "chosen-last-accuracy",
        "position-consistency",
        "position-bias",
        "miss-rate",
    )

    prior_sets: bool = option(False, help="also the four older sets, for `overall-with-prior`")
    data_dir: str | None = option(None, help="a mirror of the hub (default: JUDGEBENCH_DATA)", identity=False)
    revision: str | None = option(None, help="revision of RewardBench (default: the newest)")
    prior_revision: str | None = option(None, help="revision of the older sets (default: the newest)")

    def __post_init__(self) -> None:
        """ConfigError for a revision of the older sets without these."""
        if self.prior_revision is not None and not self.prior_sets:
            raise ConfigError(
                "rewardbench: prior_revision has no effect without the older sets",
                "add prior_sets=true, or leave prior_revision out",
            )

    def items(self) -> Sequence[Item]:
        """All pairs. DataError when a file cannot be had, or that names a row not of its form."""
        rows: list[Row] = [*read_table_rows(self._file.path)]
        for where, row in rows:
            if (subset := row.get("subset")) not in SUBSETS:
                raise DataError(f"{where}: unknown subset {subset!r}", nearest(str(subset), SUBSETS))
        for name, file in self._prior.items():
            rows += [(where, {**row, "subset": name}) for where, row in read_table_rows(file.path)]
        return pair_items(rows)

    def sources(self) -> Mapping[str, str]:
        """The pairs, and the older sets where they are asked for."""
        files = {FILE.rpartition("/")[2]: self._file}
        files |= {PRIOR_FILE.format(name).rpartition("/")[2]: file for name, file in self._prior.items()}
        return {name: file.source for name, file in files.items()}

    def data_files(self) -> Sequence[DataFile]:
        """The pairs, and the older sets where they are asked for."""
        prior = [
            DataFile(PRIOR_REPO, PRIOR_FILE.format(name), LICENCE, None, f"{pairs:,} pairs", self.prior_revision)
            for name, pairs in PRIOR.items()
        ]
        return [data_file(self.revision), *(prior if self.prior_sets else ())]

    @cached_property
    def _file(self) -> HubFile:
        return hub_file(REPO, FILE, data_dir=self.data_dir, revision=self.revision)

    @cached_property
    def _prior(self) -> dict[str, HubFile]:
        names = PRIOR if self.prior_sets else ()
        return {
            name: hub_file(PRIOR_REPO, PRIOR_FILE.format(name), data_dir=self.data_dir, revision=self.prior_revision)
            for name in names
        }


COMPONENT = RewardBench
