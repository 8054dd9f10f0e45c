"""head-to-head: policies against each other, on any prompts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from judgebench.core.errors import ConfigError
from judgebench.core.item import Item
from judgebench.plugin.benchmark import DerivedBenchmark, Match, each_other
from judgebench.plugin.options import nearest, option

FILES = (".jsonl", ".json", ".gz")


@dataclass(frozen=True)
class HeadToHead(DerivedBenchmark):
    """Every two policies are compared on every prompt, in both orders; with a `baseline`, each with that policy alone.

    The prompts are another benchmark's, without what it compares with, or those of a file as `prompts` reads them.
    """

    name = "head-to-head"
    summary = "two or more policies against each other, on the prompts of any benchmark or file"
    order = "both"
    measures = (
        "win-rate",
        "wins",
        "ties",
        "losses",
        "bradley-terry",
        "position-consistency",
        "position-bias",
        "miss-rate",
        "average-length",
    )

    prompts: str = option("starter", help="whose prompts: a benchmark, such as alpaca-eval-2, or a file of prompts")
    baseline: str | None = option(None, help="name of the policy that all others are compared with; else every pair")

    @property
    def source(self) -> str:
        """The benchmark that brings the prompts."""
        return f"prompts:{self.prompts}" if ":" not in self.prompts and self.prompts.endswith(FILES) else self.prompts

    def derive(self, items: Sequence[Item]) -> Sequence[Item]:
        """The prompts alone, in their strata and clusters."""
        return [replace(item, responses=(), gold=None, baseline=None, features={}) for item in items]

    def matches(self, policies: Sequence[str]) -> Sequence[Match]:
        """Every pair, or everyone with the baseline."""
        if len(policies) < 2:
            raise ConfigError(f"{self.name} compares policies, and {len(policies)} is named", "name two with --policy")
        if self.baseline is None:
            return each_other(policies)
        if self.baseline not in policies:
            raise ConfigError(
                f"the baseline '{self.baseline}' is no policy of this run", nearest(self.baseline, policies)
            )
        return [Match(policy, self.baseline) for policy in policies if policy != self.baseline]


COMPONENT = HeadToHead
