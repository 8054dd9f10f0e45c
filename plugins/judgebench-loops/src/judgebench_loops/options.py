"""What can be set of a loop: one frozen dataclass a part, whose fields are the options with their help."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import msgspec

from judgebench import ConfigError, option

Count = Annotated[int, msgspec.Meta(ge=1)]
Some = Annotated[int, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Temperature = Annotated[float, msgspec.Meta(ge=0)]
TopP = Annotated[float, msgspec.Meta(gt=0, le=1)]
Entry = str | dict[str, Any]
"""A policy, judge, benchmark or model as a run file has it: a spec text, or a mapping."""
System = Literal["self-rewarding", "meta-rewarding", "self-taught", "rlaif"]
SYSTEMS: tuple[System, ...] = ("self-rewarding", "meta-rewarding", "self-taught", "rlaif")
LABELER = "labeler"
"""The model that labels in RLAIF, where the file names no other judge: it must stand under `models`."""
CURRENT, SEED = "current", "seed"
"""Names of models in a loop's judges and policies: the checkpoint of this iteration's start, and the seed model."""


def mapping(help: str) -> Any:
    """A field that is a mapping, empty by default."""
    return field(default_factory=dict, metadata={"help": help, "identity": True})


@dataclass(frozen=True)
class Drawing:
    """How texts are drawn from a model."""

    temperature: Temperature = option(0.7, help="0 is greedy")
    top_p: TopP = option(0.9, help="nucleus sampling; 1 keeps all")
    max_tokens: Count = option(1024, help="longest text in tokens")


@dataclass(frozen=True)
class Prompts(Drawing):
    """Where an iteration's prompts come from: a pool, of which some are drawn, and new ones that a model writes.

    New prompts are asked for by few-shot examples out of the pool and filtered as in Self-Instruct (`filter`). With
    `reuse=False` an iteration draws none that an earlier one drew, as long as there are some.
    """

    path: str | None = option(None, help="jsonl file with `prompt`, perhaps `id` and `category`: the pool")
    number: Some = option(0, help="prompts of one iteration, drawn from pool and new ones; 0: all")
    new: Some = option(0, help="prompts that a model writes before they are drawn, at most; 0: none")
    with_seeds: bool = option(False, help="new > 0: draw the pool's own prompts too, not the new ones alone")
    writer: str = option(SEED, help="the model that writes them")
    shots: Count = option(8, help="examples shown to the writer")
    from_new: Some = option(2, help="of them so many that were written before, once there are so many")
    more: Count = option(8, help="prompts that one call asks for")
    calls: Count = option(64, help="calls of the writer, at most")
    reuse: bool = option(False, help="draw prompts again that an earlier iteration drew")
    filter: dict[str, Any] = mapping("options of the filter of new prompts: rouge_l, least_words, most_words, ...")
    temperature: Temperature = option(0.6, help="of the writer")


@dataclass(frozen=True)
class Candidates(Drawing):
    """The responses that the current policy gives to each prompt; equal ones are one.

    Meta-Rewarding removes them too; a fragment of its text names 50 duplicates, which `duplicates` can allow.
    """

    n: Annotated[int, msgspec.Meta(ge=2)] = option(4, help="responses to each prompt")
    system: str | None = option(None, help="system prompt, before the prompt")
    duplicates: Some = option(0, help="copies of a response that stay beside its first")
    cut: Literal["keep", "drop"] = option("keep", help="responses cut at max_tokens: go on, or are dropped")


@dataclass(frozen=True)
class Pairs:
    """How a preferred and a rejected response are chosen by the judge's scores."""

    rule: Literal["best-worst", "length-tiers"] = option("best-worst", help="the ends, or Meta-Rewarding's tiers")
    rho: Share = option(0.0, help="length-tiers: share of the span of scores that a tier takes; 0: the ends")
    margin: Annotated[float, msgspec.Meta(ge=0)] = option(0.0, help="least difference of the scores")
    ties: Literal["first", "random"] = option("first", help="best-worst: of several at one end, which")
    longest_chosen: Some = option(0, help="drop pairs whose chosen response has more characters; 0: keep all")


