"""What a run would ask: calls, tokens and cost, by walking through every job without a model."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from judgebench.core.errors import VerdictError
from judgebench.core.item import Item, Response, Sample
from judgebench.core.request import Chat, Completion, Request, Reward, SequenceScore, Text, Usage
from judgebench.engine.ask import cost_of
from judgebench.engine.entrant import Entrant, Model
from judgebench.engine.execute import Selected, left_to_answer, left_to_judge, responses
from judgebench.engine.plan import TrialKey
from judgebench.plugin.as_asked import as_asked
from judgebench.plugin.kinds import Judge, Policy
from judgebench.store.digest import digest
from judgebench.store.manifest import Planned
from judgebench.store.record import Content

CHARACTERS_A_TOKEN = 4
LONGEST_GUESS = 400
"""Tokens: an answer that is not there yet counts as long as its max_tokens, and at most this."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What one subject would still ask. Tokens are estimates, output tokens upper bounds."""

    subject: str
    work: str
    jobs: int
    calls: int
    input_tokens: int
    output_tokens: int
    cost: float | None


class _Counting:
    """An ask that only counts, and answers with text of a likely length.

    `bought` holds all of a run's calls: where it `keeps` completions, one that was counted before, whoever made it, is
    not counted again.
    """

    def __init__(self, models: Sequence[Model], bought: set[bytes], keeps: bool) -> None:
        self._models = {model.name: model for model in models}
        self._bought, self._keeps = bought, keeps
        self.about: tuple[str, int] = ("", 0)
        self.calls = self.input_tokens = self.output_tokens = 0
        self.cost: float | None = 0.0

    async def __call__(self, model: str, request: Request, draw: int = 0) -> Sample:
        shown = request.prompt if isinstance(request, Text) else "".join(m.content for m in request.messages)
        if isinstance(request, SequenceScore | Reward):
            shown += request.response
        written = request.sampling.max_tokens if isinstance(request, Chat | Text) else 1
        usage = Usage(-(-len(shown) // CHARACTERS_A_TOKEN), written)
        call = digest((model, type(request).__name__, as_asked(request), self.about, draw))
        if not self._keeps or call not in self._bought:
            self._bought.add(call)
            self.calls += 1
            self.input_tokens += usage.input_tokens
            self.output_tokens += usage.output_tokens
            cost = cost_of(self._models[model], usage)
            self.cost = None if cost is None or self.cost is None else self.cost + cost
        text = "word " * (min(written, LONGEST_GUESS) * CHARACTERS_A_TOKEN // 5)
        return Sample(model, Completion(text=text.strip(), usage=usage))


async def forecast(
    policies: Sequence[Entrant[Policy]],
    judges: Sequence[tuple[Entrant[Judge], tuple[Planned, ...]]],
    items: Sequence[Item],
    selected: Selected,
    seed: int,
    content: Content,
    keeps: bool = True,
) -> list[Forecast]:
    """One forecast per policy and judge, for what is not in the record yet.

    Where the run `keeps` completions, a call of two of them is the first one's.
    """
    guesses: dict[tuple[str, str], Response] = {}
    bought: set[bytes] = set()
    found = []
    for policy in policies:

        async def answer(item: Item, ask: _Counting, policy: Entrant[Policy] = policy) -> None:
            guesses[policy.subject.key, item.id] = _own(policy, await policy.component.respond(item, ask))

        found.append(await _walk(policy, "answers", left_to_answer(policy, items, content), answer, bought, keeps))
    keys = frozenset(policy.subject.key for policy in policies)
    for judge, plans in judges:

        async def ask_judge(key: Any, ask: _Counting, judge: Entrant[Judge] = judge) -> None:
            shown = responses(key, keys, content) or _guessed(key, keys, guesses, content)
            if shown is not None:
                await judge.component.sample(key.trial(shown), ask)

        left = tuple(left_to_judge(plans, selected, seed, content))
        found.append(await _walk(judge, "verdicts", left, ask_judge, bought, keeps))
    return found


def _own(policy: Entrant[Policy], guess: Response) -> Response:
    """A guess that is no other policy's, and as long: else a judge's calls about the two would count as one."""
    if not policy.models:
        return guess
    name = policy.subject.name
    return replace(guess, turns=tuple(name + turn[len(name) :] for turn in guess.turns))


def _guessed(
    key: TrialKey, policies: frozenset[str], guesses: Mapping[tuple[str, str], Response], content: Content
) -> tuple[Response, ...] | None:
    """The responses of a trial, guessed where they are not there yet; None where nothing can be guessed either."""
    shown: list[Response | None] = []
    for slot in key.slots:
        line = content.answers.get((slot, key.item.id))
        there = None if line is None else line.response
        shown.append((there or guesses.get((slot, key.item.id))) if slot in policies else key.item.baseline)
    found = tuple(response for response in shown if response is not None)
    return found if len(found) == len(shown) else None


async def _walk(
    entrant: Entrant[Any],
    work: str,
    jobs: Iterable[Item | TrialKey],
    do: Callable[[Any, _Counting], Awaitable[None]],
    bought: set[bytes],
    keeps: bool,
) -> Forecast:
    ask = _Counting(entrant.models, bought, keeps)
    number = 0
    for job in jobs:
        number += 1
        ask.about = (job.id, 0) if isinstance(job, Item) else (job.item.id, job.repeat)
        try:
            await do(job, ask)
        except (LookupError, VerdictError):
            continue  # a policy without an answer to this item, a judge that finds nothing to ask
    cost = ask.cost if entrant.models else 0.0
    return Forecast(entrant.subject.name, work, number, ask.calls, ask.input_tokens, ask.output_tokens, cost)
