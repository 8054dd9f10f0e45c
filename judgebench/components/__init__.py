"""What ships, found by the same hooks as a third party's plugin. One component, one file.

Components import `core`, `plugin` and `stats`, never each other. Libraries that only one of them
needs are imported in its methods.
"""

import os
from collections.abc import Iterable
from importlib import import_module

from judgebench.plugin.hooks import hookimpl

_HOMES = {
    "backends": ("openai", "scripted"),
    "policies": ("chat", "recorded"),
    "judges": (
        "verdict",
        "logprob",
        "rating",
        "expected_score",
        "rlaif",
        "additive",
        "self_taught",
        "mt_bench",
        "listwise",
        "reward_model",
        "dpo_implicit",
        "classifier",
        "arena_hard",
        "vote",
        "jury",
        "baselines",
    ),
    "benchmarks": (
        "starter",
        "head_to_head",
        "prompts",
        "pairs",
        "ranked",
        "helpsteer2",
        "alpaca_eval_2",
        "arena_hard",
        "rewardbench",
        "rewardbench_2",
        "llmbar",
        "mt_bench",
        "mt_bench_agreement",
        "attacks",
    ),
    "measures": (
        "win_rate",
        "discrete_win_rate",
        "lc_win_rate",
        "length_adjusted_win_rate",
        "outcomes",
        "bradley_terry",
        "arena_score",
        "arena_score_style",
        "accuracy",
        "section",
        "best_of",
        "agreement",
        "mt_bench_score",
        "harmless_rate",
        "position_consistency",
        "position_bias",
        "meta_judge_bias",
        "ranking",
        "agreement_with_judge",
        "length_bias",
        "length_matched",
        "self_preference",
        "self_consistency",
        "calibration",
        "score_mean",
        "share_at_maximum",
        "vote_accuracy",
        "jury_disagreement",
        "attack_effect",
        "miss_rate",
        "usage",
        "average_length",
    ),
    "imports": ("alpaca_eval", "arena_hard", "mt_bench", "llmbar", "rewardbench", "table"),
    "reports": (
        "markdown",
        "json",
        "csv",
        "trajectory",
        "svg",
        "audit",
        "papers.self_rewarding",
        "papers.meta_rewarding",
        "papers.self_taught",
        "papers.rlaif",
    ),
}


@hookimpl
def judgebench_components() -> Iterable[type]:
    """Every component that ships: each file names its class `COMPONENT`, or a family of them `COMPONENTS`."""
    for room, files in _HOMES.items():
        for file in files:
            module = import_module(f"judgebench.components.{room}.{file}")
            yield from getattr(module, "COMPONENTS", None) or (module.COMPONENT,)


@hookimpl(trylast=True)
def judgebench_secret(name: str) -> str | None:
    """Secrets from the environment."""
    return os.environ.get(name)
