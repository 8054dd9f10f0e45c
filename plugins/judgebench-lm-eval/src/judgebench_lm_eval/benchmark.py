"""lm-eval: the tasks of lm-evaluation-harness, of which each document is scored by itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from judgebench import Benchmark, ConfigError, Item, Match


@dataclass(frozen=True)
class Tasks(Benchmark):
    """Documents of lm-evaluation-harness's tasks; a task is a stratum, and each of its metrics a judge.

    Its items come with scores: by `judgebench lm-eval TASK...`, or by `judgebench import lm-eval FILE...`.
    """

    name = "lm-eval"
    summary = "tasks of lm-evaluation-harness: by `judgebench lm-eval`, or imported"
    measures = ("task-score",)

    def items(self) -> Sequence[Item]:
        """ConfigError: no judge is asked about them."""
        raise ConfigError(
            "the items of 'lm-eval' come with their scores, and no judge is asked",
            "judgebench lm-eval TASK --policy NAME=lm-eval:CLASS,args=... --out RUN",
        )

    def matches(self, policies: Sequence[str]) -> Sequence[Match]:
        """Each by itself."""
        return [Match(policy, alone=True) for policy in policies]
