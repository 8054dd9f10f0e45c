"""The papers' values of every option of a loop, and their schedules of iterations.

Sources: Yuan et al. (2024), Self-Rewarding Language Models, section 3.1; Wu et al. (2024), Meta-Rewarding Language
Models, sections 2 and 3, appendix A; Wang et al. (2024), Self-Taught Evaluators, section 4, appendix; Lee et al.
(2024), RLAIF vs. RLHF, sections 3 and 4, appendix. What they do not say is not here: the options' defaults stand.
"""

from collections.abc import Mapping
from typing import Any

from judgebench_loops.options import CURRENT, LABELER, System

PAPERS: Mapping[System, Mapping[str, Any]] = {
    "self-rewarding": {
        "first": 1,
        "prompts": {"shots": 8, "from_new": 2, "temperature": 0.6, "top_p": 0.9},
        "candidates": {"n": 4, "temperature": 0.7, "top_p": 0.9},
        "judge": {"judge": "additive", "preset": "self-rewarding", "model": CURRENT},
        "pairs": {"rule": "best-worst"},
        "train": {"sft": {"preset": "self-rewarding-sft"}, "dpo": {"preset": "self-rewarding-dpo"}},
        "iterations": 2,
    },
    "meta-rewarding": {
        "prompts": {"shots": 8, "number": 5000},
        "candidates": {"n": 7, "temperature": 0.8, "top_p": 0.95},
        "judge": {"judge": "additive", "preset": "meta-rewarding", "model": CURRENT},
        "pairs": {"rule": "length-tiers"},
        "meta": {"on": True},
        "train": {"sft": {"preset": "self-rewarding-sft"}, "dpo": {"preset": "meta-rewarding-dpo"}},
        "iterations": [
            {"pairs": {"rho": 0.0, "longest_chosen": 2500}, "meta": {"longest_chosen": 1100}},
            {"pairs": {"rho": 0.32}, "meta": {"longest_chosen": 1000}},
            {"pairs": {"rho": 0.32}, "meta": {"on": False}},
            {"pairs": {"rho": 0.4}, "meta": {"on": False}},
        ],
    },
    "self-taught": {
        "start": "seed",
        "self_taught": {"samples": 15, "temperature": 0.7, "top_p": 0.9},
        "judge": {"judge": "self-taught", "preset": "training", "model": CURRENT},
        "train": {"sft": {"preset": "self-taught-sft"}, "dpo": {"preset": "self-taught-released-dpo"}},
        "iterations": 5,
    },
    "rlaif": {
        "candidates": {"n": 2, "temperature": 0.9, "top_p": 1.0},
        "judge": {"judge": "rlaif", "preset": "helpful", "model": LABELER},
        "rlaif": {"mode": "reward-model"},
        "train": {"sft": {"preset": "rlaif-sft"}, "reward": {"preset": "rlaif-reward"}, "rl": {"preset": "rlaif-rl"}},
        "iterations": 1,
    },
}
"""By system. `iterations` is how many, or what each of them sets otherwise than the others."""


def merged(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Mappings laid over each other, the later over the earlier, member by member.

    A component's entry (a judge, a policy) that names another component stands in the place of the earlier one whole:
    options of one judge are not those of another. `meta` is no entry: its judge is one of its options.
    """
    found: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            before = found.get(key)
            if (
                isinstance(before, Mapping)
                and isinstance(value, Mapping)
                and (key == "meta" or not _another(before, value))
            ):
                found[key] = merged(before, value)
            else:
                found[key] = value
    return found


def _another(before: Mapping[str, Any], value: Mapping[str, Any]) -> bool:
    kinds = ("judge", "policy", "backend", "benchmark", "preset")
    return any(kind in value and value[kind] != before.get(kind) for kind in kinds)
