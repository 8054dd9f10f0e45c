"""A judge as the reward of RL: each batch of responses is judged in a run of judgebench's, with its record."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from judgebench import (
    Ask,
    Benchmark,
    ConfigError,
    DataError,
    Item,
    Judged,
    Match,
    Message,
    Miss,
    Policy,
    Response,
    Score,
    collect,
)
from judgebench_loops.training.kept_open import KEPT, KeptOpen, kept_backend
from judgebench_loops.training.reward_source import Entry, Reward

BATCHES, DRAWN = "drawn", "policy"
CACHE = "completions.sqlite"


class JudgeScorer:
    """Scores responses by a judge. What it was asked and said stays in `folder`, a run for each batch.

    A batch that was judged before, as by a training that is continued, asks nothing twice.
    """

    def __init__(self, reward: Reward, folder: Path, seed: int) -> None:
        self._reward, self._folder, self._seed = reward, folder, seed
        self._open = KeptOpen()

    def __call__(
        self, prompts: Sequence[Sequence[Mapping[str, str]]], completions: Sequence[str]
    ) -> list[float | None]:
        """One score a response; None where the judge gave none. ConfigError for a judge that compares."""
        items = [_item(number, prompt) for number, prompt in enumerate(prompts)]
        text = json.dumps([[[dict(message) for message in prompt] for prompt in prompts], list(completions)])
        spec = {
            "benchmark": BATCHES,
            "policies": {DRAWN: {"policy": DRAWN}},
            "judges": {"reward": self._reward.judge},
            "models": {name: _kept(entry) for name, entry in self._reward.models.items()},
            "out": str(self._folder / hashlib.sha256(text.encode()).hexdigest()[:16]),
            "cache": str(self._folder / CACHE),
            "seed": self._seed,
        }
        own = [_batch(items), _drawn(completions), *(kept_backend(name, self._open) for name in KEPT)]
        found = {one.item.id: _score(one) for one in collect(spec, own).judgments}
        return [found[item.id] for item in items]

    def close(self) -> None:
        """Release the models that stayed loaded."""
        self._open.close()


def scorer(reward: Reward, folder: Path, seed: int) -> "closing[JudgeScorer]":
    """A JudgeScorer that releases its models when the block ends."""
    return closing(JudgeScorer(reward, folder, seed))


def _item(number: int, prompt: Sequence[Mapping[str, str]]) -> Item:
    *before, last = prompt
    if last["role"] != "user":
        raise DataError(f"a prompt ends with a message of the {last['role']}", "prompts end with the user's message")
    context = tuple(Message(one["role"], one["content"]) for one in before)  # type: ignore[arg-type]
    return Item(id=str(number), turns=(last["content"],), context=context)


def _score(judged: Judged) -> float | None:
    match judged.verdict:
        case Score((value,)):
            return value
        case Miss():
            return None
    raise ConfigError(
        f"judge '{judged.judge}' compares responses, and gives one by itself no reward",
        "take one that scores: expected-score, rating, additive, reward-model",
    )


def _kept(entry: Entry) -> Entry:
    """The entry with the backend that stays open, where it is one of those."""
    if isinstance(entry, str):
        backend, colon, model = entry.partition(":")
        return f"{KEPT[backend]}{colon}{model}" if backend in KEPT else entry
    backend = entry.get("backend", "")
    return {**entry, "backend": KEPT[backend]} if backend in KEPT else entry


def _batch(items: Sequence[Item]) -> type[Benchmark]:
    @dataclass(frozen=True)
    class Drawn(Benchmark):
        """The prompts of one batch, each response judged by itself."""

        name = BATCHES
        summary = "the prompts of one batch of RL"
        order = "seeded"

        def items(self) -> Sequence[Item]:
            return items

        def matches(self, policies: Sequence[str]) -> Sequence[Match]:
            return [Match(policy, alone=True) for policy in policies]

    return Drawn


def _drawn(completions: Sequence[str]) -> type[Policy]:
    @dataclass(frozen=True)
    class Drawn(Policy):
        """What was drawn from the model that is trained."""

        name = DRAWN
        summary = "the responses of one batch of RL"

        def fingerprint(self) -> Mapping[str, str]:
            return {"sha256": hashlib.sha256(json.dumps(list(completions)).encode()).hexdigest()}

        def needs(self) -> tuple[type, ...]:
            return ()

        async def respond(self, item: Item, ask: Ask) -> Response:
            return Response((completions[int(item.id)],), self.name, (None,))

    return Drawn
