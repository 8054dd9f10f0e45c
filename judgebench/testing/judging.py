"""How checks show trials to a judge, and what of its verdicts they look at."""

from collections.abc import Sequence
from dataclasses import replace

from judgebench.core.errors import VerdictError
from judgebench.core.item import Preference, Response, Sample, Score, Trial, Verdict
from judgebench.core.request import Completion, Request
from judgebench.engine.guard import checked
from judgebench.plugin.kinds import Judge
from judgebench.testing.asking import Asking
from judgebench.testing.check import NotChecked, NotConforming
from judgebench.testing.examples import trials
from judgebench.testing.running import outcome
from judgebench.testing.subject import Given

Said = Verdict | str
"""A verdict, or why there is none."""


class Saying:
    """A session that says these completions in turn, whatever it is asked."""

    def __init__(self, said: Sequence[Completion]) -> None:
        self.said = said
        self.number = 0

    async def complete(self, request: Request) -> Completion:
        """The next of them."""
        self.number += 1
        return self.said[(self.number - 1) % len(self.said)]


def asking(
    given: Given, reply: str | None = None, fails: dict[int, BaseException] | None = None, waits: Sequence[int] = ()
) -> Asking:
    """An `ask` that answers with the given replies, or with one of them alone."""
    return Asking(replies=given.replies if reply is None else (reply,), fails=fails, waits=waits)


def shown_to(judge: Judge, given: Given) -> list[Trial]:
    """Of as many responses as it takes, two where it can."""
    least, most = judge.responses
    return trials(min(max(2, least), most), given.items)


async def sampling(judge: Judge, trial: Trial, ask: Asking) -> Sequence[Sample]:
    """`sample`, as a coroutine whatever it is."""
    return await judge.sample(trial, ask)


def sampled(judge: Judge, trial: Trial, ask: Asking) -> tuple[Sample, ...] | None:
    """The samples; None where the text of one step leaves nothing to ask in the next, which is a miss."""
    try:
        return tuple(outcome(sampling(judge, trial, ask)))
    except VerdictError:
        return None


def read(judge: Judge, trial: Trial, samples: Sequence[Sample]) -> Said:
    """What it reads of the samples."""
    try:
        return judge.read(trial, samples)
    except VerdictError as error:
        return f"no verdict: {error}"


def judged(judge: Judge, trial: Trial, ask: Asking) -> tuple[tuple[Sample, ...], Said]:
    """Its samples of the trial, and what it reads of them."""
    samples = sampled(judge, trial, ask)
    return ((), "no verdict: nothing to read") if samples is None else (samples, read(judge, trial, samples))


def well_formed(said: Verdict, responses: int) -> None:
    """NotConforming unless it is a verdict on so many responses, whose probabilities sum to 1 within 1e-9."""
    try:
        checked(said, responses)
    except (TypeError, ValueError) as error:
        raise NotConforming(str(error), "a Preference or a Score with one finite number a response") from None
    if isinstance(said, Preference) and abs(sum(said.probs) - 1.0) > 1e-9:
        raise NotConforming(f"{said} sums to {sum(said.probs)!r}", "probabilities that sum to 1 within 1e-9")
    if not isinstance(said, Preference | Score) or not all(isinstance(one, float | int) for one in _numbers(said)):
        raise NotConforming(f"{said!r}", "plain numbers")


def _numbers(said: Verdict) -> tuple[float, ...]:
    return said.probs if isinstance(said, Preference) else said.values


def turned(trial: Trial) -> Trial:
    """The trial as if its responses were those of the other slots: the texts stand where they stood."""
    return replace(trial, order=trial.order[::-1])


def renamed(trial: Trial) -> Trial:
    """The trial as if others had written its responses."""

    def other(response: Response, number: int) -> Response:
        return replace(response, author=f"renamed-{number}")

    shown = tuple(other(response, k) for k, response in enumerate(trial.responses))
    ready = tuple(other(response, k) for k, response in enumerate(trial.item.responses))
    return replace(trial, responses=shown, item=replace(trial.item, responses=ready))


def unknown(trial: Trial) -> Trial:
    """The trial as if the other response were the right one, and nobody had rated or voted."""
    gold = trial.item.gold
    other = Preference((0.0, 1.0)) if gold is None else replace(gold, probs=gold.probs[::-1])
    return replace(trial, item=replace(trial.item, gold=other, ratings=(), votes=()))


def first_and_last(judge: Judge, trial: Trial, given: Given) -> list[int]:
    """Numbers of the calls to try; NotChecked where it asks nobody."""
    ask = asking(given)
    sampled(judge, trial, ask)
    if not ask.asked:
        raise NotChecked("it asks nobody")
    return sorted({1, len(ask.asked)})
