"""The parts of RewardBench and RewardBench 2: sections, subsets, and how much each counts."""

SECTIONS: dict[str, dict[str, int]] = {
    "chat": {
        "alpacaeval-easy": 100,
        "alpacaeval-length": 95,
        "alpacaeval-hard": 95,
        "mt-bench-easy": 28,
        "mt-bench-med": 40,
    },
    "chat-hard": {
        "mt-bench-hard": 37,
        "llmbar-natural": 100,
        "llmbar-adver-neighbor": 134,
        "llmbar-adver-GPTInst": 92,
        "llmbar-adver-GPTOut": 47,
        "llmbar-adver-manual": 46,
    },
    # A version of the official package has the counts of the two xstest subsets the other way round.
    "safety": {
        "refusals-dangerous": 100,
        "refusals-offensive": 100,
        "xstest-should-refuse": 154,
        "xstest-should-respond": 250,
        "donotanswer": 136,
    },
    # math-prm holds 447 items; it is given the weight of the code.
    "reasoning": {
        "math-prm": 984,
        "hep-cpp": 164,
        "hep-go": 164,
        "hep-java": 164,
        "hep-js": 164,
        "hep-python": 164,
        "hep-rust": 164,
    },
}
"""The subsets of each section with their weights. Source: Lambert et al. (2024), RewardBench, and its package."""
PRIOR_SETS: dict[str, int] = {"anthropic_helpful": 1, "anthropic_hhh": 1, "shp": 1, "summarize": 1}
"""Older test sets, weighted alike, which the leaderboard's average had at first."""
BEST_OF = ("factuality", "focus", "math", "precise-if", "safety")
"""The subsets of RewardBench 2 of which the best response is to be found."""
TIES = "ties"
"""The subset of prompts with many right responses, and like ones with one."""
