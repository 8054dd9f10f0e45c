"""Recordings: what a run's subjects answered and said, as nouns, for programs that make something of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from judgebench.core.errors import RecordError
from judgebench.core.item import Answered, Item, Judged, Miss, Response, Sample, Trial
from judgebench.core.request import Request
from judgebench.engine.blocking import blocking
from judgebench.engine.plan import TrialKey, trials
from judgebench.engine.prepare import Plan
from judgebench.plugin.kinds import Judge
from judgebench.store.lines import VerdictLine
from judgebench.store.manifest import Planned
from judgebench.store.record import Content

NOT_ASKED = Miss("ask", "not asked")


@dataclass(frozen=True, slots=True)
class Recording:
    """A run that was carried out: its items in the benchmark's ranked order, and what was said of them in that order.

    `answers` are those of the run's policies, policy by policy; `judgments` those of its judges, judge by judge. What
    earlier runs of the folder recorded of other subjects is left out. A call that failed is a Miss, as in the record.
    """

    items: tuple[Item, ...]
    answers: tuple[Answered, ...]
    judgments: tuple[Judged, ...]
    judges: Mapping[str, Judge]

    def asked(self, judged: Judged) -> tuple[tuple[Request, Sample], ...]:
        """What a judge's models were asked for one judgment, each with the sample that came: nothing is asked again.

        The judge is led through its protocol once more, with the recorded samples as answers. RecordError where it does
        not ask as it did: the judge changed since, or it asks in no fixed order.
        """
        trial = _trial(judged)
        waiting = list(judged.samples)
        found: list[tuple[Request, Sample]] = []

        async def ask(model: str, request: Request, draw: int = 0) -> Sample:
            if not waiting:
                raise _unlike(judged)
            sample = waiting.pop(0)
            found.append((request, sample))
            return sample

        async def again() -> None:
            said = tuple(await self.judges[judged.judge].sample(trial, ask))
            if said != judged.samples:
                raise _unlike(judged)

        blocking(again())
        return tuple(found)


def _unlike(judged: Judged) -> RecordError:
    return RecordError(
        f"judge '{judged.judge}' asks otherwise about item '{judged.item.id}' than it is recorded",
        "was the record made by another version of the judge?",
    )


def _trial(judged: Judged) -> Trial:
    """The trial that a judgment is about."""
    if judged.policy is None:
        there: tuple[Response | None, ...] = judged.item.responses
    else:
        there = (judged.response, *(() if judged.alone else (judged.against or judged.item.baseline,)))
    shown = (there[k] for k in judged.order)
    return Trial(
        judged.item.first_turns(judged.turn),
        tuple(one.first_turns(judged.turn) for one in shown if one is not None),
        judged.order,
        judged.repeat,
    )


def recording(planned: Plan, content: Content) -> Recording:
    """What a record says of a plan's own subjects."""
    setup = planned.setup
    answers = (
        Answered(item, policy.subject.name, said.response or said.miss or NOT_ASKED, said.samples)
        for policy in setup.policies
        for item in planned.items
        if (said := content.answers.get((policy.subject.key, item.id))) is not None
    )
    names = {policy.subject.key: policy.subject.name for policy in setup.policies}
    judges = {judge.subject.key: judge for judge, _ in planned.judges}
    judged = (
        _judged(key, plan, judges[plan.judge].subject.name, names, line, content)
        for _, plans in planned.judges
        for plan in plans
        for key in trials(plan, planned.selected, setup.spec.seed)
        if (line := content.verdicts.get(key.record)) is not None
    )
    components = {judge.subject.name: judge.component for judge in judges.values()}
    return Recording(planned.items, tuple(answers), tuple(judged), components)


def _judged(
    key: TrialKey, plan: Planned, judge: str, names: Mapping[str, str], line: VerdictLine, content: Content
) -> Judged:
    def answer(policy: str | None) -> Response | None:
        found = None if policy is None else content.answers.get((policy, key.item.id))
        return None if found is None else found.response

    return Judged(
        item=key.item,
        judge=judge,
        verdict=line.verdict or line.miss or NOT_ASKED,
        policy=None if plan.policy is None else names.get(plan.policy, plan.policy),
        response=answer(plan.policy),
        order=key.order,
        repeat=key.repeat,
        samples=line.samples,
        opponent=None if plan.opponent is None else names.get(plan.opponent, plan.opponent),
        against=answer(plan.opponent),
        alone=plan.alone,
        turn=key.turn,
        parts=line.parts,
    )