@dataclass(frozen=True)
class MetaJudging:
    """Meta-Rewarding's pairs of judgments, by a judge of judgments.

    `scope`: over what the wins of either position are counted for the weights: all comparisons of the iteration, or
    each prompt's own (many of which are then undefined and count as equal). Variances are of the population (`ddof=0`).
    """

    on: bool = option(False, help="make pairs of judgments too")
    judge: Entry | None = option(
        None, help="the meta-judge, shown two judgments; default: verdict@current, our wording"
    )
    scope: Literal["iteration", "prompt"] = option("iteration", help="what position weights are counted over")
    ddof: Literal[0, 1] = option(0, help="variance of a response's scores: 0 of the population, 1 of the sample")
    ridge: Annotated[float, msgspec.Meta(ge=1e-9)] = option(
        1e-4, help="strength of the L2 penalty of Bradley-Terry: finite where one wins everything"
    )
    longest_chosen: Some = option(0, help="drop pairs whose chosen judgment has more characters; 0: keep all")
    most: Count = option(11, help="judgments of a response that meet, at most")
    share: Share = option(1.0, help="most of an iteration's pairs that may be of judgments, as a share of all")


@dataclass(frozen=True)
class Eft:
    """Self-Rewarding's evaluation fine-tuning data: judgments whose scores rank responses as people did.

    `path` has rows as of the benchmark `ranked`. `ties`: equal scores where people saw a difference are wrong, or not
    looked at. The papers do not say how the scores were flattened: down to the count of the median score by default.
    """

    path: str | None = option(None, help="jsonl file of ranked responses (as of the benchmark `ranked`)")
    ties: Literal["wrong", "ignore"] = option("wrong", help="equal scores where people saw a difference")
    flatten: Literal["no", "median", "least"] = option("median", help="drop rows of scores that are frequent")
    cap: Count | None = option(None, help="rows of one score, at most; null: as `flatten` says")


@dataclass(frozen=True)
class SelfTaught(Drawing):
    """Self-Taught Evaluators' data: pairs whose better response is known by construction, and sampled judgments.

    `worse`: the worse response answers an instruction that the model modified, in two calls or one, or is asked for as
    a worse answer. The pairs are made once, by `writer`, for all iterations. The judge is asked `samples` times about
    each pair; of its correct judgments one is kept (`majority`: only if more than that share is correct), and as many
    that say A as say B (`balance`).
    """

    writer: str = option(SEED, help="the model that writes the pairs")
    worse: Literal["two-calls", "one-call", "direct"] = option("two-calls", help="how the worse response is made")
    categories: tuple[str, ...] = option((), help="keep instructions of these categories alone, by a call each")
    samples: Count = option(15, help="judgments of each pair")
    majority: Annotated[float, msgspec.Meta(ge=0, lt=1)] | None = option(
        None, help="least share of correct judgments, exclusive; null: one is enough"
    )
    balance: bool = option(True, help="as many judgments that name A as name B")
    rows: Literal["sft", "pairs"] = option("sft", help="one correct judgment, or pairs of a correct and a wrong one")
    per_pair: Count = option(1, help="rows=pairs: so many of each pair of responses")


@dataclass(frozen=True)
class Rlaif:
    """RLAIF's labels and reward.

    `mode=reward-model`: two responses are labelled in both orders by an AI labeler, a reward model is trained on the
    soft labels, and the policy against it. `direct`: the policy is trained against a judge's own scores.
    """

    mode: Literal["reward-model", "direct"] = option("reward-model", help="train a reward model, or ask a judge")
    average: Literal["probabilities", "log-probabilities"] = option(
        "probabilities", help="what of the two orders is averaged; the paper: probabilities"
    )
    missing: Literal["drop", "other"] = option("drop", help="a pair that one order has no label of; other: take one")
    confidence: Annotated[float, msgspec.Meta(ge=0.5, le=1)] = option(0.5, help="least probability of the better one")
    hard: bool = option(False, help="train the reward model on the better one alone, not on its probability")
    reward: Entry | None = option(None, help="direct: a judge that scores a response by itself")


@dataclass(frozen=True)
class Choosing:
    """Which of a training's checkpoints goes on: the last, or the best by a measure of a run.

    The run is a run file's benchmark, judges and so on, with `as_policy` or `as_judge` as in `evaluate`; in them
    `checkpoint` is the checkpoint, and `current` the one that the training began with. Of equal checkpoints the
    earliest is taken.
    """

    by: Literal["last", "measure"] = option("last", help="the last checkpoint, or the best by `measure`")
    run: dict[str, Any] = mapping("as an evaluation: benchmark, as_policy or as_judge (model: checkpoint), ...")
    measure: str | None = option(None, help="the measure whose highest value is taken")

    def __post_init__(self) -> None:
        """ConfigError where nothing says what is best."""
        if self.by == "measure" and not (self.run and self.measure):
            raise ConfigError(
                "choose: by=measure needs `run` and `measure`", "name a benchmark and one of its measures"
            )
        if self.run and ("as_policy" in self.run) == ("as_judge" in self.run):
            raise ConfigError(
                "choose: run must say what a checkpoint is in it", "add `as_policy:` or `as_judge:`, model: checkpoint"
            )
