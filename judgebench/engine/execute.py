"""Execution: policies answer, judges judge; every outcome is on disk before it counts as done."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from judgebench.core.errors import RequestError, TransientError, VerdictError
from judgebench.core.events import Event, JobDone, RunFinished, RunStarted, StageStarted
from judgebench.core.item import Item, Miss, Part, Preference, Response, Sample, Score, Verdict
from judgebench.engine.ask import Door, Stopped
from judgebench.engine.entrant import Entrant
from judgebench.engine.guard import Collecting, blaming, check_unchanged, checked, checked_parts
from judgebench.engine.plan import TrialKey, trials
from judgebench.plugin.kinds import Judge, Policy
from judgebench.store.commit import GroupCommit
from judgebench.store.lines import AnswerLine, Line, TrialName, VerdictLine
from judgebench.store.manifest import Planned
from judgebench.store.record import Content, Record

J = TypeVar("J")
Selected = Mapping[str, Sequence[Item]]
"""The items of each selection, by its name."""
LANES_WITHOUT_MODEL = 64


def left_to_answer(policy: Entrant[Policy], items: Sequence[Item], content: Content) -> tuple[Item, ...]:
    """The items that this policy has not answered yet."""
    key = policy.subject.key
    return tuple(item for item in items if (line := content.answers.get((key, item.id))) is None or not line.final)


def left_to_judge(plans: Iterable[Planned], selected: Selected, seed: int, content: Content) -> Iterator[TrialKey]:
    """The trials of these plans that have no final line in the record, whether or not they can be judged yet."""
    for plan in plans:
        for key in trials(plan, selected, seed):
            if (line := content.verdicts.get(key.record)) is None or not line.final:
                yield key


def responses(key: TrialKey, policies: frozenset[str], content: Content) -> tuple[Response, ...] | None:
    """The responses of a trial in slot order; None while one of its policies has given none."""
    item = key.item
    if key.slots[0] not in policies:
        return item.responses
    shown = [item.baseline if slot not in policies else _answer(slot, item, content) for slot in key.slots]
    found = tuple(response for response in shown if response is not None)
    return found if len(found) == len(shown) else None


def _answer(policy: str, item: Item, content: Content) -> Response | None:
    line = content.answers.get((policy, item.id))
    return None if line is None else line.response


class Runner:
    """Carries out the stages of one run over an open record and door."""

    def __init__(self, record: Record, door: Door, emit: Callable[[Event], None]) -> None:
        self._record, self._door, self._emit = record, door, emit
        self._commit: GroupCommit[Line] = GroupCommit(record.append)
        self._tried: set[TrialName] = set()

    async def run(
        self,
        policies: Sequence[Entrant[Policy]],
        judges: Sequence[tuple[Entrant[Judge], tuple[Planned, ...]]],
        items: Sequence[Item],
        selected: Selected,
        seed: int,
    ) -> None:
        """Everything that is left to do. Any error but a miss ends the run, with all that was done on disk.

        A judge that asks the very model of a policy has its turn while that is open, on what can be judged then: a
        checkpoint that is policy and judge is loaded once.
        """
        content = self._record.content
        to_answer = [(policy, left_to_answer(policy, items, content)) for policy in policies]
        to_judge = [(judge, tuple(left_to_judge(plans, selected, seed, content))) for judge, plans in judges]
        left = sum(len(jobs) for _, jobs in to_answer) + sum(len(jobs) for _, jobs in to_judge)
        planned = len(policies) * len(items) + sum(
            1 for _, plans in judges for plan in plans for _ in trials(plan, selected, seed)
        )
        self._emit(RunStarted(planned, planned - left))
        complete = False
        keys = frozenset(policy.subject.key for policy in policies) | {key[0] for key in content.answers}
        try:
            for policy, jobs in to_answer:
                await self._stage(policy, "answers", jobs, self._answer)
                for judge, trial_keys in to_judge:
                    if jobs and self._door.holds(judge.models):
                        await self._judge_all(judge, trial_keys, keys)
            while to_judge:
                held = (one for one in to_judge if self._door.holds(one[0].models))
                to_judge.remove(turn := next(held, to_judge[0]))
                await self._judge_all(*turn, keys)
            complete = True
        finally:
            await self._commit.close()
            self._emit(RunFinished(complete))

    async def _judge_all(self, judge: Entrant[Judge], keys: Iterable[TrialKey], policies: frozenset[str]) -> None:
        """What of these trials has its responses by now, and no final verdict."""
        content = self._record.content
        ready = tuple(
            (key, shown)
            for key in keys
            if key.record not in self._tried
            and ((line := content.verdicts.get(key.record)) is None or not line.final)
            and (shown := responses(key, policies, content)) is not None
        )
        self._tried.update(key.record for key, _ in ready)
        await self._stage(judge, "verdicts", ready, self._judge)

    async def _stage(
        self,
        entrant: Entrant[Any],
        work: str,
        jobs: Sequence[J],
        do: Callable[[Entrant[Any], J], Awaitable[None]],
    ) -> None:
        if not jobs:
            return
        await self._door.open(entrant.models)
        await asyncio.to_thread(check_unchanged, entrant)
        self._emit(StageStarted(entrant.subject.name, work, len(jobs)))
        # twice the slots: while one job waits for its model, another is prepared or written
        lanes = 2 * max((model.backend.slots for model in entrant.models), default=LANES_WITHOUT_MODEL // 2)
        waiting = iter(jobs)
        errors: list[Exception] = []

        async def lane() -> None:
            for job in waiting:
                try:
                    await do(entrant, job)
                except Stopped:
                    return
                except Exception as error:  # what is in flight elsewhere was paid for: it is still written
                    self._door.stop()
                    errors.append(error)
                if self._door.stopped:
                    return

        tasks = [asyncio.create_task(lane()) for _ in range(min(lanes, len(jobs)))]
        try:
            await asyncio.gather(*tasks)
        finally:  # cancelled by Ctrl-C: nothing is waited for
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if errors:
            raise errors[0]

    async def _answer(self, entrant: Entrant[Policy], item: Item) -> None:
        ask = Collecting(self._door.at(item.id, 0))
        response, miss = None, None
        with blaming(entrant):
            try:
                response = await entrant.component.respond(item, ask)
            except LookupError as error:
                miss = Miss("answer", str(error.args[0] if error.args else "no response"))
            except (TransientError, RequestError) as error:
                miss = Miss("answer", error.message)
        line = AnswerLine(entrant.subject.key, item.id, response, tuple(ask.samples), miss)
        await self._write(entrant, item, line, miss)

    async def _judge(self, entrant: Entrant[Judge], job: tuple[TrialKey, tuple[Response, ...]]) -> None:
        key, shown = job
        trial = key.trial(shown)
        ask = Collecting(self._door.at(key.item.id, key.repeat))
        samples: tuple[Sample, ...] | None = None
        verdict: Verdict | None = None
        parts: tuple[Part, ...] = ()
        miss = None
        with blaming(entrant):
            try:
                samples = tuple(await entrant.component.sample(trial, ask))
                parts = checked_parts(entrant.component.parts(trial, samples), len(shown))
                verdict = checked(entrant.component.read(trial, samples), len(shown))
            except (TransientError, RequestError) as error:
                miss = Miss("ask", error.message)
            except VerdictError as error:
                miss = Miss("read", str(error))
        line = VerdictLine(
            judge=key.judge,
            item=key.item.id,
            slots=key.slots,
            order=key.order,
            repeat=key.repeat,
            turn=key.turn,
            samples=tuple(ask.samples) if samples is None else samples,
            preference=verdict if isinstance(verdict, Preference) else None,
            score=verdict if isinstance(verdict, Score) else None,
            miss=miss,
            parts=parts,
        )
        await self._write(entrant, key.item, line, miss)

    async def _write(self, entrant: Entrant[Any], item: Item, line: Line, miss: Miss | None) -> None:
        await self._commit.put(line)
        self._record.content.add(line)
        self._emit(JobDone(entrant.subject.name, item.id, miss))
